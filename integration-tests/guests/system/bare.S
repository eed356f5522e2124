// SPDX-License-Identifier: Apache-2.0
//
// The bare-metal guest: an x86 firmware image that is all the software there is, so every count is known by hand.
//   qemu-system-x86_64 -bios bare.bin -smp 1 (or more) -m 64 -nographic -vga none -net none
// The first vCPU writes to the UART (port I/O), takes interrupts from its LAPIC timer and from the HPET through the I/O APIC
// (memory-mapped), starts the other vCPUs with INIT and SIPI, walks RAM together with them, takes page faults, and powers off
// by ACPI. Nothing waits in a loop: a vCPU that waits halts until exactly one interrupt comes, so the counts do not depend on time.
//
// Dispatched instructions, N vCPUs; the letters mark the parts of the code:
//   first vCPU  a 12, b 4, c 7, d 3, 9 characters of 6, e 6 + 1024 * 5 + 1, paging 9, f 3, g 1 + 5 * 8, h 12 + 3 * 10,
//               i 1 + (N-1) * 15 + 2, j 3, walk, k 1 + (N-1) * 13 + 2, l 2 + 1024 * 4, 16 faults of 13, m 17
//               = 91559 + (N-1) * 28
//   others      n 5 + 12, paging 9, o 2 + 5 + 1, walk, p 5 + 4 = 81968
//   walk        4 + 16384 * 5 + 1; paging 9; an interrupt's handler 3; a fault: the handler's 12 and the store again
// RAM, vCPU n: 1024 reads and 1024 writes of 4 bytes in each of the 16 pages from 0x200000 + n * 0x10000.
// RAM, first vCPU: 64 writes of 4 bytes in each of the 16 pages from 0x400000.
// Devices, all accesses of 4 bytes, by the first vCPU unless said:
//   HPET       5 reads (capabilities, configuration, 3 times the counter), 6 writes (3 to set it up, 3 times the comparator);
//              it is smaller than a page, so QEMU gives it no name: anon and a number
//   ioapic     1 read, 5 writes
//   apic-msi   1 read, 17 + (N-1) * 8 writes; the others: 1 read, 7 writes

        .set    LAPIC, 0xfee00000
        .set    LAPIC_ID, LAPIC + 0x20
        .set    LAPIC_EOI, LAPIC + 0xb0
        .set    LAPIC_SVR, LAPIC + 0xf0
        .set    LAPIC_ICR, LAPIC + 0x300
        .set    LAPIC_ICR_HIGH, LAPIC + 0x310
        .set    LAPIC_TIMER, LAPIC + 0x320
        .set    LAPIC_COUNT, LAPIC + 0x380
        .set    LAPIC_DIVIDE, LAPIC + 0x3e0
        .set    IOAPIC, 0xfec00000
        .set    HPET, 0xfed00000
        .set    VECTOR_TIMER, 0x40
        .set    VECTOR_HPET, 0x41
        .set    VECTOR_IPI, 0x42
        .set    VECTOR_GO, 0x43         // of its own, and before the other: both may wait for a vCPU that is late
        .set    DIRECTORY, 0x10000      // page directory, then the page tables of the first and the second 4 MiB
        .set    FAULTS, 0x400000        // 16 pages that are mapped by the page fault handler

        // Halts until the one interrupt comes that is expected: 2 instructions, and 3 of its handler, which leaves interrupts
        // off: another one that has come meanwhile is for the next wait.
        .macro  wait
        sti
        hlt
        .endm

        .text
base:                                                   // at 0xf0000
        .code16
first:  cli                                             // (a) 5
        lgdtl   %cs:(gdtr - base)
        mov     $1, %eax
        mov     %eax, %cr0
        ljmpl   $8, $1f
        .code32
