/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Full mode: every dispatched block and every memory access, in the format of docs/trace-format.md, codec 1.
 *
 * Memory: 2 MiB per vCPU, whatever the guest does: a full table evicts a block (which is then defined again) or ends the
 * batch. The callbacks' usual path must not call anything, so that it needs no stack; what is unusual is a tail call.
 */
#include "recorder.h"

#include <string.h>

#include "mapping.h"

enum column { DEFINITIONS, CONTROL, MEMORY, PHYSICAL, SYSCALLS, COLUMNS };

#define TABLE_BLOCKS 8192u
#define TABLE_SLOTS 16384u
#define TABLE_PAGES 16384u
/* A batch ends when it has named so many pages: the table must know every mapping that the decoder knows. */
#define MOST_PAGES 12288u
#define MOST_DEVICES 64u
#define NO_INDEX UINT32_MAX
/* A batch ends at the next block when a column has less room than this, bytes: one block's worst ordinary case. */
#define MARGIN 8192u
/* A batch ends here although the node has not asked: the format's limits on blocks and accesses are then out of reach. */
#define MOST_BLOCKS (UINT64_C(1) << 25)
/* Nothing that one event writes is longer. */
#define TOKEN_MOST 320u
/* An instruction that accesses memory more often than this within one block shares its last slot. */
#define ORDINALS 15u

/* Tokens of docs/trace-format.md: a byte is code | run << 2; the rest of a run that has no room there follows. */
enum control_code { OTHER_SUCCESSOR, NEXT_DEFINITION, KNOWN_BLOCK, PARTIAL };
enum memory_code { NEW_STRIDE, NEAR_MISS, OTHER_STRIDE, SURPRISE };
enum surprise { EARLY_END, NEW_SLOT, FOREIGN, SLOT_0 };
#define LONG_RUN 63u

/* What comes next in a block after its start or after an access: a slot, or &e->end for END. */
struct event {
    struct slot_state *next;
};

/* A memory slot of docs/trace-format.md, and what is predicted of it. One cache line. */
struct slot_state {
    struct event event; /* first, so that a slot is an event */
    const struct insn *insn;
    uint64_t last;
    int64_t stride;
    int64_t stride2;
    uint64_t page;    /* of the last access, vaddr >> 12 */
    uint32_t mapping; /* stamp of that page's mapping, which the decoder knows too */
    uint32_t info;
    uint32_t sibling; /* index of another slot of the same block, or NO_INDEX */
    uint16_t after;   /* progress once this access is made */
    uint8_t ordinal;  /* how many accesses of the same instruction and meminfo came directly before */
};
_Static_assert(sizeof(struct slot_state) == 64, "one cache line");

struct block_state {
    struct event start;
    const struct block *block;
    uint32_t serial;    /* index in the batch, plus e->first_serial: never given twice, so it tells old entries from new ones */
    uint32_t successor; /* serial */
    uint32_t successor2;
    uint32_t slots;     /* index of one of the block's slots, or NO_INDEX */
};

/* What the decoder holds for a page. */
struct page_state {
    uint64_t page; /* vaddr >> 12 */
    uint64_t mapping;
    uint32_t epoch;
};

struct encoder {
    struct vcpu vcpu; /* first: vcpus[] points to it */
    struct block_state *current; /* &e->nothing between batches */
    struct event *last;          /* the event before the next one */
    uint8_t *base[COLUMNS];
    uint32_t limit[COLUMNS]; /* column length above which the batch should end */
    uint32_t epoch;
    uint32_t first_serial;
    uint32_t definitions;
    uint32_t slots;
    uint32_t pages_named;
    bool tight; /* no batch is open, or a column may not have room for one more access */
    uint64_t control_mark;  /* blocks when the last control token was written */
    uint64_t memory_mark;   /* accesses + blocks when the last memory token was written */
    uint64_t physical_mark; /* accesses when the last physical token was written */
    uint64_t syscall_mark;  /* blocks when the last system call was written */
    uint64_t definition_vaddr;
    uint64_t miss_address;
    uint64_t sealed_progress; /* of the running block, already counted in an earlier batch */
    const struct block *running; /* the block of accesses when current does not name it */
    uint32_t devices;
    const char *device[MOST_DEVICES];
    uint64_t device_offset[MOST_DEVICES];
    struct block_state nothing;
    struct slot_state end;
    struct block_state blocks[TABLE_BLOCKS];
    struct slot_state slot[TABLE_SLOTS];
    struct page_state pages[TABLE_PAGES];
    struct mapping_cache mapping;
};

