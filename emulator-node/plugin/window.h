/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What is traced when within a run: attach-after, detach-after, and what the node asks for in the ring's control word and
 * control block.
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
/* Does what the node asks for, if it asks for anything. On a vCPU's thread, which holds no lock of QEMU's plugins. */
void window_obey(void);
/* What is traced now; changes while no vCPU executes. */
enum ring_mode window_mode(void);
/* True while vCPUs' events are to be recorded. */
bool window_is_recording(void);
/* The guest ends this process now: nothing is changed any more. */
void window_end_process(void);
/* In a forked child: what other threads of the parent were at is not going on here. */
void window_begin_process(void);
/* QEMU has flushed its translated code, with all vCPUs stopped: definitions are not used any more. */
void window_code_is_gone(void);
/*
 * The translated code has outgrown the memory that definitions may take, for example: translate afresh. False if a change is under way
 * already, perhaps on another vCPU; otherwise it happens before this thread executes more than the block it is in.
 */
bool window_reinstrument(void);
/* True while blocks only pass, untraced. */
bool window_is_skipping(void);
/* True once the plugin is uninstalled: late callbacks outside translated code must change nothing. */
bool window_is_over(void);
void window_skip_block(unsigned int vcpu_index, void *block);

#endif
