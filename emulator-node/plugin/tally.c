/* SPDX-License-Identifier: GPL-2.0-or-later */
#define _GNU_SOURCE
#include "tally.h"

#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "api.h"
#include "kind.h"
#include "vcpu.h"
#include "window.h"
#include "writer.h"

/* Memory is asked for in steps of this many entries, ahead of need. */
#define STEP 1024u
/* Entries kept for the blocks that are translated until a tally that is used up has closed. */
#define KEPT_BLOCKS 4096u
#define KEPT_COUNTERS 65536u
/* Blocks at most: so that the plugin keeps to its memory (docs/performance.md). */
#define MOST_BLOCKS_WITH_ACCESSES 32768u
#define MOST_BLOCKS_OF_MANY_VCPUS 65536u
/*
 * The code is translated again when it has made so many accesses by callbacks that need none any more: for each of its blocks, and
 * at least. So the time for translating stays in proportion to what it saves, also in programs that always go on to new code.
 */
#define ACCESSES_FOR_BLOCK 2000u
#define ACCESSES_AT_LEAST 50000u
/* A node that holds the tally for longer is dead or stopped, microseconds. */
#define MOST_BUSY 10000000u
/* A callback outside translated code takes microseconds while this counts; times that others are let go first. */
#define MOST_YIELDS 1000000u

/* For how long threads may wait for the node in all: microseconds, and one part in so many of the time that the process has run. */
#define HELD_AT_LEAST 100000u
#define HELD_SHARE 10u
#define HELD_STEP 50u /* microseconds */

static bool open, accesses_wanted, ending;
static uint64_t *counts_of[VCPU_SLOTS]; /* by vCPU; the ring stays at its address, in forked children, too */
/* Of descriptions and of which vCPUs count. */
static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
/* Kept here, too: a forked child must not read from its parent's ring what the parent did after the fork. */
static uint32_t described;
static uint32_t used_counters, ready_blocks, ready_counters, most_blocks, used_places;
static uint64_t spared; /* accesses that inline operations could have counted */
static uint64_t translated_before;
/*
 * QEMU translates in another way once there are two threads. What was learned of accesses holds within a phase, and a block has counters
 * of its own in each.
 */
static uint32_t phase = 1;
static bool threaded;
static uint64_t opened_micros, held_micros; /* for threads that wait; the latter atomic */

void tally_lock(void) { pthread_mutex_lock(&lock); }

void tally_unlock(void) { pthread_mutex_unlock(&lock); }

bool tally_is_open(void) { return __atomic_load_n(&open, __ATOMIC_RELAXED); }

static uint32_t places(void) { return writer.header->tally_vcpus; }

/* In user mode before 9.0 there is one place, for whichever vCPU. */
static struct tally_vcpu *place_of(uint32_t vcpu) { return writer_tally_vcpu(places() > 1 ? vcpu : 0); }

/* Memory for entries [from, to) of a vCPU; false if the file system has none. */
static bool populate_blocks(struct tally_vcpu *place, uint32_t from, uint32_t to) {
    return writer_populate(&place->blocks[from], (to - from) * sizeof place->blocks[0]);
}

static bool populate_counts(struct tally_vcpu *place, uint32_t from, uint32_t to) {
    return writer_populate(&place->counts[from], (to - from) * sizeof place->counts[0]);
}

static bool for_all_in_use(bool (*populate)(struct tally_vcpu *, uint32_t, uint32_t), uint32_t from, uint32_t to) {
    bool done = true;
    for (uint32_t i = 0; i < places() && done; i++)
        if (writer_tally_vcpu(i)->in_use) done = populate(writer_tally_vcpu(i), from, to);
    return done;
}

