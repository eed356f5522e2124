/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The ring: one file in shared memory per run. The plugin writes it, the emulator node reads it.
 *
 * Everything is little-endian. Offsets are in bytes. The Java side of this layout is
 * io.tracefleet.node.ring.RingLayout; a test compares the offsets that ring-offsets.c prints with it.
 *
 *        0 +--------------------------------+
 *          | header                         |  RING_HEADER_SIZE
 *     4096 +--------------------------------+
 *          | slot 0                         |  RING_SLOT_SIZE each; slot i belongs to vCPU index i
 *          | ...                            |
 *          | slot vcpu_slots - 1            |
 *          | slot vcpu_slots                |  the run's own stream: block details
 *          +--------------------------------+  descriptors_offset
 *          | descriptor 0 .. buffer_count-1 |  RING_DESCRIPTOR_SIZE each
 *          +--------------------------------+  buffers_offset, a multiple of 4096
 *          | buffer 0 .. buffer_count-1     |  buffer_size each
 *          +--------------------------------+  tally_offset, a multiple of 4096
 *          | tally                          |  struct tally: what the counters are of
 *          | counts of a vCPU               |  struct tally_vcpu, tally_vcpus of them
 *          | ...                            |
 *          +--------------------------------+
 *
 * A buffer is a snapshot of its writer's slot (RING_SLOT_SIZE bytes, valid once SEALED) and then the columns, each at
 * column_offset[c] from the buffer's start, its length in the slot's column_length[c].
 *
 * While a batch is open its header lives in the slot and its columns grow in the buffer, so that a process killed at any
 * instant leaves a readable batch: a column's bytes are written before its length, and an event's bytes before its count.
 * Only the vCPU's thread writes its slot and its open buffer. Only the node turns SEALED into FREE.
 */
#ifndef TRACEFLEET_RING_H
#define TRACEFLEET_RING_H

#include <stddef.h>
#include <stdint.h>

#define RING_MAGIC UINT64_C(0x0100474e49524654) /* "TFRING\0\1" */
/* 1: first released layout. 2: columns by codec, and a control block: one run may have batches of both codecs. */
#define RING_VERSION 2u
#define RING_HEADER_SIZE 4096u
#define RING_SLOT_SIZE 512u
#define RING_DESCRIPTOR_SIZE 64u
#define RING_COLUMNS 8u
#define RING_NO_BUFFER UINT32_MAX

enum ring_buffer_state { BUFFER_FREE = 0, BUFFER_OPEN = 1, BUFFER_SEALED = 2 };
enum ring_slot_state { SLOT_UNUSED = 0, SLOT_LIVE = 1, SLOT_EXITED = 2 };
enum ring_mode { MODE_FULL = 1, MODE_COUNT = 2, MODE_OFF = 3 };
enum ring_when_full { WHEN_FULL_BLOCK = 1, WHEN_FULL_DROP = 2 };
enum ring_codec { CODEC_FULL_1 = 1, CODEC_COUNT_1 = 2, CODEC_DETAIL_1 = 3 };
enum ring_end { END_NONE = 0, END_EXIT = 1, END_EXEC = 2, END_DETACHED = 3 };

/* BUSY: the node is at it. CLOSING: the plugin is. Once it is CLOSED, its vCPU makes batches of its own. */
enum ring_tally { TALLY_NONE = 0, TALLY_OPEN = 1, TALLY_BUSY = 2, TALLY_CLOSING = 3, TALLY_CLOSED = 4 };

/* The control block's own version: 1: mode, address ranges, vCPUs, windows. */
#define CONTROL_VERSION 1u
#define CONTROL_RANGES 16u
#define CONTROL_VCPUS 64u
#define CONTROL_WINDOWS 8u

/* slot flags */
#define SLOT_FLAG_SCRAP 1u    /* the open batch has no buffer: its events count as dropped */
#define SLOT_FLAG_UNSEALED 2u /* set by the node in what it rescues from a dead process, never by the plugin */
#define SLOT_FLAG_SYSTEM 4u   /* system emulation: the physical column is present */

/*
 * What is to be traced. The node writes what it wants: it makes wanted odd, writes the fields, and makes wanted the next
 * even number, which is that of the change. The plugin obeys at a moment when no vCPU executes, and says so in applied. Each
 * slot then tells in changed_at how many of its vCPU's instructions had been traced until then.
 */