static inline struct encoder *encoder_of(struct vcpu *v) { return (struct encoder *)v; }

static void begin_vcpu(struct vcpu *v) {
    struct encoder *e = encoder_of(v);
    e->nothing.successor = e->nothing.successor2 = e->nothing.serial = NO_INDEX;
    e->nothing.start.next = &e->end;
    e->current = &e->nothing;
    e->last = &e->nothing.start;
    e->tight = true;
    e->mapping.epoch = 1;
    e->first_serial = 1; /* entries that were never used have 0 */
}

static inline uint8_t *put_varint(uint8_t *p, uint64_t value) {
    while (value >= 0x80) {
        *p++ = (uint8_t)(value | 0x80);
        value >>= 7;
    }
    *p++ = (uint8_t)value;
    return p;
}

static inline uint64_t zigzag(uint64_t difference) {
    int64_t x = (int64_t)difference;
    return ((uint64_t)x << 1) ^ (uint64_t)(x >> 63);
}

static inline uint8_t *put_zigzag(uint8_t *p, uint64_t difference) { return put_varint(p, zigzag(difference)); }

static inline uint8_t *put_token(uint8_t *p, uint64_t run, unsigned code) {
    if (__builtin_expect(run < LONG_RUN, 1)) {
        *p++ = (uint8_t)(code | run << 2);
        return p;
    }
    *p++ = (uint8_t)(code | LONG_RUN << 2);
    return put_varint(p, run - LONG_RUN);
}

static inline uint8_t *put_surprise(uint8_t *p, uint64_t run, uint64_t what) {
    return put_varint(put_token(p, run, SURPRISE), what);
}

static inline uint8_t *column_end(struct vcpu *v, enum column c) {
    return encoder_of(v)->base[c] + v->slot->column_length[c];
}

static inline void commit(struct vcpu *v, enum column c, const uint8_t *end) {
    uint32_t length = (uint32_t)(end - encoder_of(v)->base[c]);
    __atomic_store_n(&v->slot->column_length[c], length, __ATOMIC_RELEASE);
    if (length <= encoder_of(v)->limit[c]) return;
    vcpu_end_soon(v);
    if (length > encoder_of(v)->limit[c] + MARGIN - 2 * TOKEN_MOST) encoder_of(v)->tight = true;
}

static void begin_batch(struct vcpu *v) {
    struct encoder *e = encoder_of(v);
    uint8_t *buffer = vcpu_buffer(v);
    for (int c = 0; c < COLUMNS; c++) {
        e->base[c] = buffer + writer.header->column_offset[c];
        e->limit[c] = writer.header->column_capacity[c] - MARGIN;
    }
    e->epoch++;
    e->tight = false;
    /* Entries of the batches before are told by their serials; when the numbers run out, they are cleared instead. */
    e->first_serial += e->definitions;
    if (e->first_serial > NO_INDEX / 2) {
        memset(e->blocks, 0, sizeof e->blocks);
        e->first_serial = 1;
    }
    e->definitions = e->slots = e->pages_named = e->devices = 0;
    e->control_mark = e->memory_mark = e->physical_mark = e->syscall_mark = 0;
    e->definition_vaddr = e->miss_address = 0;
    e->nothing.start.next = &e->end;
    e->current = &e->nothing;
    e->last = &e->nothing.start;
}

/* Only n instructions of the block that ran were dispatched. */
static __attribute__((noinline)) void put_partial(struct vcpu *v, uint32_t n) {
    struct encoder *e = encoder_of(v);
    if (e->current == &e->nothing) return; /* it belongs to an earlier batch, which says so by its progress */
    uint8_t *p = column_end(v, CONTROL);
    p = put_token(p, v->slot->blocks - e->control_mark, PARTIAL);
    p = put_varint(p, n);
    e->control_mark = v->slot->blocks;
    commit(v, CONTROL, p);
}

