/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Count mode: counters only, in the format of docs/trace-format.md, codec 2.
 *
 * The open batch in the ring is the table of counters itself, so a killed process loses no count.
 */
#include "recorder.h"

#include <string.h>

#include "kind.h"
#include "mapping.h"

enum column { BLOCKS, PAGES, DEVICES, SYSCALLS };

struct block_count {
    uint64_t vaddr;
    uint32_t code_hash;
    uint16_t instructions;
    uint16_t bytes;
    uint64_t executions;
    uint64_t undispatched;
};
_Static_assert(sizeof(struct block_count) == 32, "layout");

struct page_count {
    uint64_t page;
    uint32_t device;
    uint32_t reserved;
    uint64_t counts[2]; /* reads, writes */
    uint64_t bytes[2];
};
_Static_assert(sizeof(struct page_count) == 48, "layout");

struct syscall_count {
    int64_t number;
    uint64_t entries;
    uint64_t returns;
    uint64_t errors;
};
_Static_assert(sizeof(struct syscall_count) == 32, "layout");

#define HASHED_BLOCKS 32768u
#define HASHED_PAGES 16384u
#define MOST_DEVICES 62u
/* Pages that one block may touch before the batch can end. */
#define MARGIN_PAGES 256u

/* Where a block is counted in the open batch. */
struct block_place {
    const struct block *block;
    struct block_count *count;
};

struct page_place {
    uint64_t key; /* page | device index */
    uint32_t epoch;
    uint32_t index;
};

/* The counters of a page of RAM as an access met it last; valid while neither mappings nor the batch have changed. */
struct page_memo {
    uint64_t page;
    struct page_count *count;
    uint32_t info;
    uint32_t mapping;
    uint32_t epoch;
};

#define PAGE_MEMOS 2048u

struct counter {
    struct vcpu vcpu; /* first: vcpus[] points to it */
    uint8_t *base[SYSCALLS + 1];
    uint32_t capacity[SYSCALLS + 1];
    const struct block_place *running;
    uint32_t sealed_progress; /* of the running block, counted in an earlier batch */
    uint32_t epoch;           /* of entries that belong to the open batch */
    uint32_t devices;
    const char *device[MOST_DEVICES];
    struct block_count lost; /* counts of the running block when a batch began in its middle; never read */
    struct block_place elsewhere; /* its place then */
    struct block_place blocks[HASHED_BLOCKS];
    struct page_place pages[HASHED_PAGES];
    struct page_memo memos[PAGE_MEMOS];
    struct mapping_cache mapping;
};

static inline struct counter *counter_of(struct vcpu *v) { return (struct counter *)v; }

static void begin_vcpu(struct vcpu *v) {
    struct counter *c = counter_of(v);
    c->elsewhere.count = &c->lost;
    c->running = &c->elsewhere;
    c->mapping.epoch = 1;
}

static void begin_batch(struct vcpu *v) {
    struct counter *c = counter_of(v);
    uint8_t *buffer = vcpu_buffer(v);
    for (int i = 0; i <= SYSCALLS; i++) {
        c->base[i] = buffer + writer.header->count_column_offset[i];
        c->capacity[i] = writer.header->count_column_capacity[i];
    }
    memset(c->blocks, 0, sizeof c->blocks);
    c->epoch++;
    c->devices = 0;
}

static void settle_running(struct vcpu *v) {
    struct counter *c = counter_of(v);
    c->running->count->undispatched += v->slot->block_instructions - v->slot->progress;
    if (c->sealed_progress) {
        v->slot->leading = v->slot->progress - c->sealed_progress;
        c->sealed_progress = 0;
    }
}

/* The running block's counts are not in the open batch any more; which block it is stays known. */
static void leave_running(struct counter *c) {
    c->elsewhere.block = c->running->block;
    c->running = &c->elsewhere;
}

static void end_batch(struct vcpu *v) {
    struct counter *c = counter_of(v);
    struct ring_slot *s = v->slot;
    settle_running(v);
    leave_running(c);
    c->epoch++;
    s->instructions += s->progress;
    vcpu_set_running(s, 0);
}

static void begin_process(struct vcpu *v) {
    struct counter *c = counter_of(v);
    c->sealed_progress = 0;
    c->elsewhere.block = NULL;
    c->running = &c->elsewhere;
}

/* A record more in the column: written before the length says that it is there. */
static void *append(struct vcpu *v, enum column column, const void *record, uint32_t size, uint32_t margin) {
    struct counter *c = counter_of(v);
    uint32_t length = v->slot->column_length[column];
    void *at = memcpy(c->base[column] + length, record, size);
    __atomic_store_n(&v->slot->column_length[column], length + size, __ATOMIC_RELEASE);
    if (length + size + margin > c->capacity[column]) vcpu_end_soon(v);
    return at;
}

