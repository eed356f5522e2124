/* SPDX-License-Identifier: GPL-2.0-or-later */
#define _GNU_SOURCE
#include "knock.h"

#include <dirent.h>
#include <errno.h>
#include <linux/futex.h>
#include <pthread.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/syscall.h>
#include <time.h>
#include <ucontext.h>
#include <unistd.h>

#include "control.h"
#include "window.h"

/* SIGCANCEL. The C library refuses to install a handler for it, but never blocks it. */
#define KNOCK 32
/* Translated code lies in few mappings, which guard pages divide; what is closer together than this is taken for one. */
#define GUARD_MOST (1u << 20)
#define RANGES_MOST 64
#define STACK_SIZE (256u * 1024u)
/* Between rounds, nanoseconds: at first, and once nobody has answered so many. A guest that sleeps answers when it wakes. */
#define STEP 2000000
#define STEP_LATER 100000000
#define EAGER_ROUNDS 500
/* A wish may be missed by the futex only as long as this. */
#define WAIT_MOST_SECONDS 1

static struct range {
    uintptr_t begin, end;
} ranges[RANGES_MOST];
static int range_count; /* atomic: the handler reads it */
static uint32_t knocking; /* atomic: a round is under way */
static bool begun;        /* atomic */
static __thread int32_t thread_id;

static uintptr_t interrupted_at(const ucontext_t *context) {
#if defined __x86_64__
    return (uintptr_t)context->uc_mcontext.gregs[REG_RIP];
#elif defined __aarch64__
    return (uintptr_t)context->uc_mcontext.pc;
#elif defined __riscv
    return (uintptr_t)context->uc_mcontext.__gregs[REG_PC];
#elif defined __s390x__
    return (uintptr_t)context->uc_mcontext.psw.addr;
#elif defined __powerpc64__
    return (uintptr_t)context->uc_mcontext.gp_regs[32];
#else
    (void)context; /* here a wish is noticed at system calls and when a batch ends */
    return 0;
#endif
}

static void on_knock(int number, siginfo_t *info, void *context) {
    (void)number, (void)info;
    uintptr_t at = interrupted_at(context);
    int n = __atomic_load_n(&range_count, __ATOMIC_ACQUIRE);
    for (int i = 0; i < n; i++) {
        if (at < ranges[i].begin || at >= ranges[i].end) continue;
        int saved = errno;
        window_obey();
        errno = saved;
        return;
    }
}

/* What the kernel knows as a handler. */
struct kernel_action {
    void (*handler)(int, siginfo_t *, void *);
    unsigned long flags;
#if defined __x86_64__
    void (*restorer)(void);
#endif
    uint64_t mask;
};

#if defined __x86_64__
#define RESTORER 0x04000000ul
void knock_restorer(void) HIDDEN;
__asm__(".text\n.globl knock_restorer\n.hidden knock_restorer\n.type knock_restorer,@function\n"
        "knock_restorer:\n\tmov $15, %eax\n\tsyscall\n.size knock_restorer,.-knock_restorer\n");
#endif

static bool install_handler(void) {
    struct kernel_action action = {.handler = on_knock, .flags = SA_SIGINFO | SA_RESTART, .mask = ~UINT64_C(0)};
#if defined __x86_64__
    action.flags |= RESTORER;
    action.restorer = knock_restorer;
#endif
    return syscall(SYS_rt_sigaction, KNOCK, &action, NULL, sizeof action.mask) == 0;
}

/* Executable memory that is no file's is QEMU's buffer of translated code. */
static void find_translated_code(void) {
    FILE *maps = fopen("/proc/self/maps", "re");
    char line[512];
    int n = 0;
    if (!maps) return;
    __atomic_store_n(&range_count, 0, __ATOMIC_RELEASE);
    while (fgets(line, sizeof line, maps)) {
        unsigned long begin, end, inode;
        char rights[5], path[256] = "";
        int fields = sscanf(line, "%lx-%lx %4s %*x %*s %lu %255s", &begin, &end, rights, &inode, path);
        if (fields < 4 || rights[2] != 'x' || path[0] == '[' || (inode && !strstr(path, "memfd:"))) continue;
        if (n && begin < ranges[n - 1].end + GUARD_MOST)
            ranges[n - 1].end = end;
        else if (n < RANGES_MOST)
            ranges[n++] = (struct range){begin, end};
    }
    fclose(maps);
    __atomic_store_n(&range_count, n, __ATOMIC_RELEASE);
}

static void send_knock(int32_t thread) { syscall(SYS_tgkill, getpid(), thread, KNOCK); }

static bool is_in_syscall(int32_t thread) {
    for (uint32_t i = 0; i < VCPU_SLOTS; i++) {
        struct vcpu *v = __atomic_load_n(&vcpus[i], __ATOMIC_ACQUIRE);
        if (v && __atomic_load_n(&v->thread, __ATOMIC_SEQ_CST) == thread)
            return __atomic_load_n(&v->in_syscall, __ATOMIC_SEQ_CST) != 0;
    }
    return false;
}

