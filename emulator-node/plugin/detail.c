/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "detail.h"

#include <pthread.h>
#include <string.h>

#include "api.h"
#include "disassembly.h"
#include "image.h"
#include "writer.h"

#define MOST_TEXT (DISASSEMBLY_MOST - 1u)
#define MOST_SYMBOL 255u
/* Header, symbol and code of the largest block, without disassembly. */
#define MOST_FIXED (32u + MOST_SYMBOL + BLOCK_MOST_BYTES + 2u * BLOCK_MOST_INSTRUCTIONS)
#define MOST_IMAGE (46u + IMAGE_MOST_PATH)
#define MOST_RECORD (MOST_FIXED + MOST_TEXT * BLOCK_MOST_INSTRUCTIONS + MOST_IMAGE)

static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static struct ring_slot *slot;
static uint32_t epoch; /* of the ring when the open batch began */

void detail_open(void) {
    slot = writer_slot(VCPU_SLOTS);
    slot->vcpu = UINT32_MAX;
    slot->codec = CODEC_DETAIL_1;
    slot->buffer = RING_NO_BUFFER;
    slot->state = SLOT_LIVE;
}

static uint8_t *put_text(uint8_t *p, const char *text, size_t most, int length_bytes) {
    size_t n = text ? strlen(text) : 0;
    if (n > most) n = most;
    p[0] = (uint8_t)n;
    if (length_bytes == 2) p[1] = (uint8_t)(n >> 8);
    if (n) memcpy(p + length_bytes, text, n);
    return p + length_bytes + n;
}

static uint8_t *put_u64(uint8_t *p, uint64_t value, size_t size) {
    memcpy(p, &value, size);
    return p + size;
}

/* The file that these host pages are of, once per batch; the blocks that follow are looked up in it. */
static uint8_t *put_image(uint8_t *p, struct image_range *range) {
    uint8_t *begin = p;
    p = put_u64(p + 4, range->begin >> 12, 8);
    p = put_u64(p, 0, 8); /* code hash, no instructions, no bytes: not a block */
    p = put_u64(p, (range->end - range->begin) >> 12, 8);
    p = put_text(p, range->path, IMAGE_MOST_PATH, 2);
    p = put_u64(p, range->offset, 8);
    put_u64(begin, (uint64_t)(p - begin), 4);
    range->told = true;
    return p;
}

void detail_put(struct block *block, const struct code *code, struct qemu_plugin_tb *tb) {
    detail_lock();
    if (block->detailed) {
        detail_unlock();
        return;
    }
    block->detailed = true;
    uint32_t room = writer.header->buffer_size - RING_SLOT_SIZE;
    if (slot->buffer != RING_NO_BUFFER && slot->column_length[0] + MOST_RECORD > room) writer_seal(slot);
    /* Details wait for room like anything else, but they are not worth a count when they are dropped with the rest. */
    if (slot->buffer == RING_NO_BUFFER) {
        slot->flags &= ~SLOT_FLAG_SCRAP;
        if (!writer_acquire(slot, VCPU_SLOTS)) {
            slot->flags &= ~SLOT_FLAG_SCRAP;
            slot->dropped_batches++;
            detail_unlock();
            return;
        }
        epoch = writer_flush_epoch();
        image_untell();
    }
    uint8_t *column = writer_buffer(slot->buffer) + RING_SLOT_SIZE, *begin = column + slot->column_length[0];
    struct qemu_plugin_insn *first = code->instructions ? qemu_plugin_tb_get_insn(tb, 0) : NULL;
    uint64_t host = first ? (uint64_t)(uintptr_t)qemu_plugin_insn_haddr(first) : 0;
    struct image_range *range = host && !writer.header->system_emulation ? image_find(host) : NULL;
    if (range && !range->told) begin = put_image(begin, range);
    uint8_t *p = begin + 4;
    p = put_u64(p, block->vaddr, 8);
    p = put_u64(p, block->code_hash, 4);
    p = put_u64(p, code->instructions, 2);
    p = put_u64(p, code->bytes, 2);
    p = put_u64(p, host >> 12, 8);
    p = put_text(p, first ? api_insn_symbol(first) : NULL, MOST_SYMBOL, 2);
    const uint8_t *from = code->data;
    for (uint32_t i = 0; i < code->instructions; i++) {
        *p++ = (uint8_t)code->size[i];
        memcpy(p, from, code->size[i]);
        p += code->size[i];
        from += code->size[i];
        const char *text = writer.options->disassemble
                               ? disassembly(p - code->size[i], code->size[i], code->address[i], qemu_plugin_tb_get_insn(tb, i))
                               : NULL;
        p = put_text(p, text, MOST_TEXT, 1);
    }
    put_u64(begin, (uint64_t)(p - begin), 4);
    __atomic_store_n(&slot->column_length[0], (uint32_t)(p - column), __ATOMIC_RELEASE);
    detail_unlock();
}

void detail_flush(void) {
    if (pthread_mutex_trylock(&lock)) return;
    if (slot->buffer != RING_NO_BUFFER && epoch != writer_flush_epoch()) writer_seal(slot);
    detail_unlock();
}

void detail_lock(void) { pthread_mutex_lock(&lock); }

void detail_unlock(void) { pthread_mutex_unlock(&lock); }