1:      mov     $0x10, %eax                             // (a) 6
        mov     %eax, %ds
        mov     %eax, %es
        mov     %eax, %ss
        mov     $0x80000, %esp
        lidt    idtr

        mov     $0xff, %al                              // (b) 4: no interrupts from the old controllers
        out     %al, $0x21
        out     %al, $0xa1
        movl    $0x1ff, LAPIC_SVR

        mov     $0x3fa, %dx                             // (c) 7: UART: FIFO on; find out N
        mov     $1, %al
        out     %al, %dx
        mov     $0x510, %dx
        mov     $5, %ax
        out     %ax, %dx
        mov     $0x511, %dx

        in      %dx, %al                                // (d) 3
        movzbl  %al, %ebp
        mov     $message, %esi
2:      mov     (%esi), %al                             // 6 each
        mov     $0x3f8, %dx
        out     %al, %dx
        inc     %esi
        cmp     $message_end, %esi
        jne     2b

        mov     $DIRECTORY + 0x1000, %edi               // (e) 6: identity mapping of the first 4 MiB
        mov     $3, %eax
        movl    $DIRECTORY + 0x1003, DIRECTORY
        movl    $DIRECTORY + 0x2003, DIRECTORY + 4
        movl    $0xfec00083, DIRECTORY + 0xfec          // 4 MiB with the devices
        mov     $1024, %ecx
3:      mov     %eax, (%edi)                            // 5 each
        add     $4, %edi
        add     $0x1000, %eax
        dec     %ecx
        jnz     3b
        call    paging                                  // 1 + 9

        mov     LAPIC_ID, %eax                          // (f) 3
        movl    $VECTOR_TIMER, LAPIC_TIMER              // one shot
        movl    $0xb, LAPIC_DIVIDE
        mov     $5, %ecx                                // (g) 1
4:      movl    $20000, LAPIC_COUNT                     // 8 each, the handler with it
        wait
        dec     %ecx
        jnz     4b

        mov     HPET, %eax                              // (h) 12
        movl    $3, HPET + 0x10                         // on, in the place of the PIT
        mov     HPET + 0x10, %eax
        movl    $4, HPET + 0x100                        // timer 0: edge, one shot, interrupt on
        movl    $0, HPET + 0x10c
        movl    $1, IOAPIC
        mov     IOAPIC + 0x10, %eax
        movl    $0x15, IOAPIC
        movl    $0, IOAPIC + 0x10
        movl    $0x14, IOAPIC
        movl    $VECTOR_HPET, IOAPIC + 0x10
        mov     $3, %ecx
5:      mov     HPET + 0xf0, %eax                       // 10 each
        add     $20000000, %eax                         // 0.2 s: a host that is busy must not miss it
        mov     %eax, HPET + 0x108
        wait
        dec     %ecx
        jnz     5b

        mov     $1, %ebx                                // (i) 1
6:      cmp     %ebp, %ebx                              // 15 each; these 2 once more at the end
        jae     7f
        mov     %ebx, %eax
        shl     $24, %eax
        mov     %eax, LAPIC_ICR_HIGH
        movl    $0x4500, LAPIC_ICR                      // INIT
        mov     %eax, LAPIC_ICR_HIGH
        movl    $0x46f1, LAPIC_ICR                      // SIPI to 0xf1000
        wait                                            // until it is there
        inc     %ebx
        jmp     6b

7:      movl    $0xc4000 + VECTOR_GO, LAPIC_ICR         // (j) 3: go, all others
        xor     %ebx, %ebx
        call    walk

        mov     $1, %ebx                                // (k) 1
8:      cmp     %ebp, %ebx                              // 13 each; these 2 once more at the end
        jae     9f
        mov     %ebx, %eax
        shl     $24, %eax
        mov     %eax, LAPIC_ICR_HIGH
        movl    $0x4000 + VECTOR_IPI, LAPIC_ICR         // are you done?
        wait                                            // yes
        inc     %ebx
        jmp     8b

9:      mov     $FAULTS, %edi                           // (l) 2
        mov     $16 * 64, %ecx