/* Every thread: one that executes translated code may never have called us. main_too: the first one is no main loop. */
static void knock_at_all(bool main_too) {
    DIR *threads = opendir("/proc/self/task");
    if (!threads) return;
    int32_t self = (int32_t)syscall(SYS_gettid), first = (int32_t)getpid();
    for (struct dirent *entry; (entry = readdir(threads));) {
        int32_t thread = (int32_t)atoi(entry->d_name);
        if (thread <= 0 || thread == self || (thread == first && !main_too) || is_in_syscall(thread)) continue;
        send_knock(thread);
    }
    closedir(threads);
}

static bool knock_at_known(void) {
    bool any = false;
    for (uint32_t i = 0; i < VCPU_SLOTS; i++) {
        struct vcpu *v = __atomic_load_n(&vcpus[i], __ATOMIC_ACQUIRE);
        int32_t thread = v ? __atomic_load_n(&v->thread, __ATOMIC_RELAXED) : 0;
        if (!thread) continue;
        any = true;
        send_knock(thread);
    }
    return any;
}

static void knock_once(void) {
    __atomic_store_n(&knocking, 1, __ATOMIC_SEQ_CST);
    if (!writer.header->system_emulation)
        knock_at_all(true);
    else if (!knock_at_known())
        knock_at_all(false);
    __atomic_store_n(&knocking, 0, __ATOMIC_SEQ_CST);
}

static void *knock_when_wanted(void *unused) {
    (void)unused;
    while (!window_is_over()) {
        uint32_t *word = &writer.header->wish.wanted, seen = __atomic_load_n(word, __ATOMIC_ACQUIRE);
        if (!control_is_new()) {
            struct timespec most = {.tv_sec = WAIT_MOST_SECONDS};
            syscall(SYS_futex, word, FUTEX_WAIT, seen, &most, NULL, 0);
            continue;
        }
        find_translated_code();
        __atomic_add_fetch(&writer.header->flush_epoch, 1, __ATOMIC_RELAXED); /* where blocks are recorded, the next one will do */
        for (int round = 0; control_is_new() && !window_is_over(); round++) {
            struct timespec step = {.tv_nsec = round < EAGER_ROUNDS ? STEP : STEP_LATER};
            knock_once();
            nanosleep(&step, NULL);
        }
    }
    return NULL;
}

void knock_begin(void) {
    if (__atomic_load_n(&begun, __ATOMIC_RELAXED) || __atomic_exchange_n(&begun, true, __ATOMIC_ACQ_REL)) return;
    pthread_attr_t attributes;
    pthread_t thread;
    sigset_t all, before;
    sigfillset(&all);
    pthread_attr_init(&attributes);
    pthread_attr_setdetachstate(&attributes, PTHREAD_CREATE_DETACHED);
    pthread_attr_setstacksize(&attributes, STACK_SIZE);
    pthread_sigmask(SIG_SETMASK, &all, &before);
    if (!install_handler() || pthread_create(&thread, &attributes, knock_when_wanted, NULL))
        fprintf(stderr, "tracefleet: no thread to wait for the node with (%s): it is obeyed only when a batch ends or at a system call\n",
                strerror(errno));
    pthread_sigmask(SIG_SETMASK, &before, NULL);
    pthread_attr_destroy(&attributes);
}

void knock_begin_process(void) {
    thread_id = 0;
    knocking = 0;
    begun = false;
    knock_begin();
}

static int32_t this_thread(void) {
    if (!thread_id) thread_id = (int32_t)syscall(SYS_gettid);
    return thread_id;
}

/*
 * Either this thread is seen to be in a system call, and gets no signal; or it sees that a round is under way, and waits until its
 * signal, if there was one, has come: no signal stays pending over a return from the kernel.
 */
void knock_syscall(struct vcpu *v) {
    if (v->thread != this_thread()) __atomic_store_n(&v->thread, this_thread(), __ATOMIC_SEQ_CST);
    __atomic_store_n(&v->in_syscall, 1, __ATOMIC_SEQ_CST);
    if (!__atomic_load_n(&knocking, __ATOMIC_SEQ_CST)) return;
    while (__atomic_load_n(&knocking, __ATOMIC_SEQ_CST)) sched_yield();
    sched_yield();
}

void knock_syscall_return(struct vcpu *v) { __atomic_store_n(&v->in_syscall, 0, __ATOMIC_RELEASE); }

void knock_thread(struct vcpu *v) {
    if (v->thread != this_thread()) __atomic_store_n(&v->thread, this_thread(), __ATOMIC_SEQ_CST);
}

void knock_thread_ends(struct vcpu *v) {
    __atomic_store_n(&v->thread, 0, __ATOMIC_RELAXED);
    __atomic_store_n(&v->in_syscall, 0, __ATOMIC_RELAXED);
}
