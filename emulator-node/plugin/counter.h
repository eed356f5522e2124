/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Count mode: counters only, in the format of docs/trace-format.md, codec 2.
 *
 * The open batch in the ring is the table of counters itself, so a killed process loses no count. The callbacks are
 * QEMU's; they run on the vCPU's thread.
 */
#ifndef TRACEFLEET_COUNTER_H
#define TRACEFLEET_COUNTER_H

#include "classify.h"
#include "vcpu.h"

struct counter *counter_new(void);
void counter_begin_batch(struct vcpu *v);
/* Settles how far the running block got; to be called before a batch ends between two blocks. */
void counter_end_batch(struct vcpu *v);
/* In a forked child: the running block and the open batch were the parent's. */
void counter_begin_process(struct vcpu *v);

void count_block_user(unsigned int vcpu_index, void *block);
void count_block_system(unsigned int vcpu_index, void *block);
void count_access_user(unsigned int vcpu_index, qemu_plugin_meminfo_t info, uint64_t vaddr, void *insn);
void count_access_system(unsigned int vcpu_index, qemu_plugin_meminfo_t info, uint64_t vaddr, void *insn);
/* Virtual pages may be other physical pages from now on. */
void count_mapping_change(struct vcpu *v, enum insn_mapping how);
void count_syscall(struct vcpu *v, bool is_return, int64_t number, int64_t value);

#endif
