/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What the oracle counts, as it lies in its file. The file is sparse and mapped shared, so that whatever was counted is
 * there after any kind of death. Read it with oracle-dump.
 */
#ifndef ORACLE_H
#define ORACLE_H

#include <stdint.h>

#define ORACLE_MAGIC UINT64_C(0x3130454c4341524f) /* "ORACLE01" */
#define MAX_VCPUS 256u
#define MAX_LIVES 65536u     /* (vCPU, generation) pairs */
#define MAX_BLOCKS (1u << 22) /* distinct (vaddr, instructions) */
#define BLOCK_INDEX (1u << 23)
#define MAX_DEVICES 256u /* device 0 is RAM */
#define MAX_PAGES (1u << 18)
#define MAX_SYSCALLS 4096u

/* One life of one vCPU index. */
struct life {
    uint32_t vcpu, generation;
    uint64_t instructions, blocks, idles, resumes;
    uint64_t accesses[2][8]; /* [is_store][log2 of the size] */
};
struct block {
    uint64_t vaddr, instructions;
};
struct traffic {
    uint64_t reads, writes, read_bytes, write_bytes;
};
struct page {
    uint64_t key; /* page address + 1; 0: free */
    struct traffic traffic;
};
struct syscall_count {
    int64_t number;
    uint64_t used, entries, returns, errors;
};
/* Only the vCPU's own thread writes here. */
struct vcpu {
    uint64_t executions[MAX_BLOCKS];
    uint64_t dispatched[MAX_BLOCKS]; /* instructions */
    struct traffic devices[MAX_DEVICES];
    struct page pages[MAX_PAGES]; /* hashed by page number, linear probing */
};
struct oracle {
    uint64_t magic;
    uint32_t pid, parent_pid;
    uint32_t api_min, api_current, system, overflow; /* overflow: a table was too small, nothing here counts */
    uint32_t exited;                                 /* the atexit callback ran */
    uint32_t lives, blocks, devices, syscalls, vcpus;
    char target[64];
    char device[MAX_DEVICES][256];
    struct life life[MAX_LIVES];
    struct syscall_count syscall[MAX_SYSCALLS];
    struct block block[MAX_BLOCKS];
    uint32_t block_index[BLOCK_INDEX]; /* block number + 1, hashed */
    struct vcpu vcpu[MAX_VCPUS];
};

#endif