static const struct block_place *find_block(struct vcpu *v, const struct block *b) {
    struct counter *c = counter_of(v);
    struct block_place *place;
    for (uint32_t h = b->id;; h++) {
        place = &c->blocks[h % HASHED_BLOCKS];
        if (place->block == b) return place;
        if (!place->block) break;
    }
    struct block_count fresh = {
        .vaddr = b->vaddr,
        .code_hash = b->code_hash,
        .instructions = b->instructions,
        .bytes = b->bytes,
    };
    *place = (struct block_place){b, append(v, BLOCKS, &fresh, sizeof fresh, sizeof fresh)};
    return place;
}

static __attribute__((noinline)) void count_unusual_block(struct vcpu *v, const struct block *b) {
    struct counter *c = counter_of(v);
    struct ring_slot *s = v->slot;
    if (v->flush_epoch != writer_flush_epoch()) {
        end_batch(v);
        vcpu_rotate(v);
    }
    settle_running(v);
    c->running = find_block(v, b);
    c->running->count->executions++;
    s->instructions += s->progress;
    vcpu_set_running(s, b->entry);
    s->blocks++;
}

static inline void count_block(struct vcpu *v, const struct block *b) {
    struct counter *c = counter_of(v);
    struct ring_slot *s = v->slot;
    const struct block_place *place = &c->blocks[b->id % HASHED_BLOCKS];
    uint64_t progress = s->progress;
    if (__builtin_expect(place->block != b || v->flush_epoch != writer_flush_epoch() || progress != s->block_instructions ||
                             c->sealed_progress, 0)) {
        count_unusual_block(v, b);
        return;
    }
    place->count->executions++;
    c->running = place;
    s->instructions += progress;
    vcpu_set_running(s, b->entry);
    s->blocks++;
}

static void count_block_user(unsigned int vcpu_index, void *block) { count_block(vcpus[vcpu_index], block); }

/* Without memory callbacks nothing tells how far a block got: it counts as a whole (count=blocks). */
static void count_block_only(unsigned int vcpu_index, void *userdata) {
    const struct block *b = userdata;
    struct vcpu *v = vcpus[vcpu_index];
    struct ring_slot *s = v->slot;
    const struct block_place *place = &counter_of(v)->blocks[b->id % HASHED_BLOCKS];
    if (__builtin_expect(place->block != b || v->flush_epoch != writer_flush_epoch(), 0)) {
        count_unusual_block(v, b);
        s->instructions += s->progress;
        vcpu_set_running(s, 0);
        return;
    }
    place->count->executions++;
    s->instructions += b->instructions;
    s->blocks++;
}

static void count_block_system(unsigned int vcpu_index, void *block) {
    struct vcpu *v = vcpus[vcpu_index];
    mapping_block(&counter_of(v)->mapping);
    count_block(v, block);
}

static void mapping_change(struct vcpu *v, enum insn_mapping how) { mapping_changed(&counter_of(v)->mapping, how); }

static inline void count_access(struct vcpu *v, const struct insn *insn, uint64_t kind) {
    struct ring_slot *s = v->slot;
    (&s->counts[0][0])[kind_counter(kind)]++;
    s->accesses++;
    /* QEMU 8.2 and later restart device accesses in a block of their own, which does not count as running. */
    if (__builtin_expect(insn->block == counter_of(v)->running->block, 1)) s->progress = kind_after(kind);
}

static void count_access_user(unsigned int vcpu_index, qemu_plugin_meminfo_t info, uint64_t vaddr, void *userdata) {
    struct insn *insn = userdata;
    (void)vaddr;
    count_access(vcpus[vcpu_index], insn, kind_of(insn, info));
}

static __attribute__((noinline)) uint32_t name_device(struct vcpu *v, const char *name) {
    struct counter *c = counter_of(v);
    uint32_t d = 0;
    while (d < c->devices && c->device[d] != name && strcmp(c->device[d], name)) d++;
    if (d < c->devices) return d + 1;
    if (d == MOST_DEVICES) return d; /* more devices within one block than any machine has: the last name takes the rest */
    uint8_t record[256];
    size_t length = strlen(name);
    if (length > 255) length = 255;
    record[0] = (uint8_t)length;
    memcpy(record + 1, name, length);
    append(v, DEVICES, record, (uint32_t)length + 1, 512);
    c->device[c->devices++] = name;
    if (c->devices == MOST_DEVICES - 1) vcpu_end_soon(v);
    return c->devices;
}

