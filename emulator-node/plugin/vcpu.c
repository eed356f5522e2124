/* SPDX-License-Identifier: GPL-2.0-or-later */
#define _GNU_SOURCE
#include "vcpu.h"

#include <pthread.h>
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>

#include "choose.h"
#include "control.h"
#include "detail.h"
#include "process.h"
#include "recorder.h"
#include "window.h"

struct vcpu *vcpus[VCPU_SLOTS];
const struct recorder *recorder;

static pthread_mutex_t entering = PTHREAD_MUTEX_INITIALIZER;
static uint32_t held; /* atomic */
static uint32_t phase = 1; /* changes with the recorder */

void vcpus_lock(void) { pthread_mutex_lock(&entering); }

void vcpus_unlock(void) { pthread_mutex_unlock(&entering); }

void vcpus_hold(uint64_t most_yields) {
    uint64_t yields = 0;
    __atomic_add_fetch(&held, 1, __ATOMIC_SEQ_CST);
    for (uint32_t i = 0; i < VCPU_SLOTS; i++)
        while (vcpus[i] && __atomic_load_n(&vcpus[i]->outside, __ATOMIC_SEQ_CST) && yields++ < most_yields) sched_yield();
}

void vcpus_release(void) { __atomic_sub_fetch(&held, 1, __ATOMIC_SEQ_CST); }

bool vcpus_are_held(void) { return __atomic_load_n(&held, __ATOMIC_SEQ_CST); }

/* Room for either recorder. */
static size_t vcpu_size(void) { return encoder.size > counter.size ? encoder.size : counter.size; }

static struct vcpu *new_vcpu(uint32_t index) {
    struct vcpu *v = mmap(NULL, vcpu_size(), PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
    if (v == MAP_FAILED) {
        fprintf(stderr, "tracefleet: out of memory for vCPU %u (%zu bytes)\n", index, vcpu_size());
        abort();
    }
    v->index = index;
    return v;
}

/* Makes the recorder's part ready for the recorder in use. */
static void adopt(struct vcpu *v) {
    if (v->phase == phase) return;
    uint8_t *begin = (uint8_t *)(v + 1), *page = (uint8_t *)v + 4096, *end = (uint8_t *)v + vcpu_size();
    if (v->phase) {
        memset(begin, 0, (size_t)(page - begin));
        if (madvise(page, (size_t)(end - page), MADV_DONTNEED)) memset(page, 0, (size_t)(end - page));
    }
    recorder->begin_vcpu(v);
    /* What is not traced may change mappings unseen. */
    if (writer.header->system_emulation && (control_in_force.range_count || choose_is_on())) recorder->mapping_change(v, MAPPING_UNTRACKABLE);
    v->phase = phase;
}

void vcpus_change(const struct recorder *next) {
    for (uint32_t i = 0; i < VCPU_SLOTS; i++) {
        struct vcpu *v = vcpus[i];
        if (!v || !v->slot) continue;
        if (vcpu_has_batch(v)) {
            recorder->end_batch(v);
            vcpu_seal(v);
        }
        v->slot->changed_at = v->slot->executed_instructions;
        v->slot->changed_passed = v->slot->passed_instructions;
    }
    recorder = next;
    phase++;
    for (uint32_t i = 0; i < VCPU_SLOTS; i++) {
        struct vcpu *v = vcpus[i];
        if (!v || !v->slot) continue;
        adopt(v);
        choose_begin(v);
        v->slot->codec = recorder->codec;
    }
}

static struct vcpu *enter(uint32_t index) {
    if (index >= VCPU_SLOTS) {
        fprintf(stderr, "tracefleet: vCPU %u: more than %u vCPUs or threads at once cannot be traced\n", index, VCPU_SLOTS);
        abort();
    }
    struct vcpu *v = vcpus[index];
    if (!v) v = new_vcpu(index);
    adopt(v);
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
    choose_begin(v);
    vcpu_end_soon(v); /* the first event opens the first batch */
    __atomic_store_n(&vcpus[index], v, __ATOMIC_RELEASE);
    return v;
}

struct vcpu *vcpu_enter(uint32_t index) {
    vcpus_lock();
    struct vcpu *v = enter(index);
    vcpus_unlock();
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