/* Memory for the entries that the next blocks will need; false if the file system has none. */
static bool make_ready(uint32_t blocks, uint32_t counters) {
    struct tally *tally = writer_tally();
    while (ready_blocks < blocks + STEP && ready_blocks < TALLY_BLOCKS) {
        uint32_t to = ready_blocks + STEP;
        if (!writer_populate(&tally->blocks[ready_blocks], STEP * sizeof tally->blocks[0]) ||
            !for_all_in_use(populate_blocks, ready_blocks, to))
            return false;
        ready_blocks = to;
    }
    while (ready_counters < counters + 8 * STEP && ready_counters < TALLY_COUNTERS) {
        uint32_t to = ready_counters + 8 * STEP;
        if (!writer_populate(&tally->counters[ready_counters], 8 * STEP * sizeof tally->counters[0]) ||
            !for_all_in_use(populate_counts, ready_counters, to))
            return false;
        ready_counters = to;
    }
    return true;
}

/* The place of a vCPU, with memory behind it. Ends the process with one line where the file system has none. */
static void begin_vcpu(uint32_t vcpu) {
    struct tally_vcpu *place = place_of(vcpu);
    if (!writer_populate(place, offsetof(struct tally_vcpu, blocks)) || !populate_blocks(place, 0, ready_blocks) ||
        !populate_counts(place, 0, ready_counters)) {
        fprintf(stderr, "tracefleet: no room for the counters of vCPU %u in the ring: free some, or use another ring directory\n", vcpu);
        abort();
    }
    const struct ring_slot *slot = writer_slot(vcpu);
    place->vcpu = vcpu;
    place->generation = slot->generation + (slot->state == SLOT_EXITED);
    counts_of[vcpu] = place->counts;
    api_counting_at(vcpu, place->counts);
    __atomic_store_n(&place->in_use, 1, __ATOMIC_RELEASE);
}

/*
 * Each access must be located, which takes a callback; before 9.0 vCPUs cannot be told apart; and one that is plugged in later may get the
 * index of another.
 */
static bool can_count_system(bool accesses) {
    uint32_t vcpus = writer.header->smp_vcpus;
    return !accesses && api_counting_vcpus() > 1 && vcpus <= api_counting_vcpus() && vcpus == writer.header->max_vcpus;
}

bool tally_open(bool accesses) {
    struct ring_header *h = writer.header;
    accesses_wanted = accesses;
    if (!api_counting_open()) return false;
    if (h->system_emulation && !can_count_system(accesses)) return false;
    most_blocks = accesses ? MOST_BLOCKS_WITH_ACCESSES : TALLY_BLOCKS;
    h->tally_vcpus = h->system_emulation ? h->smp_vcpus : api_counting_vcpus();
    if (!make_ready(0, 0)) return false;
    struct tally *tally = writer_tally();
    for (uint32_t i = 0; i < TALLY_GENERIC; i++)
        tally->counters[i] = i < 8 ? (struct tally_counter){.loads = 1, .load_shift = (uint8_t)i}
                                   : (struct tally_counter){.stores = 1, .store_shift = (uint8_t)(i - 8)};
    used_counters = TALLY_GENERIC;
    opened_micros = writer_now_micros();
    open = true;
    __atomic_store_n(&writer.header->tally_state, TALLY_OPEN, __ATOMIC_RELEASE);
    return true;
}

/* The thread that counted here last has exited. */
static bool has_ended(const struct tally_vcpu *place) { return place->in_use && place->ended == place->generation + 1; }

/* The node has noted all that it counted as sent. */
static bool is_settled(const struct tally_vcpu *place) {
    return __atomic_load_n(&place->settled, __ATOMIC_ACQUIRE) == place->generation + 1;
}

void tally_vcpu_ended(uint32_t index) {
    struct tally_vcpu *place = place_of(index);
    __atomic_store_n(&place->ended, place->generation + 1, __ATOMIC_RELEASE);
    writer_ring_doorbell();
}

