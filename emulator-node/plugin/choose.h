/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * vCPU filters and windows: which of a vCPU's blocks are recorded. Only while a wish has such are these callbacks registered
 * in place of the recorder's own; so nobody else pays for it.
 *
 * A block is inside a window if its first instruction is, and then all of it counts. A vCPU's instructions are numbered from 0
 * as they were recorded or passed over; what was executed while nothing of the vCPU was to be traced has no number.
 */
#ifndef TRACEFLEET_CHOOSE_H
#define TRACEFLEET_CHOOSE_H

#include "vcpu.h"

struct choices {
    /* As in struct recorder: in user mode and in system emulation. */
    qemu_plugin_vcpu_udata_cb_t block[2];
    qemu_plugin_vcpu_mem_cb_t access[2];
    qemu_plugin_vcpu_udata_cb_t block_only;
    qemu_plugin_vcpu_udata_cb_t progress;
};

extern const struct choices choices HIDDEN;

/* Whether the wish in force has a vCPU filter or windows. */
bool choose_is_on(void);
/* The wish in force or the vCPU is new. */
void choose_begin(struct vcpu *v);
/* Whether events outside blocks are to be recorded of this vCPU. */
bool choose_vcpu(const struct vcpu *v);

#endif
