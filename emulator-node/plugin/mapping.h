/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Which physical page a virtual page is, without asking QEMU on every access (8 ns each).
 *
 * A vCPU remembers QEMU's answers for RAM by (virtual page, meminfo), until something happens after which an answer may
 * differ: an instruction that classify.h names, a store to a device, the vCPU's start or resumption. QEMU lets other vCPUs
 * follow such a change when they next leave a block; so everything is forgotten when it happens, and again at the next two
 * blocks. The oracle asks QEMU on every access, and compares.
 */
#ifndef TRACEFLEET_MAPPING_H
#define TRACEFLEET_MAPPING_H

#include <stdbool.h>
#include <stdint.h>

#include "classify.h"
#include "hwaddr.h"

#define MAPPING_ENTRIES 4096u

struct mapping_entry {
    uint64_t page;    /* vaddr >> 12 */
    uint64_t mapping; /* physical address - (vaddr & 0xfff) */
    uint32_t info;    /* the whole meminfo: it holds the translation regime, and whether it is a store */
    uint32_t epoch;
};

struct mapping_cache {
    uint32_t epoch; /* of valid entries; never 0 */
    uint32_t seen;  /* mapping_changes when the vCPU last caught up */
    bool again;     /* it caught up at the block before */
    bool untrackable;
    struct mapping_entry entries[MAPPING_ENTRIES];
};

/* Counts what changes mappings on every vCPU. */
extern uint32_t mapping_changes HIDDEN;

static inline void mapping_forget(struct mapping_cache *m) {
    if (++m->epoch == 0) m->epoch = 1;
}

/* Something happened on this vCPU after which mappings may differ. */
void mapping_changed(struct mapping_cache *m, enum insn_mapping how);
void mapping_catch_up(struct mapping_cache *m);

/* At the start of every block. */
static inline void mapping_block(struct mapping_cache *m) {
    if (__builtin_expect(m->seen != __atomic_load_n(&mapping_changes, __ATOMIC_RELAXED), 0)) mapping_catch_up(m);
}

/* What get_hwaddr answers for the access; asks it only where the answer is not known. */
struct location mapping_locate(struct mapping_cache *m, qemu_plugin_meminfo_t info, uint64_t vaddr);

/* What is to be remembered beside an answer for RAM, to be compared with m->epoch later; 0 never compares equal. */
static inline uint32_t mapping_stamp(const struct mapping_cache *m) { return m->untrackable ? 0 : m->epoch; }

#endif
