/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "process.h"

#include <pthread.h>
#include <stdbool.h>
#include <stddef.h>
#include <string.h>

#include "api.h"
#include "block.h"
#include "detail.h"
#include "image.h"
#include "knock.h"
#include "recorder.h"
#include "tally.h"
#include "window.h"

/* System call numbers by QEMU's target names. Source: each architecture's unistd.h. */
static const struct ending {
    const char *target;
    int exit, exit_group, execve, execveat;
} endings[] = {
    {"x86_64", 60, 231, 59, 322},    {"i386", 1, 252, 11, 358},        {"aarch64", 93, 94, 221, 281},
    {"aarch64_be", 93, 94, 221, 281}, {"riscv64", 93, 94, 221, 281},   {"riscv32", 93, 94, 221, 281},
    {"loongarch64", 93, 94, 221, 281}, {"arm", 1, 248, 11, 387},       {"armeb", 1, 248, 11, 387},
    {"ppc", 1, 234, 11, 362},        {"ppc64", 1, 234, 11, 362},       {"ppc64le", 1, 234, 11, 362},
    {"s390x", 1, 248, 11, 354},      {"mips", 4001, 4246, 4011, 4356}, {"mipsel", 4001, 4246, 4011, 4356},
    {"mips64", 5058, 5205, 5057, 5316}, {"mips64el", 5058, 5205, 5057, 5316}, {"m68k", 1, 247, 11, 355},
    {"sparc", 1, 188, 59, 350},      {"sparc64", 1, 188, 59, 350},     {"alpha", 1, 405, 59, 513},
};

/* Those that may put a file where another was, 0 where a target has none. Source: as above. */
static const struct mapper {
    const char *target;
    int mmap, mmap2, mremap;
} mappers[] = {
    {"x86_64", 9, 0, 25},      {"i386", 90, 192, 163},    {"aarch64", 222, 0, 216},   {"aarch64_be", 222, 0, 216},
    {"riscv64", 222, 0, 216},  {"riscv32", 0, 222, 216},  {"loongarch64", 222, 0, 216}, {"arm", 90, 192, 163},
    {"armeb", 90, 192, 163},   {"ppc", 90, 192, 163},     {"ppc64", 90, 0, 163},      {"ppc64le", 90, 0, 163},
    {"s390x", 90, 0, 163},     {"mips", 4090, 4210, 4167}, {"mipsel", 4090, 4210, 4167}, {"mips64", 5009, 0, 5024},
    {"mips64el", 5009, 0, 5024}, {"m68k", 90, 192, 163},  {"sparc", 71, 56, 250},     {"sparc64", 71, 0, 250},
    {"alpha", 71, 0, 341},
};

static const struct ending *ending;
static const struct mapper *mapper;
static uint32_t live_threads;
static struct vcpu *forking; /* the vCPU that made the last system call of its thread */
static __thread struct vcpu *here;

static void before_fork(void) {
    forking = here;
    vcpus_lock();
    tally_lock();
    blocks_lock();
    detail_lock();
}

static void after_fork_in_parent(void) {
    detail_unlock();
    blocks_unlock();
    tally_unlock();
    vcpus_unlock();
}

/*
 * The child has a copy of the parent's memory, one thread, and the parent's ring still mapped. It must not write to that
 * ring: it gets one of its own, in which the thread that called fork goes on as its vCPU, counting from nothing.
 */
static void after_fork_in_child(void) {
    detail_unlock();
    blocks_unlock();
    tally_unlock();
    vcpus_unlock();
    if (window_is_over()) return;
    window_begin_process();
    writer_reopen_in_child();
    tally_resume(forking ? forking->index : UINT32_MAX);
    api_inline_restart();
    live_threads = forking ? 0 : 1; /* entering counts it */
    for (uint32_t i = 0; i < VCPU_SLOTS; i++) {
        if (!vcpus[i] || vcpus[i] == forking) continue;
        vcpus[i]->slot = NULL; /* a later thread with this index enters anew */
        vcpus[i]->outside = 0;
    }
    detail_open();
    if (forking) {
        vcpu_enter(forking->index);
        recorder->begin_process(forking);
    }
    knock_begin_process();
}

void process_open(const char *target) {
    for (size_t i = 0; i < sizeof endings / sizeof endings[0]; i++)
        if (!strcmp(endings[i].target, target)) ending = &endings[i];
    for (size_t i = 0; i < sizeof mappers / sizeof mappers[0]; i++)
        if (!strcmp(mappers[i].target, target)) mapper = &mappers[i];
    pthread_atfork(before_fork, after_fork_in_parent, after_fork_in_child);
}

void process_thread_began(void) { __atomic_add_fetch(&live_threads, 1, __ATOMIC_RELAXED); }

void process_thread_ended(void) { __atomic_sub_fetch(&live_threads, 1, __ATOMIC_RELAXED); }

/* Any system call may, of a target whose numbers are not known. */
static bool may_map(int64_t number) {
    return !mapper || (number && (number == mapper->mmap || number == mapper->mmap2 || number == mapper->mremap));
}

static void end(enum ring_end how, int32_t code) {
    writer.header->exit_code = code;
    __atomic_store_n(&writer.header->end, (uint32_t)how, __ATOMIC_RELEASE);
}

void process_syscall(struct vcpu *v, int64_t number, uint64_t first_argument) {
    here = v;
    if (may_map(number)) image_mappings_changed();
    if (!ending) return;
    int32_t code = (int32_t)(first_argument & 0xff);
    if (number == ending->exit_group ||
        (number == ending->exit && __atomic_load_n(&live_threads, __ATOMIC_RELAXED) <= 1)) {
        end(END_EXIT, code);
        window_end_process();
    } else if (number == ending->execve || number == ending->execveat)
        end(END_EXEC, 0);
}

void process_syscall_return(struct vcpu *v, int64_t number) {
    here = v;
    if (may_map(number)) image_mappings_changed();
    /* execve returns only when it failed. */
    if (ending && (number == ending->execve || number == ending->execveat)) end(END_NONE, 0);
}