void tally_await(uint32_t index) {
    if (!tally_is_open() || places() == 1 || index >= places()) return;
    struct tally_vcpu *place = place_of(index);
    if (!has_ended(place)) return;
    uint64_t began = writer_now_micros(), held = __atomic_load_n(&held_micros, __ATOMIC_RELAXED), waited = 0;
    uint64_t share = HELD_AT_LEAST + (began > opened_micros ? (began - opened_micros) / HELD_SHARE : 0);
    bool closes = false;
    while (tally_is_open() && !is_settled(place) && !closes && waited < MOST_BUSY) {
        if (held + waited >= share) { /* threads come and go faster than the node follows: callbacks are better at that */
            tally_end_soon();
            closes = window_reinstrument(); /* before this thread executes anything */
        }
        if (!closes) usleep(HELD_STEP);
        uint64_t now = writer_now_micros();
        waited = now > began ? now - began : waited + HELD_STEP;
    }
    __atomic_add_fetch(&held_micros, waited, __ATOMIC_RELAXED);
    if (closes || !tally_is_open() || is_settled(place)) return;
    fprintf(stderr, "tracefleet: vCPU %u: the emulator node shows no life; what an exited thread counted is told as the next one's\n", index);
    place->generation++;
}

/* QEMU translates in another way from here on. */
static void new_phase(void) { __atomic_add_fetch(&phase, 1, __ATOMIC_RELAXED); }

/* A thread of a user-mode process, or a vCPU. */
static void enter_place(struct tally_vcpu *place, uint32_t index) {
    if (has_ended(place)) {
        /* Otherwise the tally closes before the thread executes anything: see tally_await. */
        if (is_settled(place)) __atomic_store_n(&place->generation, place->generation + 1, __ATOMIC_RELEASE);
    } else if (!place->in_use) {
        begin_vcpu(index);
        used_places++;
    }
    if (used_places > TALLY_VCPUS / 2 && most_blocks > MOST_BLOCKS_OF_MANY_VCPUS) most_blocks = MOST_BLOCKS_OF_MANY_VCPUS;
    if (used_places > 1 && !threaded && !writer.header->system_emulation) {
        threaded = true;
        new_phase();
    }
}

void tally_vcpu(uint32_t index) {
    if (!tally_is_open()) return;
    struct tally_vcpu *place = index < places() || places() == 1 ? place_of(index) : NULL;
    if (!place || (places() == 1 && place->in_use && place->vcpu != index)) {
        tally_close();
        return;
    }
    tally_lock();
    enter_place(place, index);
    tally_unlock();
}

/* Counters that an instruction may need for its accesses; see translate_access. */
static uint32_t counters_of(const struct insn *insn) {
    static const uint8_t for_accesses[] = {[EVENTS_ONE] = 2, [EVENTS_LOADS_STORE] = 3, [EVENTS_ALIKE] = 1};
    return insn->needs_callback + for_accesses[insn->events];
}

static uint32_t next_counter(uint16_t weight) {
    writer_tally()->counters[used_counters] = (struct tally_counter){.weight = weight};
    return used_counters++;
}

static void describe(struct block *b) {
    uint32_t needed = 1, blocks = described;
    for (uint32_t i = 0; accesses_wanted && i < b->instructions; i++) needed += counters_of(block_insn(b, i));
    if (!make_ready(blocks, used_counters + needed) || blocks >= most_blocks - KEPT_BLOCKS ||
        used_counters + needed >= TALLY_COUNTERS - KEPT_COUNTERS) {
        if (blocks >= ready_blocks || used_counters + needed > ready_counters) {
            fprintf(stderr, "tracefleet: no room for the counters of one more block in the ring\n");
            abort();
        }
        ending = true;
        window_reinstrument();
    }
    struct tally_block *t = &writer_tally()->blocks[blocks];
    t->vaddr = b->vaddr;
    t->code_hash = b->code_hash;
    t->instructions = b->instructions;
    t->bytes = b->bytes;
    t->first = next_counter((uint16_t)b->entry);
    uint32_t known = (uint16_t)b->entry; /* instructions that were dispatched, if all markers before have been seen */
    for (uint32_t i = 0; accesses_wanted && i < b->instructions; i++) {
        struct insn *insn = block_insn(b, i);
        insn->counter = used_counters;
        insn->size[0] = insn->size[1] = 0;
        insn->stays = insn->events == EVENTS_UNKNOWN || (insn->events == EVENTS_LOADS_STORE && i + 1u == b->instructions);
        if (insn->needs_callback) {
            next_counter((uint16_t)(i + 1 - known));
            known = i + 1;
        }
        /* With EVENTS_ONE the same as after_load. Other instructions' accesses tell nothing. */
        bool tells = insn->events == EVENTS_ONE || insn->events == EVENTS_LOADS_STORE;
        uint16_t weight = (uint16_t)(tells && insn->after_store > known ? insn->after_store - known : 0);
        while (used_counters < insn->counter + counters_of(insn)) next_counter(weight);
        known += weight;
    }
    t->counters = used_counters - t->first;
    b->tally = blocks;
    described = blocks + 1;
    __atomic_store_n(&writer.header->tally_blocks, described, __ATOMIC_RELEASE);
    b->tally_phase = phase;
}

