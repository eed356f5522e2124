/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What an access is: direction, size, and how far its block got. Asking QEMU what a meminfo means costs two calls; an
 * instruction's accesses are nearly always alike, so the last answers for its loads and for its stores are kept with it.
 */
#ifndef TRACEFLEET_KIND_H
#define TRACEFLEET_KIND_H

#include <stdbool.h>
#include <stdint.h>

#include "block.h"
#include "qemu-abi.h"

/* meminfo, log2 of the size << 32, is_store << 35, instructions dispatched << 40 */
#define KIND_KNOWN (UINT64_C(1) << 63)

static __attribute__((noinline, unused)) uint64_t kind_decode(struct insn *insn, uint32_t info) {
    bool store = qemu_plugin_mem_is_store(info);
    uint64_t shift = qemu_plugin_mem_size_shift(info) & 7u;
    uint64_t after = store ? insn->after_store : insn->after_load;
    uint64_t kind = KIND_KNOWN | info | shift << 32 | (uint64_t)store << 35 | after << 40;
    __atomic_store_n(&insn->kind[store], kind, __ATOMIC_RELAXED);
    return kind;
}

static inline uint64_t kind_of(struct insn *insn, uint32_t info) {
    uint64_t kind = __atomic_load_n(&insn->kind[0], __ATOMIC_RELAXED);
    if ((uint32_t)kind == info && kind & KIND_KNOWN) return kind;
    kind = __atomic_load_n(&insn->kind[1], __ATOMIC_RELAXED);
    return __builtin_expect((uint32_t)kind == info && kind & KIND_KNOWN, 1) ? kind : kind_decode(insn, info);
}

/* log2 of the size + 8 * is_store: its place in ring_slot.counts. */
static inline uint32_t kind_counter(uint64_t kind) { return kind >> 32 & 15u; }

static inline bool kind_is_store(uint64_t kind) { return kind >> 35 & 1u; }

static inline uint16_t kind_after(uint64_t kind) { return (uint16_t)(kind >> 40); }

#endif