/* Before the next block or the end of the batch: how much of the running block belongs to this batch. */
static __attribute__((noinline)) void settle_unusual(struct vcpu *v) {
    struct encoder *e = encoder_of(v);
    struct ring_slot *s = v->slot;
    if (s->progress != s->block_instructions) put_partial(v, s->progress);
    if (!e->sealed_progress) return;
    s->leading = s->progress - e->sealed_progress;
    e->sealed_progress = 0;
}

static inline void settle_running(struct vcpu *v) {
    struct ring_slot *s = v->slot;
    if (__builtin_expect(s->progress != s->block_instructions || encoder_of(v)->sealed_progress, 0)) settle_unusual(v);
}

static void end_batch(struct vcpu *v) {
    struct encoder *e = encoder_of(v);
    settle_running(v);
    v->slot->instructions += v->slot->progress;
    vcpu_set_running(v->slot, 0);
    e->running = NULL;
    e->current = &e->nothing;
    e->last = &e->nothing.start;
    e->tight = true;
}

static void begin_process(struct vcpu *v) {
    struct encoder *e = encoder_of(v);
    e->sealed_progress = 0;
    e->running = NULL;
    e->current = &e->nothing;
    e->last = &e->nothing.start;
    e->tight = true;
}

/*
 * A column is full in the middle of a block. What the block still does goes to the next batch: its accesses as foreign
 * ones, its instructions as leading ones, which start from minus what this batch has counted of them.
 */
static void split_block(struct vcpu *v) {
    struct encoder *e = encoder_of(v);
    struct ring_slot *s = v->slot;
    uint64_t running = s->progress | (uint64_t)s->block_instructions << 32;
    const struct block *block = e->current == &e->nothing ? e->running : e->current->block;
    end_batch(v);
    vcpu_rotate(v);
    e->sealed_progress = (uint32_t)running;
    s->instructions = -(uint64_t)(uint32_t)running;
    vcpu_set_running(s, running);
    e->running = block;
}

/* Before an access: either there is no batch yet, or it has no room for what one access may write. */
static __attribute__((noinline)) void make_room(struct vcpu *v) {
    if (vcpu_has_batch(v))
        split_block(v);
    else
        vcpu_open(v);
}

static __attribute__((noinline)) void define(struct vcpu *v, struct block_state *t, const struct block *b) {
    struct encoder *e = encoder_of(v);
    uint8_t *p = column_end(v, DEFINITIONS);
    p = put_zigzag(p, b->vaddr - e->definition_vaddr);
    p = put_varint(p, b->instructions);
    p = put_varint(p, b->bytes);
    memcpy(p, &b->code_hash, 4);
    commit(v, DEFINITIONS, p + 4);
    e->definition_vaddr = b->vaddr;
    t->block = b;
    t->serial = e->first_serial + e->definitions++;
    t->successor = t->successor2 = NO_INDEX;
    t->start.next = &e->end;
    t->slots = NO_INDEX;
}

static inline bool knows(const struct encoder *e, const struct block_state *t, const struct block *b) {
    return t->block == b && t->serial >= e->first_serial;
}

static __attribute__((noinline)) void mispredicted_block(struct vcpu *v, struct block_state *t, const struct block *b) {
    struct encoder *e = encoder_of(v);
    struct ring_slot *s = v->slot;
    /* t may be the running block's own entry: remember what the definition of another block would overwrite. */
    struct block_state *previous = e->current == &e->nothing ? NULL : e->current;
    bool known = knows(e, t, b);
    uint8_t *p = column_end(v, CONTROL);
    uint64_t run = s->blocks - e->control_mark;
    if (known && e->current->successor2 == t->serial) {
        p = put_token(p, run, OTHER_SUCCESSOR);
    } else if (known) {
        p = put_token(p, run, KNOWN_BLOCK);
        p = put_varint(p, t->serial - e->first_serial);
    } else {
        if (t == previous) previous = NULL; /* evicted: the decoder still learns a successor for it, and never needs it */
        p = put_token(p, run, NEXT_DEFINITION);
        define(v, t, b);
    }
    e->control_mark = s->blocks + 1;
    commit(v, CONTROL, p);
    if (previous) {
        previous->successor2 = previous->successor;
        previous->successor = t->serial;
    }
}

