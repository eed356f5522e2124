// SPDX-License-Identifier: Apache-2.0
// SSE and other accesses that are not 1, 2, 4 or 8 bytes, or not aligned: 16 bytes, cmpxchg16b, x87's 10 bytes, fxsave,
// locked operations split across pages, and conditional accesses.
#include "common.h"

#include <emmintrin.h>
#include <sys/mman.h>

static __attribute__((aligned(64))) unsigned char a[8192], b[8192];

int main(void)
{
    for (int i = 0; i < 8192; i++)
        a[i] = (unsigned char)(i * 13);
    for (int round = 0; round < 50; round++) {
        for (int i = 0; i + 16 <= 4096; i += 16)
            _mm_store_si128((__m128i *)(b + i), _mm_add_epi8(_mm_load_si128((const __m128i *)(a + i)), _mm_set1_epi8((char)round)));
        for (int i = 1; i + 16 <= 8192; i += 61)
            _mm_storeu_si128((__m128i *)(b + i), _mm_loadu_si128((const __m128i *)(a + i)));
        _mm_stream_si128((__m128i *)b, _mm_setzero_si128());
        __m128d d = _mm_loadl_pd(_mm_loadh_pd(_mm_setzero_pd(), (double *)(a + 4092)), (double *)(a + 4093));
        _mm_storeh_pd((double *)(b + 4090), d);
        _mm_store_ss((float *)(b + 4094), _mm_load_ss((float *)(a + 4095)));

        __attribute__((aligned(16))) uint64_t pair[4] = {1, 2, 3, 4};
        uint64_t low = 1, high = 2;
        unsigned char ok;
        __asm__ volatile("lock cmpxchg16b %1; setz %0" : "=q"(ok), "+m"(*(__int128 *)pair), "+a"(low), "+d"(high) : "b"(5ul), "c"(6ul) : "cc");
        CHECK(ok && pair[0] == 5 && pair[1] == 6);
        __asm__ volatile("lock cmpxchg16b %1; setz %0" : "=q"(ok), "+m"(*(__int128 *)pair), "+a"(low), "+d"(high) : "b"(7ul), "c"(8ul) : "cc");
        CHECK(!ok);
        __asm__ volatile("lock cmpxchg8b %0" : "+m"(pair[2]), "+a"(low), "+d"(high) : "b"(7), "c"(8) : "cc");
        __asm__ volatile("lock cmpxchgl %%ecx, %0; cmpxchgb %%cl, %1" : "+m"(pair[3]), "+m"(b[17]) : "c"(3) : "eax", "cc");
        __asm__ volatile("lock addl $1, %0" : "+m"(*(int *)(b + 4094)));  // split across pages
        __asm__ volatile("lock xaddw %%ax, %0" : "+m"(*(short *)(b + 63)) : : "eax"); // across a cache line
        __asm__ volatile("lock incq %0; lock decw %0; lock negb %0; lock notl %0; lock btsl $3, %0" : "+m"(*(long *)(b + 128)));

        long double x;
        __asm__ volatile("fldt %1; fld1; faddp; fstpt %0" : "=m"(x) : "m"(*(long double *)(a + 64)));
        __asm__ volatile("fildq %0; fistpl %1; filds %2; fstpl %3" : : "m"(pair[0]), "m"(*(int *)(b + 200)), "m"(*(short *)(a + 9)), "m"(*(double *)(b + 4093)));
        __asm__ volatile("fxsave64 (%0); fxrstor64 (%0)" : : "r"(b + 1024) : "memory");
        __asm__ volatile("fnstenv (%0); fldenv (%0); fnstcw (%0); fldcw (%0); stmxcsr (%0); ldmxcsr (%0)" : : "r"(b + 2048) : "memory");

        unsigned long r = 1;
        __asm__ volatile("test %0, %0; cmovz (%1), %0; cmovnz 8(%1), %0" : "+r"(r) : "r"(a) : "cc");
        __asm__ volatile("pushf; popf; push $1; pop %0; enter $16, $0; leave; sub $8, %%rsp; push (%1); pop 8(%%rsp); add $8, %%rsp" : "=r"(r) : "r"(a) : "memory");
        __asm__ volatile("bt %0, (%1); bts %0, (%1)" : : "r"(1000ul), "r"(b) : "memory", "cc");
        __asm__ volatile("xlatb" : : "a"(3), "b"(a));
        __asm__ volatile("maskmovdqu %%xmm1, %%xmm0" : : "D"(b + 512) : "memory");
        __asm__ volatile("sidt (%0)" : : "r"(b + 3000) : "memory");
    }
    puts("vectors: done");
    return 0;
}
