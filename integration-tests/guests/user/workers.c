// SPDX-License-Identifier: Apache-2.0
// workers [ITEMS [THREADS]]: the demo's multi-threaded program: four workers take items from a queue, hash and sort them,
// and hand the results to one that adds them up. With THREADS, so many work, the first one included, and none waits.
#include "common.h"

#include <pthread.h>

#define WORKERS 4
#define MOST 64
#define BATCH 256
static pthread_mutex_t mutex = PTHREAD_MUTEX_INITIALIZER;
static pthread_cond_t more = PTHREAD_COND_INITIALIZER;
static int next_item, items = 400, done;
static uint64_t total;

static uint64_t process_item(int item)
{
    uint32_t v[BATCH];
    uint64_t state = (uint64_t)item * 2654435761u + 1, hash = 14695981039346656037u;
    for (int i = 0; i < BATCH; i++) {
        state ^= state << 13, state ^= state >> 7, state ^= state << 17;
        v[i] = (uint32_t)state;
    }
    for (int i = 1; i < BATCH; i++) { // insertion sort
        uint32_t x = v[i];
        int k = i;
        for (; k > 0 && v[k - 1] > x; k--)
            v[k] = v[k - 1];
        v[k] = x;
    }
    const unsigned char *p = (const unsigned char *)v;
    for (size_t i = 0; i < sizeof v; i++)
        hash = (hash ^ p[i]) * 1099511628211u;
    return hash;
}

static void *worker(void *unused)
{
    for (;;) {
        pthread_mutex_lock(&mutex);
        int item = next_item < items ? next_item++ : -1;
        pthread_mutex_unlock(&mutex);
        if (item < 0)
            return unused;
        uint64_t hash = process_item(item);
        pthread_mutex_lock(&mutex);
        total += hash;
        done++;
        pthread_cond_signal(&more);
        pthread_mutex_unlock(&mutex);
    }
}

int main(int argc, char **argv)
{
    int workers = WORKERS;
    int workers_only = argc > 2;
    if (argc > 1)
        items = atoi(argv[1]);
    if (workers_only)
        workers = atoi(argv[2]) - 1;
    CHECK(workers >= 0 && workers <= MOST);
    pthread_t threads[MOST];
    for (int i = 0; i < workers; i++)
        CHECK(pthread_create(&threads[i], NULL, worker, NULL) == 0);
    if (workers_only)
        worker(NULL);
    pthread_mutex_lock(&mutex);
    while (done < items)
        pthread_cond_wait(&more, &mutex);
    pthread_mutex_unlock(&mutex);
    for (int i = 0; i < workers; i++)
        pthread_join(threads[i], NULL);
    printf("workers: %d items, %016llx\n", done, (unsigned long long)total);
    return 0;
}
