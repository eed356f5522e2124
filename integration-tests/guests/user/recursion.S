// SPDX-License-Identifier: Apache-2.0
// fib(20) by plain recursion, no libc: every count is known by hand.
// 21891 calls of fib: 10946 return at once (4 instructions, 2 blocks, 1 load by ret), 10945 recurse (12 instructions, 4
// blocks, 3 loads: mov, add, ret; 4 stores: push, call, mov, call). _start has 2 + 3 instructions, 2 blocks, 1 store by call.
// instructions: 5 + 4 * 10946 + 12 * 10945, blocks: 2 + 2 * 10946 + 4 * 10945
// loads: 10946 + 3 * 10945, stores: 1 + 4 * 10945; all of 8 bytes
// expect: instructions=175129 blocks=65674 loads=43781 stores=43781 loadBytes=350248 storeBytes=350248 syscall.60=1
        .globl  _start
_start: mov     $20, %edi
        call    fib
        mov     $60, %eax
        xor     %edi, %edi
        syscall
fib:    cmp     $2, %rdi
        jb      1f
        push    %rdi
        dec     %rdi
        call    fib
        mov     (%rsp), %rdi
        mov     %rax, (%rsp)
        sub     $2, %rdi
        call    fib
        add     (%rsp), %rax
        add     $8, %rsp
        ret
1:      mov     %rdi, %rax
        ret
        .section .note.GNU-stack,"",@progbits
