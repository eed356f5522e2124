// SPDX-License-Identifier: Apache-2.0
// jit [COUNT]: generates a million small functions, each a block of its own, in a code area that it reuses; each is called
// once, some twice.
#include "common.h"

#include <sys/mman.h>

#define AREA (16 << 20)

int main(int argc, char **argv)
{
    unsigned long count = argc > 1 ? strtoul(argv[1], NULL, 0) : 1000000, sum = 0, expected = 0, at = 0;
    unsigned char *area = mmap(NULL, AREA, PROT_READ | PROT_WRITE | PROT_EXEC, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    CHECK(area != MAP_FAILED);
    for (unsigned long i = 0; i < count; i += 256) {
        unsigned long begin = at;
        for (int k = 0; k < 256; k++) { // a page or so at a time: writing to it drops what was translated from it
            uint32_t value = (uint32_t)(i + (unsigned)k);
            unsigned char *p = area + at;
            p[0] = 0xb8; // mov $value, %eax
            memcpy(p + 1, &value, 4);
            p[5] = 0xc3; // ret
            at += 16;
        }
        for (unsigned long c = begin; c < at; c += 16)
            sum += ((unsigned (*)(void))(uintptr_t)(area + c))();
        sum += ((unsigned (*)(void))(uintptr_t)(area + begin))();
        for (int k = 0; k < 256; k++)
            expected += i + (unsigned)k;
        expected += i;
        if (at == AREA)
            at = 0;
    }
    CHECK(sum == expected);
    puts("jit: done");
    return 0;
}