static __attribute__((noinline)) void missed_end(struct vcpu *v) {
    struct encoder *e = encoder_of(v);
    uint64_t now = v->slot->accesses + v->slot->blocks;
    uint8_t *p = put_surprise(column_end(v, MEMORY), now - e->memory_mark, EARLY_END);
    e->memory_mark = now + 1;
    e->last->next = &e->end;
    commit(v, MEMORY, p);
}

/* How a block ended is settled, the batch may end: whatever must be written before a block that is not as predicted. */
static __attribute__((noinline)) void encode_unusual_block(struct vcpu *v, const struct block *b) {
    struct encoder *e = encoder_of(v);
    struct ring_slot *s = v->slot;
    if (v->flush_epoch != writer_flush_epoch()) {
        end_batch(v);
        vcpu_rotate(v);
    } else {
        settle_running(v);
        if (e->last->next != &e->end) missed_end(v);
    }
    struct block_state *t = &e->blocks[b->id % TABLE_BLOCKS];
    if (!knows(e, t, b) || e->current->successor != t->serial) mispredicted_block(v, t, b);
    e->current = t;
    e->last = &t->start;
    s->instructions += s->progress;
    vcpu_set_running(s, b->entry);
    if (++s->blocks >= MOST_BLOCKS) vcpu_end_soon(v);
}

static inline void encode_block(struct vcpu *v, const struct block *b) {
    struct encoder *e = encoder_of(v);
    struct ring_slot *s = v->slot;
    struct block_state *t = &e->blocks[b->id % TABLE_BLOCKS];
    uint64_t progress = s->progress;
    /* A current serial as successor is one of this batch's, so equal serials also say that the entry is not an old one. */
    if (__builtin_expect(e->current->successor != t->serial || t->block != b || e->last->next != &e->end ||
                             progress != s->block_instructions || e->sealed_progress ||
                             v->flush_epoch != writer_flush_epoch() || s->blocks >= MOST_BLOCKS, 0)) {
        encode_unusual_block(v, b);
        return;
    }
    e->current = t;
    e->last = &t->start;
    s->instructions += progress;
    vcpu_set_running(s, b->entry);
    s->blocks++;
}

static void encode_block_user(unsigned int vcpu_index, void *block) { encode_block(vcpus[vcpu_index], block); }

static void encode_block_system(unsigned int vcpu_index, void *block) {
    struct vcpu *v = vcpus[vcpu_index];
    mapping_block(&encoder_of(v)->mapping);
    encode_block(v, block);
}

static void mapping_change(struct vcpu *v, enum insn_mapping how) { mapping_changed(&encoder_of(v)->mapping, how); }

static uint8_t *put_slot(uint8_t *p, const struct insn *insn, qemu_plugin_meminfo_t info) {
    p = put_varint(p, insn->index);
    *p++ = (uint8_t)((qemu_plugin_mem_size_shift(info) & 15u) | (qemu_plugin_mem_is_sign_extended(info) ? 16u : 0) |
                     (qemu_plugin_mem_is_big_endian(info) ? 32u : 0) | (qemu_plugin_mem_is_store(info) ? 64u : 0));
    return p;
}

/* An access of an instruction that is not in the running block: QEMU 8.2 and later restart device accesses in a block of their own. */
static __attribute__((noinline)) void foreign_access(struct vcpu *v, const struct insn *insn, uint32_t info, uint64_t vaddr) {
    struct encoder *e = encoder_of(v);
    const struct block *b = insn->block;
    uint64_t now = v->slot->accesses + v->slot->blocks;
    uint8_t *p = put_surprise(column_end(v, MEMORY), now - e->memory_mark, FOREIGN);
    struct block_state *t = &e->blocks[b->id % TABLE_BLOCKS];
    if (knows(e, t, b)) {
        p = put_varint(p, (uint64_t)(t->serial - e->first_serial) + 1);
    } else if (t != e->current) {
        *p++ = 0;
        define(v, t, b);
    } else {
        /* The table's place is taken by the running block, which must stay: define into a state that is thrown away. */
        struct block_state passing;
        *p++ = 0;
        define(v, &passing, b);
    }
    p = put_slot(p, insn, info);
    p = put_zigzag(p, vaddr - e->miss_address);
    e->miss_address = vaddr;
    commit(v, MEMORY, p);
    v->slot->accesses++;
    e->memory_mark = now + 1;
}

