/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "block.h"

#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "api.h"

#define CHAINS (1u << 16)

uint32_t insn_size;

static struct block **chains;
static uint64_t held, memory;
static uint32_t next_id;
static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static char target[32];
static insn_classifier classify;
static mapping_classifier classify_mapping;
static bool system_emulation, accesses_are_seen;

static void *allocate(size_t size) {
    void *p = calloc(1, size);
    if (!p) {
        fprintf(stderr, "tracefleet: out of memory for block definitions (%llu held)\n", (unsigned long long)held);
        abort();
    }
    return p;
}

void blocks_open(const char *target_name, bool system, bool accesses_seen, enum insn_use use) {
    insn_size = use;
    snprintf(target, sizeof target, "%s", target_name);
    classify = classifier_for(target_name);
    classify_mapping = mapping_classifier_for(target_name);
    system_emulation = system;
    accesses_are_seen = accesses_seen;
    if (!chains) chains = allocate(CHAINS * sizeof *chains);
}

void code_gather(struct code *code, struct qemu_plugin_tb *tb) {
    size_t n = qemu_plugin_tb_n_insns(tb);
    code->vaddr = qemu_plugin_tb_vaddr(tb);
    code->bytes = 0;
    code->instructions = n > BLOCK_MOST_INSTRUCTIONS ? BLOCK_MOST_INSTRUCTIONS : (uint32_t)n;
    for (uint32_t i = 0; i < code->instructions; i++) {
        struct qemu_plugin_insn *insn = qemu_plugin_tb_get_insn(tb, i);
        size_t copied = api_insn_data(insn, code->data + code->bytes, BLOCK_MOST_BYTES - code->bytes);
        code->size[i] = (uint16_t)copied;
        code->address[i] = qemu_plugin_insn_vaddr(insn);
        code->bytes += (uint32_t)copied;
    }
}

/* The last instruction is one even if it is plain: having reached it is what shows that the block was not left before. */
static bool is_candidate(enum insn_class class, uint32_t i, uint32_t sure) {
    return class != INSN_PLAIN || i == sure - 1;
}

static enum insn_events events_of(enum insn_class class) {
    return class == INSN_ONE_ACCESS   ? EVENTS_ONE
           : class == INSN_LOAD_STORE ? EVENTS_LOADS_STORE
           : class == INSN_ALIKE      ? EVENTS_ALIKE
                                      : EVENTS_UNKNOWN;
}

/*
 * Which markers tell how far a block got. The candidates for leaving it midway are the instructions that are not plain, and the last one.
 * Seeing one complete means that everything up to and including the next candidate was dispatched. One whose completion
 * shows in no memory event makes an execution callback on the candidate behind it necessary.
 */
static void plan_markers(struct block *b, const struct code *code) {
    enum insn_class class[BLOCK_MOST_INSTRUCTIONS];
    uint32_t n = b->instructions, at = 0;
    bool met_once = false;
    if (n == 0) return;
    for (uint32_t i = 0; i < n; i++) {
        class[i] = classify(code->data + at, code->size[i], code->address[i], system_emulation);
        if (class[i] == INSN_PLAIN_AGAIN) {
            class[i] = met_once ? INSN_PLAIN : INSN_OTHER;
            met_once = true;
        }
        struct insn *insn = block_insn(b, i);
        insn->block = b;
        insn->index = (uint16_t)i;
        if (insn_size == INSN_TALLIED) insn->events = (uint8_t)events_of(class[i]);
        insn->mapping = system_emulation ? (uint8_t)classify_mapping(code->data + at, code->size[i]) : 0;
        at += code->size[i];
    }
    uint32_t sure = n; /* the last one may be one that QEMU undid: it is known only if it shows itself */
    if (last_may_be_undone(target, n - 1, code->address[n - 1])) block_insn(b, --sure)->needs_callback = true;
    uint32_t next = sure; /* instructions dispatched once the following candidate is */
    for (uint32_t i = n; i-- > 0;) {
        struct insn *insn = block_insn(b, i);
        insn->after_load = insn->after_store = (uint16_t)(i + 1);
        if (i >= sure || !is_candidate(class[i], i, sure)) continue;
        if (class[i] == INSN_ONE_ACCESS) insn->after_load = insn->after_store = (uint16_t)next;
        if (class[i] == INSN_LOAD_STORE) insn->after_store = (uint16_t)next;
        next = i + 1;
    }
    bool visible = true; /* the block's start shows that the first candidate is reached */
    for (uint32_t i = 0; i < sure; i++) {
        if (!is_candidate(class[i], i, sure)) continue;
        block_insn(b, i)->needs_callback = !visible;
        visible = class[i] == INSN_ONE_ACCESS || class[i] == INSN_LOAD_STORE;
    }
    b->entry = (accesses_are_seen ? next : n) | (uint64_t)n << 32;
}

struct block *block_intern(const struct code *code) {
    uint32_t fnv = 2166136261u;
    for (uint32_t i = 0; i < code->bytes; i++) fnv = (fnv ^ code->data[i]) * 16777619u;
    uint64_t identity = UINT64_C(14695981039346656037);
    for (uint32_t i = 0; i < code->instructions; i++)
        identity = (identity ^ code->size[i]) * UINT64_C(1099511628211);
    for (uint32_t i = 0; i < code->bytes; i++) identity = (identity ^ code->data[i]) * UINT64_C(1099511628211);
    uint64_t mixed = (code->vaddr ^ identity) * UINT64_C(0x9e3779b97f4a7c15);
    uint32_t hash = (uint32_t)(mixed >> 32);

    blocks_lock();
    struct block **head = &chains[hash % CHAINS];
    struct block *b = *head;
    while (b && !(b->vaddr == code->vaddr && b->identity == identity && b->instructions == code->instructions &&
                  b->bytes == code->bytes))
        b = b->chain;
    if (!b) {
        size_t size = sizeof *b + code->instructions * insn_size;
        b = allocate(size);
        b->vaddr = code->vaddr;
        b->identity = identity;
        b->code_hash = fnv;
        b->instructions = (uint16_t)code->instructions;
        b->bytes = (uint16_t)code->bytes;
        b->id = next_id++;
        plan_markers(b, code);
        b->chain = *head;
        *head = b;
        held++;
        memory += size;
    }
    blocks_unlock();
    return b;
}

uint64_t blocks_held(void) { return held; }

uint64_t blocks_memory(void) { return memory; }

void blocks_forget(void) {
    for (uint32_t i = 0; i < CHAINS; i++) {
        struct block *b = chains[i];
        chains[i] = NULL;
        while (b) {
            struct block *next = b->chain;
            free(b);
            b = next;
        }
    }
    held = memory = 0;
    next_id = 0;
}

void blocks_lock(void) { pthread_mutex_lock(&lock); }

void blocks_unlock(void) { pthread_mutex_unlock(&lock); }
