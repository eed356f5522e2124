/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * User mode: which file the guest's code comes from. QEMU maps the guest's files into its own process, so /proc/self/maps
 * names file and offset of any host address: for static, dynamic and position-independent programs, for what dlopen
 * loads, and nothing for code that a JIT wrote.
 */
#ifndef TRACEFLEET_IMAGE_H
#define TRACEFLEET_IMAGE_H

#include <stdbool.h>
#include <stdint.h>

#define IMAGE_MOST_PATH 1023u

/* A range of this process's memory. Without a path it is anonymous, or its path is too long. */
struct image_range {
    uint64_t begin, end; /* host addresses */
    uint64_t offset;     /* of begin in the file, bytes */
    char path[IMAGE_MOST_PATH + 1]; /* as in /proc/self/maps */
    bool told;           /* in the open batch; the caller's */
};

/* The range that holds this host address, or NULL. What it points to lives until the next call. One thread at a time. */
struct image_range *image_find(uint64_t host);
/* Nothing is told any more: a batch begins. The same thread rule. */
void image_untell(void);
/* The guest may have mapped something: what is known is asked anew. Any thread. */
void image_mappings_changed(void);

#endif
