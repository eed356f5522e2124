/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "mapping.h"

uint32_t mapping_changes;

void mapping_changed(struct mapping_cache *m, enum insn_mapping how) {
    if (how == MAPPING_KEEPS) return;
    if (how == MAPPING_UNTRACKABLE) m->untrackable = true;
    if (how == MAPPING_ALL_VCPUS) __atomic_add_fetch(&mapping_changes, 1, __ATOMIC_SEQ_CST);
    mapping_forget(m);
    m->again = false;
    m->seen = __atomic_load_n(&mapping_changes, __ATOMIC_RELAXED) - 1; /* so that the next block catches up */
}

void mapping_catch_up(struct mapping_cache *m) {
    uint32_t now = __atomic_load_n(&mapping_changes, __ATOMIC_SEQ_CST);
    mapping_forget(m);
    m->again = !m->again;
    m->seen = m->again ? now - 1 : now;
}

struct location mapping_locate(struct mapping_cache *m, qemu_plugin_meminfo_t info, uint64_t vaddr) {
    uint64_t page = vaddr >> 12;
    struct mapping_entry *entry = &m->entries[(page ^ (uint64_t)info * 37u) % MAPPING_ENTRIES];
    if (entry->page == page && entry->info == info && entry->epoch == m->epoch && !m->untrackable)
        return (struct location){NULL, entry->mapping + (vaddr & 0xfff)};
    struct location where = locate(info, vaddr);
    if (!where.device)
        *entry = (struct mapping_entry){page, where.address - (vaddr & 0xfff), info, m->epoch};
    return where;
}
