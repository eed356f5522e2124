/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * When tracing begins and ends within a run: attach-after, detach-after, and what the node asks for in the ring's control word.
 *
 * The limits are looked at when a batch ends, so a few batches more than asked for may be traced; what is traced is exact.
 */
#ifndef TRACEFLEET_WINDOW_H
#define TRACEFLEET_WINDOW_H

#include "vcpu.h"

struct qemu_plugin_tb;

/* Registers the plugin's callbacks, for the phase that the options begin with. */
void window_begin(const struct options *options);
/* Whenever a batch has ended. */
void window_check(struct vcpu *v);
/* The same where no vCPU's batches tell it: the code counts in line. */
void window_check_control(void);
/* QEMU has flushed its translated code, with all vCPUs stopped: definitions are not used any more. */
void window_code_is_gone(void);
/* The translated code has outgrown the memory that definitions may take: translate afresh. */
void window_reinstrument(void);
/* True while blocks only pass, untraced. */
bool window_is_skipping(void);
/* True once the plugin is uninstalled: late callbacks outside translated code must change nothing. */
bool window_is_over(void);
void window_skip_block(unsigned int vcpu_index, void *block);

#endif
