// SPDX-License-Identifier: Apache-2.0
// Straight line: every count is known by hand.
// expect: instructions=1305 loads=100 stores=100 loadBytes=800 storeBytes=800 syscall.60=1
        .globl  _start
_start: lea     data(%rip), %rsi        // 1
        xor     %eax, %eax              // 1
        .rept   1000                    // 1000
        add     $1, %rax
        .endr
        .rept   100                     // 200: 100 stores, 100 loads of 8 bytes
        mov     %rax, (%rsi)
        mov     (%rsi), %rax
        .endr
        .rept   100                     // 100
        nop
        .endr
        mov     $60, %eax               // 3: exit(0)
        xor     %edi, %edi
        syscall
        .bss
        .balign 8
data:   .skip   8
        .section .note.GNU-stack,"",@progbits
