/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Block definitions: one per (vaddr, code bytes), however often QEMU translates the block.
 *
 * QEMU keeps pointers to them in its translated code, so they live until the translation buffer is flushed.
 */
#ifndef TRACEFLEET_BLOCK_H
#define TRACEFLEET_BLOCK_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "classify.h"
#include "qemu-abi.h"

/* QEMU ends blocks at 512 instructions (TCG_MAX_INSNS). */
#define BLOCK_MOST_INSTRUCTIONS 512u
/* Blocks cross at most one page border. */
#define BLOCK_MOST_BYTES 8192u

struct block;

/* Memory events of an instruction that completes, where they are known. */
enum insn_events { EVENTS_UNKNOWN, EVENTS_ONE, EVENTS_LOADS_STORE, EVENTS_ALIKE };
#define SIZE_VARIES 255u

/*
 * One instruction of a block: the user data of its callbacks. after_load and after_store are how many of the block's
 * instructions are known to be dispatched once the instruction made a load or a store.
 */
struct insn {
    struct block *block;
    uint16_t index;
    uint16_t after_load;
    uint16_t after_store;
    bool needs_callback; /* its dispatch shows in no other way: an execution callback sets the progress */
    uint8_t mapping;     /* enum insn_mapping */
    /* Count mode only: what the last load's and store's meminfo decoded to, see kind.h; any thread, relaxed. */
    uint64_t kind[2];
    /* Counting in line only. */
    uint32_t counter; /* its first counter in the tally, or 0 */
    uint8_t size[2];  /* what was learned of its loads and stores: log2 of the size + 1, 0 nothing yet, SIZE_VARIES */
    uint8_t events;   /* enum insn_events */
    bool stays;       /* its accesses are counted by callbacks, whatever is learned */
};

struct block {
    uint64_t vaddr;
    uint64_t identity;  /* 64-bit hash of code bytes and instruction sizes */
    uint32_t code_hash; /* FNV-1a 32 of the code bytes */
    uint16_t instructions;
    uint16_t bytes;
    uint32_t id;        /* number of the definition, from 0: its place in tables */
    bool detailed;      /* its details were sent; detail.c's lock */
    uint32_t tally_phase; /* of the tally in which it got counters, or 0 */
    uint32_t tally;       /* which of the tally's blocks it is, in that phase */
    uint64_t entry;     /* what ring_slot.progress and .block_instructions become when the block starts, as one store */
    struct block *chain;
    _Alignas(8) uint8_t insns[]; /* see block_insn */
};

/* How much of struct insn there is: a guest has hundreds of thousands of instructions. */
enum insn_use {
    INSN_TRACED = offsetof(struct insn, kind),
    INSN_COUNTED = offsetof(struct insn, counter),
    INSN_TALLIED = sizeof(struct insn),
};
extern uint32_t insn_size HIDDEN;

static inline struct insn *block_insn(struct block *b, uint32_t i) {
    return (struct insn *)(void *)(b->insns + i * insn_size);
}

/* A translated block's code, gathered once per translation. */
struct code {
    uint64_t vaddr;
    uint32_t instructions;
    uint32_t bytes;
    uint16_t size[BLOCK_MOST_INSTRUCTIONS];
    uint64_t address[BLOCK_MOST_INSTRUCTIONS]; /* of each instruction */
    uint8_t data[BLOCK_MOST_BYTES];
};

/* target: QEMU's name. accesses_seen: memory callbacks are there to tell how far a block got. */
void blocks_open(const char *target, bool system, bool accesses_seen, enum insn_use use);
void code_gather(struct code *code, struct qemu_plugin_tb *tb);
/* The definition of this code. Any thread. Ends the process if memory is out. */
struct block *block_intern(const struct code *code);
/* How many definitions are held, and the bytes they take. */
uint64_t blocks_held(void);
uint64_t blocks_memory(void);
/* Frees all of them: only while no translated code exists and no vCPU runs. */
void blocks_forget(void);
void blocks_lock(void);
void blocks_unlock(void);

#endif
