/* SPDX-License-Identifier: GPL-2.0-or-later */
#define _GNU_SOURCE
#include "vcpu.h"

#include <stdio.h>
#include <stdlib.h>
#include <sys/mman.h>

#include "detail.h"
#include "process.h"
#include "recorder.h"
#include "window.h"

struct vcpu *vcpus[VCPU_SLOTS];
const struct recorder *recorder;

struct vcpu *vcpu_enter(uint32_t index) {
    if (index >= VCPU_SLOTS) {
        fprintf(stderr, "tracefleet: vCPU %u: more than %u vCPUs or threads at once cannot be traced\n", index, VCPU_SLOTS);
        abort();
    }
    struct vcpu *v = vcpus[index];
    if (!v) {
        v = recorder->new_vcpu();
        v->index = index;
    }
    struct ring_slot *s = writer_enter_slot(index);
    if (s->state != SLOT_LIVE) {
        if (s->state == SLOT_UNUSED) {
            writer_admit_vcpu();
            s->buffer = RING_NO_BUFFER;
        } else {
            s->generation++;
        }
        s->vcpu = index;
        s->codec = recorder->codec;
        s->flags = writer.header->system_emulation ? SLOT_FLAG_SYSTEM : 0;
        process_thread_began();
        __atomic_store_n(&s->state, SLOT_LIVE, __ATOMIC_RELEASE);
    }
    v->slot = s;
    vcpu_end_soon(v); /* the first event opens the first batch */
    __atomic_store_n(&vcpus[index], v, __ATOMIC_RELEASE);
    return v;
}

uint8_t *vcpu_buffer(struct vcpu *v) {
    return v->slot->flags & SLOT_FLAG_SCRAP ? v->scrap : writer_buffer(v->slot->buffer);
}

static void allocate_scrap(struct vcpu *v) {
    void *p = mmap(NULL, writer.header->buffer_size, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANON, -1, 0);
    if (p == MAP_FAILED) {
        fprintf(stderr, "tracefleet: out of memory for vCPU %u\n", v->index);
        abort();
    }
    v->scrap = p;
}

void vcpu_open(struct vcpu *v) {
    if (vcpu_has_batch(v)) return;
    if (!writer_acquire(v->slot, v->index) && !v->scrap) allocate_scrap(v);
    v->slot->first_instruction += v->skipped;
    v->flush_epoch = writer_flush_epoch();
    recorder->begin_batch(v);
}

void vcpu_seal(struct vcpu *v) {
    writer_seal(v->slot);
    vcpu_end_soon(v);
}

void vcpu_rotate(struct vcpu *v) {
    writer_seal(v->slot);
    detail_flush();
    window_check(v);
    vcpu_open(v);
}
