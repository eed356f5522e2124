// SPDX-License-Identifier: Apache-2.0
// Instructions that leave a block midway: lazily mapped pages, a write to a read-only page, accesses and string instructions
// that fault halfway, division by zero, int3, ud2, copy-on-write pages, and system calls given bad addresses.
#include "common.h"

#include <setjmp.h>
#include <signal.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <ucontext.h>

#define PAGE 4096
static unsigned char *lazy;
static void *volatile nowhere = (void *)8;
static volatile int faults;
static sigjmp_buf back;
static int jump; // leave the handler by siglongjmp
static int skip; // else skip so many bytes, or if 0 make the page accessible and retry

static void on_fault(int number, siginfo_t *info, void *context)
{
    faults++;
    if (jump)
        siglongjmp(back, number);
    ucontext_t *c = context;
    if (skip)
        c->uc_mcontext.gregs[REG_RIP] += skip;
    else
        CHECK(mprotect((void *)((uintptr_t)info->si_addr & ~(uintptr_t)(PAGE - 1)), PAGE, PROT_READ | PROT_WRITE) == 0);
}

static void close_all(void)
{
    CHECK(mprotect(lazy, 16 * PAGE, PROT_NONE) == 0);
}

int main(void)
{
    struct sigaction action = {.sa_sigaction = on_fault, .sa_flags = SA_SIGINFO | SA_NODEFER};
    for (int s = 0; s < 4; s++)
        CHECK(sigaction((int[]){SIGSEGV, SIGFPE, SIGTRAP, SIGILL}[s], &action, NULL) == 0);
    CHECK(sigaction(SIGBUS, &action, NULL) == 0);
    lazy = mmap(NULL, 16 * PAGE, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    CHECK(lazy != MAP_FAILED);

    for (int round = 0; round < 30; round++) {
        // Lazily mapped, touched in a loop: load, store, read-modify-write.
        close_all();
        for (int i = 0; i < 16 * PAGE; i += 64)
            lazy[i] += lazy[(i * 3) % (16 * PAGE)];

        // An access that crosses into a page that is not there.
        close_all();
        CHECK(mprotect(lazy, PAGE, PROT_READ | PROT_WRITE) == 0);
        *(volatile uint64_t *)(lazy + PAGE - 3) = 0x1122334455667788;
        close_all();
        CHECK(mprotect(lazy, PAGE, PROT_READ | PROT_WRITE) == 0);
        CHECK(*(volatile uint64_t *)(lazy + PAGE - 3) == 0x1122334455667788);
        close_all();
        CHECK(mprotect(lazy, PAGE, PROT_READ | PROT_WRITE) == 0);
        __asm__ volatile("movups %%xmm0, (%0)" : : "r"(lazy + PAGE - 8) : "memory");
        close_all();
        CHECK(mprotect(lazy, PAGE, PROT_READ | PROT_WRITE) == 0);
        __asm__ volatile("lock addq $1, (%0)" : : "r"(lazy + PAGE - 4) : "memory");

        // String instructions that fault several times on their way.
        close_all();
        unsigned char *to = lazy + 100;
        const unsigned char *from = lazy + 8 * PAGE + 50;
        unsigned long n = 4 * PAGE;
        __asm__ volatile("rep movsb" : "+D"(to), "+S"(from), "+c"(n) : : "memory");
        CHECK(n == 0);
        close_all();
        to = lazy;
        n = 2 * PAGE;
        __asm__ volatile("rep stosq" : "+D"(to), "+c"(n) : "a"(0x4242424242424242) : "memory");

        // Read-modify-write of a page that may only be read.
        CHECK(mprotect(lazy, 16 * PAGE, PROT_READ) == 0);
        lazy[5]++;
        __atomic_fetch_add((int *)(lazy + PAGE), 1, __ATOMIC_SEQ_CST);
        __asm__ volatile("xchg %%eax, (%0)" : : "r"(lazy + 2 * PAGE) : "eax", "memory");
        __asm__ volatile("push %%rbx; mov %%rsp, %%rbx; mov %0, %%rsp; push %%rax; mov %%rbx, %%rsp; pop %%rbx"
                         : : "r"(lazy + 3 * PAGE + 64) : "rbx", "memory");

        // Traps in the middle of a block, skipped by the handler.
        skip = 2;
        __asm__ volatile("nop; nop; ud2; nop; nop" ::: "memory");
        __asm__ volatile("nop; xor %%ecx, %%ecx; mov $7, %%eax; cltd; idiv %%ecx; nop; nop" ::: "eax", "ecx", "edx", "memory");
        skip = 0;
        jump = 1;
        if (!sigsetjmp(back, 1))
            __asm__ volatile("nop; int3; nop" ::: "memory");
        if (!sigsetjmp(back, 1))
            *(volatile int *)nowhere = 1;
        if (!sigsetjmp(back, 1))
            ((void (*)(void))nowhere)(); // fetching faults
        CHECK(mprotect(lazy, 2 * PAGE, PROT_READ | PROT_WRITE) == 0);
        memset(lazy + PAGE - 16, 0x90, 16); // nops up to a page that cannot be executed
        CHECK(mprotect(lazy, PAGE, PROT_READ | PROT_EXEC) == 0 && mprotect(lazy + PAGE, PAGE, PROT_NONE) == 0);
        if (!sigsetjmp(back, 1))
            ((void (*)(void))(lazy + PAGE - 16))();
        // cmov and conditional access: the load happens whether taken or not.
        if (!sigsetjmp(back, 1))
            __asm__ volatile("xor %%eax, %%eax; cmovnz 8, %%rax" ::: "rax", "memory");
        // hlt and cli are not ours to use.
        if (!sigsetjmp(back, 1))
            __asm__ volatile("nop; cli; nop" ::: "memory");
        if (!sigsetjmp(back, 1))
            __asm__ volatile("nop; movaps %%xmm0, 1(%0); nop" : : "r"(lazy + 4 * PAGE) : "memory");
        jump = 0;
    }
    // System calls with bad addresses fail, they do not fault.
    CHECK(write(1, nowhere, 1) == -1 && errno == EFAULT);

    // Copy on write after a fork, in parent and child.
    CHECK(mprotect(lazy, 16 * PAGE, PROT_READ | PROT_WRITE) == 0);
    memset(lazy, 1, 16 * PAGE);
    pid_t pid = fork();
    for (int i = 0; i < 16 * PAGE; i += 128)
        lazy[i]++;
    if (pid == 0)
        _exit(0);
    CHECK(pid > 0 && waitpid(pid, NULL, 0) == pid);
    printf("faults: done, %d\n", faults);
    return 0;
}
