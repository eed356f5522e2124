// SPDX-License-Identifier: Apache-2.0
// bench [ROUNDS]: sort, hash, copy: the guest of the benchmarks. 1 round is about 100 M instructions.
#include "common.h"

#define N 200000
static uint32_t values[N], copy[N];
static uint64_t table[1 << 18];

static int compare(const void *a, const void *b)
{
    uint32_t x = *(const uint32_t *)a, y = *(const uint32_t *)b;
    return x < y ? -1 : x > y;
}

int main(int argc, char **argv)
{
    int rounds = argc > 1 ? atoi(argv[1]) : 1;
    uint64_t state = 88172645463325252, check = 0;
    for (int r = 0; r < rounds; r++) {
        for (int i = 0; i < N; i++) {
            state ^= state << 13, state ^= state >> 7, state ^= state << 17;
            values[i] = (uint32_t)state;
        }
        memcpy(copy, values, sizeof values);
        qsort(copy, N, sizeof copy[0], compare);
        memset(table, 0, sizeof table);
        for (int i = 0; i < N; i++) {
            uint64_t h = values[i] * UINT64_C(0x9e3779b97f4a7c15);
            unsigned at = (unsigned)(h >> 46);
            while (table[at] && table[at] != h)
                at = (at + 1) & ((1 << 18) - 1);
            table[at] = h;
        }
        for (int i = 0; i < 8; i++)
            memmove(copy + i, values, sizeof values - 64);
        check += copy[N / 2] ^ table[12345];
    }
    printf("bench: done, %llx\n", (unsigned long long)check);
    return 0;
}