/* The slot that the access should have if the block has it already. */
static struct slot_state *find_slot(struct encoder *e, const struct insn *insn, uint32_t info, uint8_t ordinal) {
    for (uint32_t i = e->current->slots; i != NO_INDEX; i = e->slot[i].sibling) {
        struct slot_state *st = &e->slot[i];
        if (st->insn == insn && st->info == info && st->ordinal == ordinal) return st;
    }
    return NULL;
}

static struct slot_state *new_slot(struct vcpu *v, const struct insn *insn, uint32_t info, uint64_t vaddr, uint8_t ordinal) {
    struct encoder *e = encoder_of(v);
    struct slot_state *st = &e->slot[e->slots];
    *st = (struct slot_state){
        .event.next = &e->end,
        .insn = insn,
        .last = vaddr,
        .info = info,
        .sibling = e->current->slots,
        .after = qemu_plugin_mem_is_store(info) ? insn->after_store : insn->after_load,
        .ordinal = ordinal,
    };
    e->current->slots = e->slots++;
    if (e->slots >= TABLE_SLOTS - 64) vcpu_end_soon(v);
    if (e->slots == TABLE_SLOTS) e->tight = true;
    return st;
}

/* The slot's stride is another one from now on. */
static inline void change_stride(struct slot_state *st, uint64_t vaddr) {
    st->stride2 = st->stride;
    st->stride = (int64_t)(vaddr - st->last);
}

/* The access by the expected slot, at another address than its stride tells. */
static inline uint8_t *put_expected_slot(struct encoder *e, uint8_t *p, uint64_t run, struct slot_state *st, uint64_t vaddr) {
    uint64_t stride = zigzag(vaddr - st->last), near = zigzag(vaddr - e->miss_address);
    if (vaddr == st->last + (uint64_t)st->stride2) {
        p = put_token(p, run, OTHER_STRIDE);
    } else {
        /* What is written should be short or, for the compressor's sake, what was written before: strides are more often. */
        bool by_stride = stride < 0x80 || stride <= near;
        p = put_token(p, run, by_stride ? NEW_STRIDE : NEAR_MISS);
        p = put_varint(p, by_stride ? stride : near);
        e->miss_address = vaddr;
    }
    change_stride(st, vaddr);
    st->last = vaddr;
    return p;
}

/* The access by a slot that the block has, but that was not expected. */
static uint8_t *put_other_slot(struct encoder *e, uint8_t *p, uint64_t run, struct slot_state *st, uint64_t vaddr) {
    bool predicted = vaddr == st->last + (uint64_t)st->stride;
    p = put_surprise(p, run, SLOT_0 + 2 * (uint64_t)(st - e->slot) + !predicted);
    if (!predicted) {
        p = put_zigzag(p, vaddr - st->last);
        change_stride(st, vaddr);
        e->miss_address = vaddr;
    }
    st->last = vaddr;
    return p;
}