struct ring_control {
    uint32_t version;        /*   0 CONTROL_VERSION */
    uint32_t wanted;         /*   4 futex: number of the change that is wanted; 0: none was; odd while it is being written */
    uint32_t mode;           /*   8 enum ring_mode */
    uint32_t range_count;    /*  12 0: all addresses */
    uint32_t vcpu_count;     /*  16 0: all vCPUs */
    uint32_t window_count;   /*  20 0: all instructions */
    uint32_t applied;        /*  24 written by the plugin: number of the change that is in force */
    uint32_t reserved0;      /*  28 */
    uint64_t applied_micros; /*  32 since the epoch; when it came into force */
    uint64_t reserved1;      /*  40 */
    uint64_t ranges[CONTROL_RANGES][2];   /*  48 guest virtual addresses: first, and first after it */
    uint32_t vcpus[CONTROL_VCPUS];        /* 304 vCPU indices */
    uint64_t windows[CONTROL_WINDOWS][3]; /* 560 instructions of a vCPU: first, how many, repeated after so many or 0 */
};

struct ring_header {
    uint64_t magic;             /*   0 written last: a ring without it is not ready */
    uint32_t version;           /*   8 RING_VERSION */
    uint32_t header_size;       /*  12 RING_HEADER_SIZE */
    uint8_t run_id[16];         /*  16 UUID version 7, network order */
    uint8_t parent_run_id[16];  /*  32 all zero: no parent */
    uint32_t pid;               /*  48 of the QEMU process */
    uint32_t vcpu_slots;        /*  52 vCPU slots, without the run's own */
    uint64_t process_start;     /*  56 field 22 of /proc/PID/stat: tells a reused pid */
    uint64_t created_micros;    /*  64 since the epoch */
    uint64_t descriptors_offset;/*  72 */
    uint64_t buffers_offset;    /*  80 */
    uint32_t buffer_size;       /*  88 bytes, the slot snapshot included */
    uint32_t buffer_count;      /*  92 descriptors there are */
    char target[32];            /*  96 QEMU's target name, NUL-terminated */
    uint32_t api_min;           /* 128 plugin API of this QEMU */
    uint32_t api_current;       /* 132 */
    uint32_t system_emulation;  /* 136 0 or 1 */
    uint32_t smp_vcpus;         /* 140 0 in user mode */
    uint32_t max_vcpus;         /* 144 0 in user mode */
    uint32_t mode;              /* 148 enum ring_mode, at the start */
    uint32_t when_full;         /* 152 enum ring_when_full */
    uint32_t reserved0;         /* 156 */
    uint32_t column_offset[RING_COLUMNS];   /* 160 of codec 1, from a buffer's start */
    uint32_t column_capacity[RING_COLUMNS]; /* 192 bytes */
    /* What the process said about its own end; the node adds what it sees from outside. */
    uint32_t end;               /* 224 enum ring_end; END_EXEC is taken back when execve returns */
    int32_t exit_code;          /* 228 argument of exit_group, with END_EXIT */
    uint64_t start_code;        /* 232 user mode image, 0 where unknown */
    uint64_t end_code;          /* 240 */
    uint64_t entry_code;        /* 248 */
    uint32_t buffer_limit;      /* 256 atomic: buffers [0, buffer_limit) may be used */
    uint32_t untraced_children; /* 260 atomic: forked children that found no room for a ring */
    uint64_t flushes;           /* 264 translation buffer flushes seen */
    uint64_t translations;      /* 272 atomic: blocks translated, retranslations included */
    uint64_t definitions;       /* 280 distinct blocks held */
    uint64_t held_nanos;        /* 288 atomic: time vCPUs were held back by a full ring */
    uint64_t inline_blocks;     /* 296 totals of the inline operations, with inline=on (racy before QEMU 9.0) */
    uint64_t inline_instructions; /* 304 */
    uint64_t inline_accesses;   /* 312 */
    /* Written by the node. */
    uint32_t flush_epoch;       /* 320 changes when open batches should be sealed */
    uint32_t freed;             /* 324 futex: changes whenever a buffer is freed */
    uint32_t freed_waiters;     /* 328 atomic: vCPUs waiting on freed */
    uint32_t control;           /* 332 0 none, 1 detach (uninstall), 2 re-instrument (reset) */
    /* Counting in line; see struct tally_block. */
    uint64_t tally_offset;      /* 336 of the tally from the file's start */
    uint32_t tally_state;       /* 344 atomic, enum ring_tally */
    uint32_t tally_vcpus;       /* 348 places for vCPUs */
    uint32_t tally_blocks;      /* 352 atomic: blocks that are described */
    uint32_t tally_rest;        /* 356 sequences of each vCPU that are reserved for what was not sent when it closed */
    uint32_t count_column_offset[RING_COLUMNS];   /* 360 of codec 2, from a buffer's start */
    uint32_t count_column_capacity[RING_COLUMNS]; /* 392 bytes */
    uint8_t reserved2[88];      /* 424 */
    char image[1024];           /* 512 path of the guest's program (user mode), NUL-terminated */
    struct ring_control wish;   /* 1536 what is to be traced */
};