static struct page_count *find_page(struct vcpu *v, uint64_t page, uint32_t device) {
    struct counter *c = counter_of(v);
    uint64_t key = page | device;
    uint32_t h = (uint32_t)(key * UINT64_C(0x9e3779b97f4a7c15) >> 40);
    struct page_place *place;
    for (;; h++) {
        place = &c->pages[h % HASHED_PAGES];
        if (place->epoch != c->epoch) break;
        if (place->key == key) return (struct page_count *)(void *)c->base[PAGES] + place->index;
    }
    struct page_count fresh = {.page = page, .device = device};
    uint32_t length = v->slot->column_length[PAGES];
    if (length + sizeof fresh > c->capacity[PAGES]) {
        /* A single block touched more pages than the margin: the batch ends in its middle. */
        uint64_t running = v->slot->progress | (uint64_t)v->slot->block_instructions << 32;
        end_batch(v);
        vcpu_rotate(v);
        c->sealed_progress = (uint32_t)running;
        v->slot->instructions = -(uint64_t)(uint32_t)running;
        vcpu_set_running(v->slot, running);
        return find_page(v, page, device ? name_device(v, "device") : 0);
    }
    *place = (struct page_place){key, c->epoch, length / (uint32_t)sizeof fresh};
    return append(v, PAGES, &fresh, sizeof fresh, MARGIN_PAGES * sizeof fresh);
}

static __attribute__((noinline)) struct page_count *locate_page(struct vcpu *v, uint32_t info, uint64_t vaddr, bool store) {
    struct counter *c = counter_of(v);
    if (!vcpu_has_batch(v)) vcpu_open(v);
    struct location where = mapping_locate(&c->mapping, info, vaddr);
    if (where.device) {
        struct page_count *device = find_page(v, 0, name_device(v, where.device));
        if (store) mapping_changed(&c->mapping, MAPPING_ALL_VCPUS);
        return device;
    }
    struct page_count *count = find_page(v, where.address & ~UINT64_C(0xfff), 0);
    c->memos[(vaddr >> 12 ^ info) % PAGE_MEMOS] = (struct page_memo){vaddr >> 12, count, info, mapping_stamp(&c->mapping), c->epoch};
    return count;
}

static void count_access_system(unsigned int vcpu_index, qemu_plugin_meminfo_t info, uint64_t vaddr, void *userdata) {
    struct insn *insn = userdata;
    struct vcpu *v = vcpus[vcpu_index];
    struct counter *c = counter_of(v);
    uint64_t kind = kind_of(insn, info);
    const struct page_memo *memo = &c->memos[(vaddr >> 12 ^ info) % PAGE_MEMOS];
    struct page_count *page = memo->count;
    if (__builtin_expect(memo->page != vaddr >> 12 || memo->info != info || memo->mapping != c->mapping.epoch ||
                             memo->epoch != c->epoch, 0))
        page = locate_page(v, info, vaddr, kind >> 35 & 1);
    page->counts[kind >> 35 & 1]++;
    page->bytes[kind >> 35 & 1] += UINT64_C(1) << (kind >> 32 & 7);
    count_access(v, insn, kind);
}

static void count_syscall(struct vcpu *v, bool is_return, int64_t number, int64_t value) {
    struct syscall_count *counts = (struct syscall_count *)(void *)counter_of(v)->base[SYSCALLS];
    uint32_t n = v->slot->column_length[SYSCALLS] / (uint32_t)sizeof *counts, i = 0;
    while (i < n && counts[i].number != number) i++;
    if (i == n) {
        struct syscall_count fresh = {.number = number};
        if ((n + 1) * sizeof fresh > counter_of(v)->capacity[SYSCALLS]) {
            end_batch(v); /* between two blocks: the system call ended the one before */
            vcpu_rotate(v);
            count_syscall(v, is_return, number, value);
            return;
        }
        append(v, SYSCALLS, &fresh, sizeof fresh, 0);
    }
    if (is_return) {
        v->slot->syscall_returns++;
        counts[i].returns++;
        /* -512 and -513 are QEMU's own: the call will be issued again, and a signal handler returned. */
        if (value < 0 && value >= -4095 && value != -512 && value != -513) counts[i].errors++;
    } else {
        v->slot->syscalls++;
        counts[i].entries++;
    }
}

const struct recorder counter = {
    .codec = CODEC_COUNT_1,
    .size = sizeof(struct counter),
    .begin_vcpu = begin_vcpu,
    .begin_batch = begin_batch,
    .end_batch = end_batch,
    .begin_process = begin_process,
    .mapping_change = mapping_change,
    .syscall = count_syscall,
    .block = {count_block_user, count_block_system},
    .access = {count_access_user, count_access_system},
    .block_only = count_block_only,
};
