// SPDX-License-Identifier: Apache-2.0
// threads [COUNT [PAUSE]]: 1000 threads, created and joined, some side by side: QEMU uses a vCPU index again and again.
// PAUSE: milliseconds between them.
#include "common.h"

#include <pthread.h>

static void *work(void *number)
{
    volatile unsigned long x = 0;
    for (uintptr_t i = 0; i < 50 + (uintptr_t)number; i++)
        x += i;
    return (void *)x;
}

int main(int argc, char **argv)
{
    int count = argc > 1 ? atoi(argv[1]) : 1000;
    int pause = argc > 2 ? atoi(argv[2]) : 0;
    for (int i = 0; i < count; i++) {
        pthread_t t[3];
        int n = i % 10 == 0 ? 3 : 1;
        for (int k = 0; k < n; k++)
            CHECK(pthread_create(&t[k], NULL, work, (void *)(uintptr_t)(i % 7)) == 0);
        for (int k = 0; k < n; k++)
            CHECK(pthread_join(t[k], NULL) == 0);
        if (pause)
            usleep(1000 * pause);
    }
    puts("threads: done");
    return 0;
}