/* What travels as the first bytes of a payload: the slot's bytes [SLOT_PAYLOAD_BEGIN, SLOT_PAYLOAD_END). */
#define SLOT_PAYLOAD_BEGIN 64u
#define SLOT_PAYLOAD_END 384u

struct ring_slot {
    uint32_t state;             /*   0 enum ring_slot_state */
    uint32_t vcpu;              /*   4 QEMU's index; UINT32_MAX in the run's own slot */
    uint32_t generation;        /*   8 how often the index was reused before */
    uint32_t buffer;            /*  12 the OPEN buffer, or RING_NO_BUFFER */
    uint64_t sequence;          /*  16 of the open batch */
    uint64_t opened_micros;     /*  24 */
    uint64_t sealed_micros;     /*  32 in snapshots */
    uint64_t first_instruction; /*  40 dispatched by this vCPU index (all generations) before this batch, dropped ones included */
    uint64_t reserved0[2];      /*  48 */
    /* payload header */
    uint32_t codec;             /*  64 enum ring_codec */
    uint32_t flags;             /*  68 SLOT_FLAG_* */
    uint64_t instructions;      /*  72 dispatched in this batch, without the block that is running */
    uint64_t blocks;            /*  80 dispatched in this batch */
    uint64_t accesses;          /*  88 memory accesses in this batch */
    uint32_t progress;          /*  96 instructions of the running block known to be dispatched */
    uint32_t block_instructions;/* 100 instructions the running block has */
    uint64_t leading;           /* 104 instructions of this batch that belong to a block begun in an earlier one */
    uint64_t idles;             /* 112 */
    uint64_t resumes;           /* 120 */
    uint64_t syscalls;          /* 128 entries */
    uint64_t syscall_returns;   /* 136 */
    uint32_t column_length[RING_COLUMNS]; /* 144 committed bytes of each column */
    uint64_t reserved1[10];     /* 176 */
    uint64_t counts[2][8];      /* 256 count mode: accesses by [is_store][size shift] */
    /* end of the payload header */
    uint64_t dropped_batches;   /* 384 dropped since the last batch that was sealed */
    uint64_t dropped_instructions; /* 392 */
    uint64_t dropped_blocks;    /* 400 */
    uint64_t dropped_accesses;  /* 408 */
    uint64_t executed_instructions; /* 416 of all finished batches of this index, sealed or dropped */
    uint64_t executed_blocks;   /* 424 */
    uint64_t executed_accesses; /* 432 */
    uint64_t sealed_instructions; /* 440 of all sealed batches of this index */
    uint64_t changed_at;        /* 448 executed_instructions when the change in force was made */
    uint64_t passed_instructions; /* 456 all of this index that were passed over: outside the windows asked for; in no other count */
    uint64_t changed_passed;    /* 464 passed_instructions when the change in force was made */
    uint64_t reserved2[5];      /* 472 */
};

struct ring_descriptor {
    uint32_t state;             /*   0 atomic, enum ring_buffer_state */
    uint32_t slot;              /*   4 index of the slot that opened it */
    uint8_t reserved[56];
};

#define TALLY_BLOCKS 131072u
#define TALLY_COUNTERS 262144u
#define TALLY_SYSCALLS 1024u
/* vCPUs that can count in line: QEMU moves its scoreboards in memory for more. */
#define TALLY_VCPUS 16u
/* Blocks in a batch of counts, at most. What was not sent when the tally closed takes a batch for so many blocks each, but at least one. */
#define TALLY_BATCH 16384u
/* Counters of accesses by [is_store][size shift], for those that have no counter of their own. */
#define TALLY_GENERIC 16u

/*
 * The tally (count mode): each vCPU has all counters, and each counter only grows, by QEMU's inline additions. What a counter stands for
 * is a sum: c of it are c * weight instructions dispatched, c * loads loads of 1 << load_shift bytes, and so on with stores.
 * The counters of a block are next to each other, the first is that of its executions; a later one is never ahead of an
 * earlier one that must have been added to before, so whoever reads them from the last to the first sees no more dispatched than started.
 *
 * The node sends what was not sent yet. It notes what a batch makes sent, tagged with the batch's sequence + 1, in the older one of
 * two places, and only then moves the vCPU's sequence; so another node can make the same batch again.
 */
struct tally_counter {
    uint16_t weight;
    int8_t loads;
    int8_t stores;
    uint8_t load_shift;
    uint8_t store_shift;
    uint8_t reserved[2];
};

struct tally_sent {
    uint64_t tag; /* sequence of the batch + 1; 0: nothing was sent yet */
    uint64_t executions; /* whole ones: those that may not have ended are sent last, when the tally is closed */
};