/* The first counter of the instruction's accesses. */
static inline uint32_t access_counter(const struct insn *insn) { return insn->counter + insn->needs_callback; }

/* Threads may overlook each other's: that only puts it off. */
static void spare(void) {
    uint64_t translated = writer.header->translations - __atomic_load_n(&translated_before, __ATOMIC_RELAXED);
    uint64_t now = __atomic_load_n(&spared, __ATOMIC_RELAXED) + 1;
    __atomic_store_n(&spared, now, __ATOMIC_RELAXED);
    if (now < ACCESSES_AT_LEAST || now < translated * ACCESSES_FOR_BLOCK) return;
    __atomic_store_n(&spared, 0, __ATOMIC_RELAXED);
    __atomic_store_n(&translated_before, writer.header->translations, __ATOMIC_RELAXED);
    window_reinstrument();
}

static __attribute__((noinline)) void learn(struct insn *insn, uint64_t kind, uint64_t *counts) {
    uint8_t *size = &insn->size[kind_is_store(kind)], now = (uint8_t)((kind_counter(kind) & 7u) + 1);
    uint8_t before = __atomic_load_n(size, __ATOMIC_RELAXED);
    if (before == 0 && __atomic_compare_exchange_n(size, &before, now, false, __ATOMIC_RELAXED, __ATOMIC_RELAXED)) before = now;
    if (before != now) {
        __atomic_store_n(&insn->stays, true, __ATOMIC_RELAXED);
        __atomic_store_n(size, SIZE_VARIES, __ATOMIC_RELAXED);
    }
    if (insn->events == EVENTS_ONE || (insn->events == EVENTS_LOADS_STORE && kind_is_store(kind))) counts[access_counter(insn)]++;
    if (!__atomic_load_n(&insn->stays, __ATOMIC_RELAXED)) spare();
}

static void count_access(unsigned int vcpu_index, qemu_plugin_meminfo_t info, uint64_t vaddr, void *userdata) {
    struct insn *insn = userdata;
    (void)vaddr;
    uint64_t kind = kind_of(insn, info), *counts = counts_of[vcpu_index];
    counts[kind_counter(kind)]++;
    if (insn->events != EVENTS_UNKNOWN) learn(insn, kind, counts);
}

static bool known_size(uint8_t size) { return size && size != SIZE_VARIES; }

/*
 * What a counter stands for is the same whenever the block is translated again. A forked child may be copying it just then: it must not see
 * it half changed.
 */
static void set_counter(uint32_t counter, struct tally_counter to) {
    struct tally_counter *c = &writer_tally()->counters[counter];
    if (memcmp(c, &to, sizeof to)) *c = to;
}

static struct tally_counter one_load(const struct insn *insn, uint16_t weight) {
    return (struct tally_counter){.weight = weight, .loads = 1, .load_shift = insn->size[0] - 1};
}

static struct tally_counter one_store(const struct insn *insn, uint16_t weight) {
    return (struct tally_counter){.weight = weight, .stores = 1, .store_shift = insn->size[1] - 1};
}

