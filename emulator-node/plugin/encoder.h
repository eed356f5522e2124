/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Full mode: every dispatched block and every memory access, in the format of docs/trace-format.md, codec 1.
 *
 * The callbacks are QEMU's; they run on the vCPU's thread. Memory: 2 MiB per vCPU, whatever the guest does: a
 * full table evicts a block (which is then defined again) or ends the batch.
 */
#ifndef TRACEFLEET_ENCODER_H
#define TRACEFLEET_ENCODER_H

#include "classify.h"
#include "vcpu.h"

struct encoder *encoder_new(void);
/* Forgets all predictions and points the encoder at the vCPU's new buffer. */
void encoder_begin_batch(struct vcpu *v);
/* Settles how far the running block got; to be called before a batch ends between two blocks. */
void encoder_end_batch(struct vcpu *v);
/* In a forked child: the running block and the open batch were the parent's. */
void encoder_begin_process(struct vcpu *v);

void encode_block_user(unsigned int vcpu_index, void *block);
void encode_block_system(unsigned int vcpu_index, void *block);
void encode_access_user(unsigned int vcpu_index, qemu_plugin_meminfo_t info, uint64_t vaddr, void *insn);
void encode_access_system(unsigned int vcpu_index, qemu_plugin_meminfo_t info, uint64_t vaddr, void *insn);
/* Virtual pages may be other physical pages from now on. */
void encode_mapping_change(struct vcpu *v, enum insn_mapping how);
void encode_syscall(struct vcpu *v, bool is_return, int64_t number, int64_t value);

#endif
