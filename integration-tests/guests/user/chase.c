// SPDX-License-Identifier: Apache-2.0
// chase [STEPS]: follows a random cycle through 8 MiB: no two addresses in a row are alike.
#include "common.h"

#define N (1 << 20)
static void *nodes[N];

int main(int argc, char **argv)
{
    unsigned long steps = argc > 1 ? strtoul(argv[1], NULL, 0) : 2000000;
    static uint32_t order[N];
    uint64_t state = 88172645463325252;
    for (uint32_t i = 0; i < N; i++)
        order[i] = i;
    for (uint32_t i = N - 1; i > 0; i--) {
        state ^= state << 13, state ^= state >> 7, state ^= state << 17;
        uint32_t k = (uint32_t)(state % i), swap = order[i];
        order[i] = order[k], order[k] = swap;
    }
    for (uint32_t i = 0; i < N; i++)
        nodes[order[i]] = &nodes[order[(i + 1) % N]];
    void **p = nodes;
    while (steps--)
        p = *p;
    printf("chase: done, %ld\n", (long)(p - nodes));
    return 0;
}
