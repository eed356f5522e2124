/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The plugin's side of the ring: makes the file, hands buffers to vCPUs, seals batches, rings the doorbell.
 *
 * One ring per process. writer_open and writer_reopen_in_child run on one thread; the others on any vCPU's thread, each
 * with a slot that only it writes.
 */
#ifndef TRACEFLEET_WRITER_H
#define TRACEFLEET_WRITER_H

#include <stdbool.h>
#include <stdint.h>

#include "options.h"
#include "qemu-abi.h"
#include "ring.h"

/* More threads at once than this end the guest with one line. */
#define VCPU_SLOTS 4096u

struct writer {
    struct ring_header *header;
    struct doorbell *doorbell;
    uint8_t *map;
    const struct options *options;
    bool discard; /* batches go nowhere: asked for, or a forked child found no memory for a ring */
};
extern struct writer writer HIDDEN;

/* false after one line on stderr. */
bool writer_open(const struct options *options, const qemu_info_t *info);
/*
 * In the child of a fork: a new ring with a run id of its own; the parent's is unmapped. Where there is no room for it, the
 * child goes on untraced, after one line on stderr.
 */
void writer_reopen_in_child(void);

/* Memory behind a part of the ring, or false where the file system has none. */
bool writer_populate(void *at, size_t size);
struct tally *writer_tally(void);
struct tally_vcpu *writer_tally_vcpu(uint32_t place);
struct ring_slot *writer_slot(uint32_t index);
uint8_t *writer_buffer(uint32_t index);
/* The slot, with memory behind it. Ends the process with one line where the file system has none. */
struct ring_slot *writer_enter_slot(uint32_t vcpu);
/* One vCPU more: one buffer more. */
void writer_admit_vcpu(void);

/*
 * Gives the slot a buffer: BUFFER_OPEN, slot->buffer set, its columns empty. Waits with when-full=block, as long as the
 * node shows life. Returns false if the batch must be dropped instead; the slot then has RING_NO_BUFFER and SLOT_FLAG_SCRAP.
 */
bool writer_acquire(struct ring_slot *slot, uint32_t slot_index);
/* Seals the slot's open batch (or counts it as dropped), and prepares the slot for the next one; it has no buffer then. */
void writer_seal(struct ring_slot *slot);
void writer_ring_doorbell(void);
uint64_t writer_now_micros(void);

static inline uint32_t writer_flush_epoch(void) {
    return __atomic_load_n(&writer.header->flush_epoch, __ATOMIC_RELAXED);
}

#endif
