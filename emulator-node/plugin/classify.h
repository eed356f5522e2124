/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What an instruction can do to the block it is in, told from its bytes when the block is translated.
 *
 * A block may be left midway: an instruction faults, or its device access makes QEMU restart it. The instructions that
 * were dispatched are then a prefix of the block, and its length must be known without a callback on each of them. It is
 * known from the last marker that was seen in the block: its start, a memory event, or an execution callback. Having
 * seen the marker of an instruction means that all up to and including the next one that is not INSN_PLAIN were dispatched.
 *
 * A wrong INSN_OTHER costs time (a callback more); a wrong other answer makes counts wrong. So everything not known for
 * certain is INSN_OTHER. What is claimed was read from the translators of QEMU 7.2, 10.0 and 10.2, and
 * test/classify-check.c holds it against running guests (done for x86 with 7.2, 10.0 and 11.1).
 *
 * Pure functions over their arguments: any thread.
 */
#ifndef TRACEFLEET_CLASSIFY_H
#define TRACEFLEET_CLASSIFY_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum insn_class {
    /* Anything may happen, in any number of memory events. */
    INSN_OTHER = 0,
    /* Once dispatched it hands over to the next instruction: no exception, no memory event, no exit from the block. */
    INSN_PLAIN,
    /* Exactly one memory event if it completes, none if it does not, and nothing can stop it after the event. */
    INSN_ONE_ACCESS,
    /* Loads first, then exactly one store event, which comes exactly when nothing can stop the instruction any more. */
    INSN_LOAD_STORE,
    /*
     * INSN_OTHER where it is the first one of this class in its block, INSN_PLAIN after that: it has no memory events, and
     * the only trap it has depends on a state that one block does not change.
     */
    INSN_PLAIN_AGAIN,
    /* Like INSN_OTHER, but its memory events, any number, are all loads of one size or all stores of one size. */
    INSN_ALIKE,
};

/*
 * Whether what get_hwaddr answers for an access may differ once the instruction has been executed.
 *
 * An exact cache of its answers is kept per vCPU, its key is (virtual page, mmu index, is_store):
 * - The mmu index stands for the privilege level, the security state and the translation regime, all of which change
 *   without one of these instructions. It is in the low bits of qemu_plugin_meminfo_t: 4 up to QEMU 10.1, 5 since. Taking
 *   5 everywhere is right, since the fifth then splits entries by access size only.
 * - One page may be RAM to loads and a device to stores (flash, ROM).
 * It is emptied
 * - by these instructions: at their execution callback, and again at the vCPU's next block, for the accesses they make;
 * - by stores to devices, as by MAPPING_ALL_VCPUS;
 * - when the vCPU is initialised or resumed: a reset and the start of another processor happen while it is idle.
 * Other vCPUs follow an invalidation when they next leave a block. So MAPPING_ALL_VCPUS counts up one number, at the
 * callback and again at the next block, and a vCPU that sees the number changed at the start of a block empties its cache
 * there and once more at the start of the block after it.
 *
 * Not seen that way, since no instruction of the guest brings it about: memory unplugged by the monitor or by a device's
 * own timer, system management interrupts that a timer raises, 32-bit x86 exceptions through a task gate, and on RISC-V
 * firmware that enters a guest's mode by mstatus alone.
 */
enum insn_mapping {
    MAPPING_KEEPS = 0,
    MAPPING_THIS_VCPU, /* on the vCPU that executes it */
    MAPPING_ALL_VCPUS, /* on every vCPU */
    /*
     * From now on at moments that no instruction shows: use no cache on this vCPU any more. The guest starts a guest of
     * its own, whose exits change page tables under the same mmu index.
     */
    MAPPING_UNTRACKABLE,
};

/*
 * code, size: the instruction's bytes as they lie in guest memory; size 0 is allowed. vaddr: where the instruction is.
 * system: full system emulation, where traps and memory-mapped I/O exist; in user mode more instructions are harmless.
 * The class of a block's last instruction has no meaning for the scheme above (branches are INSN_OTHER).
 */
typedef enum insn_class (*insn_classifier)(const uint8_t *code, size_t size, uint64_t vaddr, bool system);
typedef enum insn_mapping (*mapping_classifier)(const uint8_t *code, size_t size);

/*
 * Whether the last instruction that QEMU shows of a block may be missing in it; index: its number in the block from 0,
 * vaddr: its address. QEMU 7.2 and some later releases undo an x86 instruction that crosses a page and is not the first of
 * its block, so that it begins a block of its own, but leave it, cut short, in what a plugin sees of the first block.
 * Nothing before such an instruction shows that it is dispatched: it needs an execution callback, and it may never come.
 */
bool last_may_be_undone(const char *target, size_t index, uint64_t vaddr);

/* By QEMU's target name ("x86_64"); never NULL: an unknown target answers INSN_OTHER and MAPPING_ALL_VCPUS. */
insn_classifier classifier_for(const char *target);
mapping_classifier mapping_classifier_for(const char *target);

#endif
