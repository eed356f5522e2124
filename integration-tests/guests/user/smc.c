// SPDX-License-Identifier: Apache-2.0
// Self-modifying code: one function rewritten 2000 times between calls, two functions in one page of which one rewrites the
// other, and code that rewrites an instruction a little ahead of itself in its own block.
#include "common.h"

#include <sys/mman.h>

typedef int function(void);

int main(void)
{
    unsigned char *page = mmap(NULL, 8192, PROT_READ | PROT_WRITE | PROT_EXEC, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    CHECK(page != MAP_FAILED);
    int sum = 0;
    for (int i = 0; i < 2000; i++) {
        unsigned char code[] = {0xb8, (unsigned char)i, (unsigned char)(i >> 8), 0, 0, 0xc3}; // mov $i, %eax; ret
        memcpy(page, code, sizeof code);
        sum += ((function *)(uintptr_t)page)();
    }
    CHECK(sum == 1999 * 2000 / 2);

    // mov %eax over the immediate of the mov at +16, which lies in the same page: movb $n, 17(page); ret
    unsigned char *writer = page + 256, *written = page + 16;
    memcpy(written, (unsigned char[]){0xb8, 1, 0, 0, 0, 0xc3}, 6);
    for (int i = 0; i < 200; i++) {
        // c6 05 rel32 imm8: movb $imm, rel(%rip)
        int32_t rel = (int32_t)((written + 1) - (writer + 7));
        writer[0] = 0xc6, writer[1] = 0x05;
        memcpy(writer + 2, &rel, 4);
        writer[6] = (unsigned char)i, writer[7] = 0xc3;
        ((function *)(uintptr_t)writer)();
        CHECK(((function *)(uintptr_t)written)() == (i & 0xff));
    }

    // In one block: rewrite the immediate of the mov that follows at once.
    unsigned char *self = page + 4096;
    for (int i = 1; i < 200; i++) {
        // movb $i, 1(%rip) [writes the immediate of the next mov]; mov $0, %eax; ret
        memcpy(self, (unsigned char[]){0xc6, 0x05, 1, 0, 0, 0, (unsigned char)i, 0xb8, 0, 0, 0, 0, 0xc3}, 13);
        CHECK(((function *)(uintptr_t)self)() == i);
    }
    puts("smc: done");
    return 0;
}
