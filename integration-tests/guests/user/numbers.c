// SPDX-License-Identifier: Apache-2.0
// numbers: system calls with made-up numbers, more than counters in line have room for; then a shared mapping, which makes QEMU
// translate as for several threads.
#include "common.h"

#include <sys/mman.h>

int main(void)
{
    volatile uint64_t sum = 0;
    for (long i = 0; i < 1100; i++) {
        CHECK(syscall(100000 + i) == -1 && errno == ENOSYS);
        sum += (uint64_t)i;
    }
    uint64_t *shared = mmap(NULL, 4096, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    CHECK(shared != MAP_FAILED);
    for (int i = 0; i < 10000; i++)
        shared[i % 512] += sum;
    printf("numbers: done, %llu\n", (unsigned long long)shared[511]);
    return 0;
}