10:     mov     %ecx, (%edi)                            // 4 each; the first of each page faults and comes again
        add     $64, %edi
        dec     %ecx
        jnz     10b

        mov     $0xcf8, %dx                             // (m) 17: power off: the PIIX4's ACPI registers to 0x600
        mov     $0x80000b40, %eax
        out     %eax, %dx
        mov     $0xcfc, %dx
        mov     $0x601, %eax
        out     %eax, %dx
        mov     $0xcf8, %dx
        mov     $0x80000b80, %eax
        out     %eax, %dx
        mov     $0xcfc, %dx
        mov     $1, %eax
        out     %eax, %dx
        mov     $0x604, %dx
        mov     $0x2000, %eax
        out     %ax, %dx
        cli
        hlt

        // 9
paging: mov     $DIRECTORY, %eax
        mov     %eax, %cr3
        mov     %cr4, %eax
        or      $0x10, %eax
        mov     %eax, %cr4
        mov     %cr0, %eax
        or      $0x80000000, %eax
        mov     %eax, %cr0
        ret

        // Writes and reads 64 KiB of its own, vCPU number in ebx.
walk:   mov     %ebx, %edi                              // 4
        shl     $16, %edi
        add     $0x200000, %edi
        mov     $16384, %ecx
11:     mov     %ecx, (%edi)                            // 5 each
        mov     (%edi), %eax
        add     $4, %edi
        dec     %ecx
        jnz     11b
        ret                                             // 1

        // 3
acknowledge:
        movl    $0, LAPIC_EOI
        andl    $0xfffffdff, 8(%esp)
        iret

        // 12
fault:  push    %eax
        push    %edx
        mov     %cr2, %eax
        mov     %eax, %edx
        shr     $12, %edx
        and     $0xfffff000, %eax
        or      $3, %eax
        mov     %eax, DIRECTORY + 0x1000(, %edx, 4)     // the two page tables lie behind each other
        pop     %edx
        pop     %eax
        add     $4, %esp
        iret

message: .ascii "bare: up\n"
message_end:

        .org    0x1000, 0xf4
        .code16
        cli                                             // (n) 5
        lgdtl   %cs:(gdtr - base - 0x1000)
        mov     $1, %eax
        mov     %eax, %cr0
        ljmpl   $8, $1f
        .code32
1:      mov     $0x10, %eax                             // 12
        mov     %eax, %ds
        mov     %eax, %es
        mov     %eax, %ss
        lidt    idtr
        mov     LAPIC_ID, %ebx
        shr     $24, %ebx
        mov     %ebx, %eax
        shl     $12, %eax
        lea     0x80000(%eax), %esp
        movl    $0x1ff, LAPIC_SVR
        call    paging
        movl    $0, LAPIC_ICR_HIGH                      // (o) 2: I am here
        movl    $0x4000 + VECTOR_IPI, LAPIC_ICR
        wait                                            // 5: go
        call    walk                                    // 1
        wait                                            // (p) 5: are you done?
        movl    $0, LAPIC_ICR_HIGH                      // 4: yes
        movl    $0x4000 + VECTOR_IPI, LAPIC_ICR
        cli
        hlt

        .org    0x2000, 0xf4
gdt:    .quad   0
        .quad   0x00cf9b000000ffff                      // code and data, flat, accessed
        .quad   0x00cf93000000ffff
gdtr:   .word   gdtr - gdt - 1
        .long   gdt
idtr:   .word   idt_end - idt - 1
        .long   idt
        .macro  gate handler
        .word   \handler - base, 8, 0x8e00, 0xf
        .endm
        .balign 16
idt:    .fill   14, 8, 0
        gate    fault
        .fill   VECTOR_TIMER - 15, 8, 0
        gate    acknowledge
        gate    acknowledge
        gate    acknowledge
        gate    acknowledge
idt_end:

        .org    0xfff0, 0xf4
        .code16
        ljmp    $0xf000, $(first - base)                // (a) 1: where every x86 begins
        .org    0x10000, 0xf4
        .section .note.GNU-stack,"",@progbits
