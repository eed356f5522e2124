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
 * certain is INSN_OTHER, and what is certain was read from the translators of QEMU 7.2, 10.0 and 11.1 and is checked
 * against running guests by test/classify-check.c.
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
};

/* Whether a physical address that get_hwaddr answers for a virtual page may differ after the instruction. */
enum insn_mapping {
    MAPPING_KEEPS = 0,
    MAPPING_THIS_VCPU, /* on the vCPU that executes it */
    MAPPING_ALL_VCPUS, /* on every vCPU, possibly at some later instruction of theirs */
};

/*
 * code, size: the instruction's bytes as the target fetches them; size 0 is allowed. system: full system emulation, where
 * traps and memory-mapped I/O exist; in user mode more instructions are harmless. The class of a block's last instruction
 * has no meaning for the scheme above (branches are INSN_OTHER).
 */
typedef enum insn_class (*insn_classifier)(const uint8_t *code, size_t size, bool system);
typedef enum insn_mapping (*mapping_classifier)(const uint8_t *code, size_t size);

/* By QEMU's target name ("x86_64"); never NULL: an unknown target answers INSN_OTHER and MAPPING_ALL_VCPUS. */
insn_classifier classifier_for(const char *target);
mapping_classifier mapping_classifier_for(const char *target);

#endif
