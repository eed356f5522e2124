// SPDX-License-Identifier: Apache-2.0
// Atomics in 8 threads that run at once: add, exchange, compare-and-exchange, a spin lock, and mutexes (futex).
#include "common.h"

#include <pthread.h>
#include <stdatomic.h>

#define THREADS 8
static atomic_ulong sum, maximum;
static atomic_uchar byte;
static atomic_ushort half;
static atomic_uint word;
static atomic_flag spin = ATOMIC_FLAG_INIT;
static unsigned long spun, locked;
static pthread_mutex_t mutex = PTHREAD_MUTEX_INITIALIZER;
static pthread_barrier_t barrier;
static int rounds = 2000;

static void *work(void *number)
{
    unsigned long n = (unsigned long)(uintptr_t)number;
    pthread_barrier_wait(&barrier);
    for (int i = 0; i < rounds; i++) {
        atomic_fetch_add(&sum, n);
        atomic_fetch_xor(&byte, 1);
        atomic_exchange(&half, (unsigned short)i);
        atomic_fetch_or(&word, 1u << (i & 31));
        unsigned long seen = atomic_load(&maximum);
        while (seen < n * (unsigned)i && !atomic_compare_exchange_weak(&maximum, &seen, n * (unsigned)i))
            ;
        if (i % 16 == 0) {
            while (atomic_flag_test_and_set(&spin))
                ;
            spun++;
            atomic_flag_clear(&spin);
            pthread_mutex_lock(&mutex);
            locked++;
            pthread_mutex_unlock(&mutex);
        }
    }
    return NULL;
}

int main(int argc, char **argv)
{
    if (argc > 1)
        rounds = atoi(argv[1]);
    pthread_t threads[THREADS];
    pthread_barrier_init(&barrier, NULL, THREADS);
    for (uintptr_t i = 0; i < THREADS; i++)
        CHECK(pthread_create(&threads[i], NULL, work, (void *)(i + 1)) == 0);
    for (int i = 0; i < THREADS; i++)
        CHECK(pthread_join(threads[i], NULL) == 0);
    CHECK(sum == 36ul * (unsigned)rounds);
    CHECK(spun == locked);
    printf("atomics: done\n");
    return 0;
}
