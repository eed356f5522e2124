/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The plugin's arguments, name=value each. */
#ifndef TRACEFLEET_OPTIONS_H
#define TRACEFLEET_OPTIONS_H

#include <stdbool.h>
#include <stdint.h>

#include "ring.h"

struct options {
    const char *ring_dir;       /* where rings and the doorbell are; required */
    uint8_t run_id[16];         /* of the first process; required */
    enum ring_mode mode;        /* to begin with; default full */
    bool count_accesses;        /* count=all (default) or count=blocks */
    bool count_in_line;         /* counters=inline (default, where it can be) or counters=callbacks */
    enum ring_when_full when_full; /* default block */
    uint32_t ring_buffers;      /* batches of buffer memory for all vCPUs together; each vCPU adds one. Default 32 */
    bool disassemble;           /* disas, default on */
    bool inline_totals;         /* inline, default off: totals from inline operations, to check the callbacks with */
    bool discard;               /* default off: throw every batch away in the plugin, to measure what encoding costs */
    uint64_t attach_after;      /* instructions to let pass before tracing, default 0 */
    uint64_t detach_after;      /* instructions to trace before uninstalling, default 0: never */
    uint32_t node_timeout;      /* seconds that a vCPU waits for a node that shows no life, default 60 */
};

/* Prints one line to stderr and returns false if an argument is unknown, malformed or missing. */
bool options_parse(struct options *options, int argc, char **argv);

#endif