static uint16_t weight_of(uint32_t counter) { return writer_tally()->counters[counter].weight; }

/*
 * All of an instruction's accesses are counted as loads; that the next instruction is dispatched shows that the last one was a store.
 * They are not asked for apart: QEMU 7.2 gives loads to who asked for stores, and hides a helper's loads from the plugins behind.
 */
static void translate_loads_store(struct insn *insn, struct qemu_plugin_insn *handle, struct qemu_plugin_insn *next) {
    uint32_t stored = access_counter(insn) + 1, all = stored + 1;
    struct tally_counter instead = one_store(insn, weight_of(stored));
    instead.loads = -1;
    instead.load_shift = insn->size[0] - 1;
    set_counter(all, one_load(insn, 0));
    set_counter(stored, instead);
    api_count_access(handle, all);
    api_count_insn(next, stored);
}

/*
 * What was learned holds as long as the phase: QEMU translates an instruction's accesses with their sizes fixed, and which
 * instructions make their events in this way is told by classify.h.
 */
static void translate_access(struct block *b, uint32_t i, struct qemu_plugin_tb *tb, struct qemu_plugin_insn *handle) {
    struct insn *insn = block_insn(b, i);
    bool loads = known_size(insn->size[0]), stores = known_size(insn->size[1]);
    bool alike = (loads && !insn->size[1]) || (stores && !insn->size[0]);
    if (alike && (insn->events == EVENTS_ONE || insn->events == EVENTS_ALIKE)) {
        uint32_t c = access_counter(insn) + (insn->events == EVENTS_ONE);
        set_counter(c, stores ? one_store(insn, weight_of(c)) : one_load(insn, weight_of(c)));
        api_count_access(handle, c);
    } else if (insn->events == EVENTS_LOADS_STORE && loads && stores && i + 1u < b->instructions) {
        translate_loads_store(insn, handle, qemu_plugin_tb_get_insn(tb, i + 1));
    } else {
        qemu_plugin_register_vcpu_mem_cb(handle, count_access, QEMU_PLUGIN_CB_NO_REGS, QEMU_PLUGIN_MEM_RW, insn);
    }
}

void tally_translate(struct block *b, struct qemu_plugin_tb *tb) {
    tally_lock();
    if (b->tally_phase != phase) describe(b);
    tally_unlock();
    api_count_block(tb, writer_tally()->blocks[b->tally].first);
    for (uint32_t i = 0; accesses_wanted && i < b->instructions; i++) {
        struct qemu_plugin_insn *handle = qemu_plugin_tb_get_insn(tb, i);
        if (block_insn(b, i)->needs_callback) api_count_insn(handle, block_insn(b, i)->counter);
        translate_access(b, i, tb, handle);
    }
}

void tally_idle(uint32_t vcpu) { __atomic_add_fetch(&place_of(vcpu)->idles, 1, __ATOMIC_RELAXED); }

void tally_resumed(uint32_t vcpu) { __atomic_add_fetch(&place_of(vcpu)->resumes, 1, __ATOMIC_RELAXED); }

void tally_syscall(uint32_t vcpu, bool is_return, int64_t number, int64_t value) {
    struct tally_vcpu *place = place_of(vcpu);
    uint32_t n = place->syscall_numbers, i = 0;
    while (i < n && place->syscalls[i].number != number) i++;
    if (i == n) {
        if (n == TALLY_SYSCALLS - 1) { /* a guest that makes up numbers: callbacks count them without limit, from the next block on */
            ending = true;
            window_reinstrument();
        }
        if (n == TALLY_SYSCALLS) abort();
        place->syscalls[i].number = number;
        __atomic_store_n(&place->syscall_numbers, n + 1, __ATOMIC_RELEASE);
    }
    __atomic_store_n(&place->version, place->version + 1, __ATOMIC_SEQ_CST);
    uint64_t *calls = place->syscalls[i].counts;
    if (is_return) {
        calls[1]++;
        /* -512 and -513 are QEMU's own: the call will be issued again, and a signal handler returned. */
        if (value < 0 && value >= -4095 && value != -512 && value != -513) calls[2]++;
    } else {
        calls[0]++;
    }
    __atomic_store_n(&place->version, place->version + 1, __ATOMIC_SEQ_CST);
}

