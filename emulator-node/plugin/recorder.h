/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What the two modes have in common: a recorder fills a vCPU's batches. Full mode: encoder.c; count mode: counter.c. */
#ifndef TRACEFLEET_RECORDER_H
#define TRACEFLEET_RECORDER_H

#include "classify.h"
#include "vcpu.h"

struct recorder {
    enum ring_codec codec;
    /* Of a vCPU's state: struct vcpu with the recorder's own behind it. */
    size_t size;
    /* The recorder's own part is all zero, and to be used. */
    void (*begin_vcpu)(struct vcpu *v);
    /* Forgets all predictions and places, and turns to the vCPU's new buffer. */
    void (*begin_batch)(struct vcpu *v);
    /* Settles how far the running block got; before a batch ends between two blocks. */
    void (*end_batch)(struct vcpu *v);
    /* In a forked child: the running block and the open batch were the parent's. */
    void (*begin_process)(struct vcpu *v);
    /* Virtual pages may be other physical pages from now on. */
    void (*mapping_change)(struct vcpu *v, enum insn_mapping how);
    void (*syscall)(struct vcpu *v, bool is_return, int64_t number, int64_t value);
    /* QEMU's callbacks for blocks (struct block) and accesses (struct insn), in user mode and in system emulation. */
    qemu_plugin_vcpu_udata_cb_t block[2];
    qemu_plugin_vcpu_mem_cb_t access[2];
    qemu_plugin_vcpu_udata_cb_t block_only; /* for blocks, when accesses are not wanted */
};

extern const struct recorder encoder HIDDEN;
extern const struct recorder counter HIDDEN;
/* The one in use. It changes while no vCPU executes (window.c). */
extern const struct recorder *recorder HIDDEN;

#endif
