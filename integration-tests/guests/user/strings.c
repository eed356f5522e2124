// SPDX-License-Identifier: Apache-2.0
// rep movs, stos, cmps, scas and lods, of each width, forwards and backwards, with counts of 0, 1 and many.
#include "common.h"

static unsigned char a[8192], b[8192];

#define STRING(name, insn)                                                                                   \
    static void name(void *to, const void *from, unsigned long n)                                            \
    {                                                                                                        \
        unsigned long rax = 0x4141414141414141;                                                              \
        __asm__ volatile(insn : "+D"(to), "+S"(from), "+c"(n), "+a"(rax) : : "memory", "cc");                \
    }

STRING(movsb, "rep movsb")
STRING(movsw, "rep movsw")
STRING(movsl, "rep movsl")
STRING(movsq, "rep movsq")
STRING(stosb, "rep stosb")
STRING(stosq, "rep stosq")
STRING(cmpsb, "repe cmpsb")
STRING(cmpsq, "repe cmpsq")
STRING(scasb, "repne scasb")
STRING(scasl, "repne scasl")
STRING(lodsb, "rep lodsb")
STRING(back, "std; rep movsb; cld")

int main(void)
{
    static void (*const all[])(void *, const void *, unsigned long) = {movsb, movsw, movsl, movsq, stosb, stosq,
                                                                       cmpsb, cmpsq, scasb, scasl, lodsb};
    static const unsigned long counts[] = {0, 1, 2, 3, 63, 64, 65, 1000};
    for (unsigned long i = 0; i < sizeof a; i++)
        a[i] = (unsigned char)(i * 7);
    for (int round = 0; round < 20; round++)
        for (unsigned f = 0; f < sizeof all / sizeof all[0]; f++)
            for (unsigned c = 0; c < sizeof counts / sizeof counts[0]; c++)
                all[f](b + round, a, counts[c]);
    back(b + 4096, a + 4096, 4096);
    CHECK(memcmp(a + 1, b + 1, 4096) == 0);
    puts("strings: done");
    return 0;
}