/* Returns the access's slot, or NULL for a foreign access. */
static __attribute__((noinline)) struct slot_state *mispredicted_access(struct vcpu *v, const struct insn *insn, uint32_t info,
                                                                        uint64_t vaddr) {
    struct encoder *e = encoder_of(v);
    struct ring_slot *s = v->slot;
    if (insn->block != e->current->block || e->current == &e->nothing) {
        if (insn->block == e->running) s->progress = qemu_plugin_mem_is_store(info) ? insn->after_store : insn->after_load;
        foreign_access(v, insn, info, vaddr);
        return NULL;
    }
    struct event *previous = e->last;
    uint8_t ordinal = 0;
    if (previous != &e->current->start) {
        const struct slot_state *before = (const struct slot_state *)previous;
        if (before->insn == insn && before->info == info)
            ordinal = before->ordinal < ORDINALS ? (uint8_t)(before->ordinal + 1) : before->ordinal;
    }
    struct slot_state *st = find_slot(e, insn, info, ordinal);
    uint64_t now = s->accesses + s->blocks;
    uint64_t run = now - e->memory_mark;
    uint8_t *p = column_end(v, MEMORY);
    if (st) {
        p = st == previous->next ? put_expected_slot(e, p, run, st, vaddr) : put_other_slot(e, p, run, st, vaddr);
    } else {
        st = new_slot(v, insn, info, vaddr, ordinal);
        p = put_surprise(p, run, NEW_SLOT);
        p = put_slot(p, insn, info);
        p = put_zigzag(p, vaddr - e->miss_address);
        e->miss_address = vaddr;
    }
    previous->next = st;
    e->last = &st->event;
    commit(v, MEMORY, p);
    s->progress = st->after;
    s->accesses++;
    e->memory_mark = now + 1;
    return st;
}

static inline bool is_predicted(const struct slot_state *st, const struct insn *insn, uint32_t info, uint64_t vaddr) {
    return st->insn == insn && st->info == info && st->last + (uint64_t)st->stride == vaddr;
}

static inline void take_predicted(struct vcpu *v, struct slot_state *st, uint64_t vaddr) {
    st->last = vaddr;
    encoder_of(v)->last = &st->event;
    v->slot->progress = st->after;
    v->slot->accesses++;
}

/* The expected slot, at another address than its stride says. */
static __attribute__((noinline)) void misplaced_access(struct vcpu *v, struct slot_state *st, uint64_t vaddr) {
    struct encoder *e = encoder_of(v);
    struct ring_slot *s = v->slot;
    uint64_t now = s->accesses + s->blocks;
    uint8_t *p = put_expected_slot(e, column_end(v, MEMORY), now - e->memory_mark, st, vaddr);
    e->last = &st->event;
    s->progress = st->after;
    s->accesses++;
    e->memory_mark = now + 1;
    commit(v, MEMORY, p);
}

static __attribute__((noinline)) void encode_unusual_access(struct vcpu *v, uint32_t info, uint64_t vaddr, const struct insn *insn) {
    struct encoder *e = encoder_of(v);
    if (e->tight) make_room(v);
    struct slot_state *st = e->last->next;
    if (st->insn == insn && st->info == info)
        misplaced_access(v, st, vaddr);
    else
        mispredicted_access(v, insn, info, vaddr);
}

static void encode_access_user(unsigned int vcpu_index, qemu_plugin_meminfo_t info, uint64_t vaddr, void *insn) {
    struct vcpu *v = vcpus[vcpu_index];
    struct slot_state *st = encoder_of(v)->last->next;
    if (__builtin_expect(is_predicted(st, insn, info, vaddr), 1))
        take_predicted(v, st, vaddr);
    else
        encode_unusual_access(v, info, vaddr, insn);
}

static __attribute__((noinline)) void device_access(struct vcpu *v, const struct location *where) {
    struct encoder *e = encoder_of(v);
    uint32_t d = 0;
    while (d < e->devices && e->device[d] != where->device && strcmp(e->device[d], where->device)) d++;
    uint8_t *p = column_end(v, PHYSICAL);
    p = put_varint(p, v->slot->accesses - e->physical_mark);
    if (d == e->devices) {
        size_t length = strlen(where->device);
        if (length > 255) length = 255;
        *p++ = 1;
        p = put_varint(p, length);
        memcpy(p, where->device, length);
        p = put_zigzag(p + length, where->address);
        if (d == MOST_DEVICES) {
            vcpu_end_soon(v); /* no room to remember it: it is named again each time, until the batch ends */
        } else {
            e->device[e->devices++] = where->device;
            e->device_offset[d] = where->address;
        }
    } else {
        p = put_varint(p, 2 + (uint64_t)d);
        p = put_zigzag(p, where->address - e->device_offset[d]);
        e->device_offset[d] = where->address;
    }
    e->physical_mark = v->slot->accesses + 1;
    commit(v, PHYSICAL, p);
}

