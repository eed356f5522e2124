/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * One vCPU index: its slot in the ring and the recorder that fills it.
 *
 * Everything here belongs to the thread that runs the vCPU. In user mode an index passes to a new thread only after the
 * old one has exited.
 */
#ifndef TRACEFLEET_VCPU_H
#define TRACEFLEET_VCPU_H

#include "block.h"
#include "ring.h"
#include "writer.h"

/* The head of a struct encoder or a struct counter, by the recorder in use. */
struct recorder;

struct vcpu {
    struct ring_slot *slot;
    uint32_t index;
    uint32_t flush_epoch; /* of the ring when the open batch began; differs when the batch should end */
    uint8_t *scrap;          /* columns of a batch that will be dropped; allocated when first needed */
    uint64_t skipped;        /* instructions that passed before tracing began (attach-after) */
    uint32_t outside;        /* atomic: 1 while a callback outside translated code is at it, which no exclusive section stops */
    uint32_t in_syscall;     /* atomic: 1 while QEMU makes a system call for the guest; see knock.h */
    int32_t thread;          /* atomic: kernel's id of the thread that runs it, where known, or 0 */
    uint32_t phase;          /* of the recorder for which the rest was made ready */
    /* choose.c: */
    bool wanted;             /* the wish in force has this vCPU in it */
    bool inside;             /* the running block is inside a window; only while there are windows or a vCPU filter */
    uint64_t until;          /* number of the instruction at which inside may change */
    const struct block *passed; /* the last block outside the windows */
    uint64_t passed_before;  /* slot->passed_instructions when it began */
};

extern struct vcpu *vcpus[VCPU_SLOTS] HIDDEN;

/* The vCPU's state, made at its first use. Ends the process when the index is beyond VCPU_SLOTS. */
struct vcpu *vcpu_enter(uint32_t index);
/* Everything that enters a vCPU or changes the recorder holds this lock; vcpu_enter takes it itself. */
void vcpus_lock(void);
void vcpus_unlock(void);
/*
 * Callbacks outside translated code run beside everything else. Until vcpus_release, those that would begin wait; and those that have begun
 * have ended when this returns, or others were let go first so many times. Nests; with vcpus_lock or the tally's lock, which no fork passes.
 */
void vcpus_hold(uint64_t most_yields);
void vcpus_release(void);
bool vcpus_are_held(void);
/*
 * Ends all open batches and changes the recorder: only while no vCPU executes, and callbacks outside translated code are held
 * (vcpus_hold). The caller holds the lock.
 */
void vcpus_change(const struct recorder *next);
/* Ends the open batch and, unless idle, begins another one. */
void vcpu_rotate(struct vcpu *v);
/* Ends the open batch and leaves the vCPU without one. */
void vcpu_seal(struct vcpu *v);
/* Begins a batch if none is open. */
void vcpu_open(struct vcpu *v);
/* Makes the vCPU's next block end the batch: a column is nearly full. */
static inline void vcpu_end_soon(struct vcpu *v) { v->flush_epoch = writer_flush_epoch() - 1; }
/* The start of the open batch's buffer or scrap. */
uint8_t *vcpu_buffer(struct vcpu *v);

static inline bool vcpu_has_batch(const struct vcpu *v) {
    return v->slot->buffer != RING_NO_BUFFER || v->slot->flags & SLOT_FLAG_SCRAP;
}

/* Progress and size of the running block change together, so that a killed process never shows one without the other. */
static inline void vcpu_set_running(struct ring_slot *slot, uint64_t entry) {
    __atomic_store_n((uint64_t *)(void *)&slot->progress, entry, __ATOMIC_RELAXED);
}

#endif
