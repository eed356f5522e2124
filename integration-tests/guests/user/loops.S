// SPDX-License-Identifier: Apache-2.0
// Nested loops, no libc: every count is known by hand.
// outer 100 x (1 + inner 1000 x 4 + 2) + 2 before + 3 after; a store of 4 bytes in each inner round
// blocks: _start with the first inner round is one (entry falls through), then each jump begins one:
//   1 (entry to the first inner jump), 999 x 100 inner rounds begun by a jump, 99 outer rounds begun by a jump, 100 tails, 1 end
// expect: instructions=400305 blocks=100101 loads=0 stores=100000 storeBytes=400000 syscall.60=1
        .globl  _start
_start: lea     data(%rip), %rsi
        mov     $100, %ecx
outer:  mov     $1000, %edx
inner:  mov     %edx, (%rsi)
        add     %edx, %eax
        dec     %edx
        jnz     inner
        dec     %ecx
        jnz     outer
        mov     $60, %eax
        xor     %edi, %edi
        syscall
        .bss
        .balign 8
data:   .skip   8
        .section .note.GNU-stack,"",@progbits