/* The node leaves it within milliseconds, unless it is dead. */
static void take_from_node(void) {
    uint32_t expected = TALLY_OPEN;
    for (uint32_t waited = 0; waited < MOST_BUSY; waited += 100, expected = TALLY_OPEN) {
        if (__atomic_compare_exchange_n(&writer.header->tally_state, &expected, TALLY_CLOSING, false, __ATOMIC_SEQ_CST, __ATOMIC_RELAXED))
            return;
        usleep(100);
    }
    __atomic_store_n(&writer.header->tally_state, TALLY_CLOSING, __ATOMIC_SEQ_CST);
}

/* What the vCPU counted in line becomes what its slot has executed and sealed, in batches that the node makes. */
static void settle(const struct tally_vcpu *place) {
    const struct tally *tally = writer_tally();
    struct ring_slot *slot = writer_slot(place->vcpu);
    uint64_t instructions = 0, blocks = 0, accesses = 0;
    for (uint32_t i = 0; i < described; i++) blocks += place->counts[tally->blocks[i].first];
    for (uint32_t i = 0; i < used_counters; i++) {
        const struct tally_counter *c = &tally->counters[i];
        instructions += place->counts[i] * c->weight;
        accesses += place->counts[i] * (uint64_t)(int64_t)(c->loads + c->stores);
    }
    slot->executed_instructions = slot->sealed_instructions = instructions;
    slot->executed_blocks = blocks;
    slot->executed_accesses = accesses;
    slot->sequence = place->sequence + writer.header->tally_rest;
}

void tally_close(void) {
    struct ring_header *h = writer.header;
    if (!tally_is_open()) return;
    tally_lock();
    vcpus_hold(MOST_YIELDS);
    take_from_node();
    h->tally_rest = described ? (described + TALLY_BATCH - 1) / TALLY_BATCH : 1;
    for (uint32_t i = 0; i < places(); i++)
        if (writer_tally_vcpu(i)->in_use) settle(writer_tally_vcpu(i));
    __atomic_store_n(&open, false, __ATOMIC_RELAXED);
    __atomic_store_n(&h->tally_state, TALLY_CLOSED, __ATOMIC_RELEASE);
    vcpus_release();
    tally_unlock();
    writer_ring_doorbell();
}

void tally_flushed(bool own) {
    if (!tally_is_open() || writer.header->system_emulation) return;
    /* A thread beyond those that there are places for. */
    if (api_counting_has_moved() || (!own && places() == 1)) tally_close();
    if (!own && !threaded) new_phase();
}

void tally_end_soon(void) { ending = true; }

void tally_reinstrumented(void) {
    if (ending) tally_close();
}

bool tally_begin_process(const uint8_t *from) {
    if (!tally_is_open()) return true;
    const struct tally *theirs = (const struct tally *)(const void *)(from + ((const uint8_t *)writer_tally() - writer.map));
    ready_blocks = ready_counters = used_places = 0;
    struct tally *tally = writer_tally();
    if (!make_ready(described, used_counters)) return false;
    memcpy(tally->counters, theirs->counters, used_counters * sizeof tally->counters[0]);
    memcpy(tally->blocks, theirs->blocks, described * sizeof tally->blocks[0]);
    writer.header->tally_blocks = described;
    return true;
}

void tally_resume(uint32_t vcpu) {
    if (!tally_is_open()) return;
    if (vcpu != UINT32_MAX) enter_place(place_of(vcpu), vcpu);
    __atomic_store_n(&writer.header->tally_state, TALLY_OPEN, __ATOMIC_RELEASE);
}