struct tally_block {
    uint64_t vaddr;
    uint32_t code_hash;
    uint16_t instructions;
    uint16_t bytes;
    uint32_t first;    /* counter */
    uint32_t counters;
};

struct tally_syscall {
    int64_t number;
    uint64_t counts[3]; /* entries, returns, errors */
    uint64_t sent[2][4]; /* tag, entries, returns, errors */
};

struct tally {
    struct tally_block blocks[TALLY_BLOCKS];
    struct tally_counter counters[TALLY_COUNTERS]; /* 3145728 */
};

struct tally_vcpu {
    uint32_t in_use;   /*   0 atomic, 1 once a vCPU counts here */
    uint32_t vcpu;     /*   4 its index */
    uint32_t syscall_numbers; /* 8 atomic: how many are described */
    uint32_t version;  /*  12 odd while a system call is being counted */
    uint64_t sequence; /*  16 written by the node: the next batch; what is noted as sent in earlier ones counts */
    uint64_t arrived;  /*  24 written by the node: batches below have arrived */
    uint64_t idles;    /*  32 */
    uint64_t resumes;  /*  40 */
    uint64_t sent[2][20]; /* 48 tag, instructions, accesses by [is_store][size shift], idles, resumes */
    uint32_t generation; /* 368 of the thread that counts here; all that was not settled is of it */
    uint32_t ended;    /* 372 atomic: generation + 1 once that thread has exited */
    uint32_t settled;  /* 376 atomic, written by the node: the same, once all that it counted is noted as sent */
    uint32_t sent_generation; /* 380 written by the node: of what the last batch is made of */
    uint8_t reserved[3712]; /* 384 */
    struct tally_syscall syscalls[TALLY_SYSCALLS]; /* 4096 */
    struct tally_sent blocks[TALLY_BLOCKS][2]; /* 102400 what was sent of each block's executions */
    uint64_t counts[TALLY_COUNTERS]; /* 4296704, a multiple of 4096 */
};

/* DIR/doorbell, one per node, shared by the rings in DIR. Made by the node before it starts QEMU. */
struct doorbell {
    uint64_t magic;             /*   0 "TFBELL\0\1" */
    uint32_t word;              /*   8 futex: changes on every sealed batch and every new ring */
    uint32_t waiting;           /*  12 1 while the node sleeps on word */
    uint32_t node_pid;          /*  16 */
    uint32_t reserved0;         /*  20 */
    uint64_t heartbeat_micros;  /*  24 monotonic-ish wall clock of the node's last round */
};
#define DOORBELL_MAGIC UINT64_C(0x01004c4c45424654) /* "TFBELL\0\1" */
#define DOORBELL_SIZE 4096u

_Static_assert(offsetof(struct ring_header, column_offset) == 160, "layout");
_Static_assert(offsetof(struct ring_header, end) == 224, "layout");
_Static_assert(offsetof(struct ring_header, flush_epoch) == 320, "layout");
_Static_assert(offsetof(struct ring_header, tally_offset) == 336, "layout");
_Static_assert(offsetof(struct ring_header, image) == 512, "layout");
_Static_assert(offsetof(struct ring_header, wish) == 1536, "layout");
_Static_assert(offsetof(struct ring_control, ranges) == 48, "layout");
_Static_assert(offsetof(struct ring_control, windows) == 560, "layout");
_Static_assert(sizeof(struct tally_counter) == 8, "layout");
_Static_assert(sizeof(struct tally_block) == 24, "layout");
_Static_assert(sizeof(struct tally_syscall) == 96, "layout");
_Static_assert(offsetof(struct tally_vcpu, sent) == 48, "layout");
_Static_assert(offsetof(struct tally_vcpu, syscalls) == 4096, "layout");
_Static_assert(offsetof(struct tally_vcpu, blocks) == 102400, "layout");
_Static_assert(offsetof(struct tally_vcpu, counts) % 4096 == 0, "layout");
_Static_assert(sizeof(struct tally) % 4096 == 0 && sizeof(struct tally_vcpu) % 4096 == 0, "layout");
_Static_assert(sizeof(struct ring_header) <= RING_HEADER_SIZE, "layout");
_Static_assert(offsetof(struct ring_slot, codec) == SLOT_PAYLOAD_BEGIN, "layout");
_Static_assert(offsetof(struct ring_slot, column_length) == 144, "layout");
_Static_assert(offsetof(struct ring_slot, counts) == 256, "layout");
_Static_assert(offsetof(struct ring_slot, dropped_batches) == SLOT_PAYLOAD_END, "layout");
_Static_assert(sizeof(struct ring_slot) == RING_SLOT_SIZE, "layout");
_Static_assert(sizeof(struct ring_descriptor) == RING_DESCRIPTOR_SIZE, "layout");

#endif
