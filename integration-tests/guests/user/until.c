// SPDX-License-Identifier: Apache-2.0
// until FILE: sorts until there is such a file, and ends well then: a guest whose end a test decides. It rests between, so that
// it does not take a machine for itself however long that is.
#include "common.h"
#include <time.h>

#define N 2000
static uint32_t values[N];

static int compare(const void *a, const void *b)
{
    uint32_t x = *(const uint32_t *)a, y = *(const uint32_t *)b;
    return x < y ? -1 : x > y;
}

int main(int argc, char **argv)
{
    const struct timespec rest = {.tv_nsec = 40 * 1000 * 1000};
    uint64_t state = 88172645463325252, check = 0;
    CHECK(argc == 2);
    while (access(argv[1], F_OK)) {
        CHECK(errno == ENOENT);
        for (int i = 0; i < N; i++) {
            state ^= state << 13, state ^= state >> 7, state ^= state << 17;
            values[i] = (uint32_t)state;
        }
        qsort(values, N, sizeof values[0], compare);
        check += values[N / 2];
        CHECK(!nanosleep(&rest, NULL));
    }
    printf("until: done, %llx\n", (unsigned long long)check);
    return 0;
}