/* The place of a page in the table: the page's, or an empty one. */
static struct page_state *find_page(struct encoder *e, uint64_t page) {
    for (uint64_t h = page;; h++) {
        struct page_state *at = &e->pages[h % TABLE_PAGES];
        if (at->epoch != e->epoch || at->page == page) return at;
    }
}

static void put_mapping(struct vcpu *v, uint64_t vaddr, uint64_t mapping) {
    struct encoder *e = encoder_of(v);
    struct page_state *page = find_page(e, vaddr >> 12);
    if (page->epoch == e->epoch) {
        if (page->mapping == mapping) return;
        /* The decoder holds one mapping for a page; slots that rely on the one it held must look again. */
        mapping_forget(&e->mapping);
    } else if (++e->pages_named >= MOST_PAGES) {
        vcpu_end_soon(v);
        if (e->pages_named > TABLE_PAGES - 2) e->tight = true;
    }
    uint8_t *p = column_end(v, PHYSICAL);
    p = put_varint(p, v->slot->accesses - e->physical_mark);
    *p++ = 0;
    p = put_zigzag(p, mapping - (vaddr & ~UINT64_C(0xfff)));
    e->physical_mark = v->slot->accesses + 1;
    *page = (struct page_state){vaddr >> 12, mapping, e->epoch};
    commit(v, PHYSICAL, p);
}

static __attribute__((noinline)) void encode_located_access(struct vcpu *v, uint32_t info, uint64_t vaddr, const struct insn *insn) {
    struct encoder *e = encoder_of(v);
    if (e->tight) make_room(v); /* before the first column is written: both must be in one batch */
    struct location where = mapping_locate(&e->mapping, info, vaddr);
    if (where.device)
        device_access(v, &where);
    else
        put_mapping(v, vaddr, where.address - (vaddr & 0xfff));
    struct slot_state *st = e->last->next;
    if (is_predicted(st, insn, info, vaddr))
        take_predicted(v, st, vaddr);
    else
        st = mispredicted_access(v, insn, info, vaddr);
    if (st) {
        st->page = vaddr >> 12;
        st->mapping = where.device ? 0 : mapping_stamp(&e->mapping);
    }
    if (where.device && qemu_plugin_mem_is_store(info)) mapping_changed(&e->mapping, MAPPING_ALL_VCPUS);
}

static void encode_access_system(unsigned int vcpu_index, qemu_plugin_meminfo_t info, uint64_t vaddr, void *insn) {
    struct vcpu *v = vcpus[vcpu_index];
    struct slot_state *st = encoder_of(v)->last->next;
    if (__builtin_expect(is_predicted(st, insn, info, vaddr) && st->page == vaddr >> 12 &&
                             st->mapping == encoder_of(v)->mapping.epoch, 1))
        take_predicted(v, st, vaddr);
    else
        encode_located_access(v, info, vaddr, insn);
}

static void encode_syscall(struct vcpu *v, bool is_return, int64_t number, int64_t value) {
    struct encoder *e = encoder_of(v);
    if (v->slot->column_length[SYSCALLS] > e->limit[SYSCALLS]) {
        end_batch(v); /* between two blocks: the system call ended the one before */
        vcpu_rotate(v);
    }
    uint8_t *p = column_end(v, SYSCALLS);
    p = put_varint(p, v->slot->blocks - e->syscall_mark);
    *p++ = is_return;
    p = put_zigzag(p, (uint64_t)number);
    if (is_return) p = put_zigzag(p, (uint64_t)value);
    e->syscall_mark = v->slot->blocks;
    commit(v, SYSCALLS, p);
    if (is_return)
        v->slot->syscall_returns++;
    else
        v->slot->syscalls++;
}

const struct recorder encoder = {
    .codec = CODEC_FULL_1,
    .size = sizeof(struct encoder),
    .begin_vcpu = begin_vcpu,
    .begin_batch = begin_batch,
    .end_batch = end_batch,
    .begin_process = begin_process,
    .mapping_change = mapping_change,
    .syscall = encode_syscall,
    .block = {encode_block_user, encode_block_system},
    .access = {encode_access_user, encode_access_system},
};
