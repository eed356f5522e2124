/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * AArch64 instructions, as QEMU's target/arm translates them.
 *
 * qemu-system-aarch64 also runs 32-bit Arm code, and a plugin is not told so. But 32-bit code cannot be above 4 GiB, so
 * that in system emulation nothing is claimed below it.
 *
 * Whether floating point and SIMD may be used is decided at translation, and QEMU never traps their exceptions. Pointer
 * authentication and most system registers may trap when they run: INSN_OTHER. A pair of registers is two events up to
 * 8.0 and one later, and so is a 16-byte register.
 *
 * Not covered: a jump to something that is no landing pad, in a page that wants them. Up to 8.x that is known at
 * translation; later user mode finds it when the first instruction of the block runs, whatever it is.
 */
#include "classify-targets.h"

static uint32_t word_of(const uint8_t *code)
{
    return code[0] | (uint32_t)code[1] << 8 | (uint32_t)code[2] << 16 | (uint32_t)code[3] << 24;
}

static enum insn_class data_immediate(uint32_t word)
{
    /* Additions to tags, and what shares their encoding, are left out. */
    return (word >> 23 & 7) == 3 ? INSN_OTHER : INSN_PLAIN;
}

static enum insn_class data_register(uint32_t word)
{
    switch (word >> 24 & 0x1f) {
    case 0x0a: /* logical */
    case 0x0b: /* add, sub */
        return INSN_PLAIN;
    case 0x1a:
        switch (word >> 21 & 7) {
        case 0: /* adc, sbc */
            return (word >> 10 & 0x3f) == 0 ? INSN_PLAIN : INSN_OTHER;
        case 2: /* ccmp */
        case 4: /* csel */
            return INSN_PLAIN;
        case 6:
            if (word & UINT32_C(1) << 29) { /* subtraction of tagged pointers */
                return INSN_OTHER;
            }
            if (word & UINT32_C(1) << 30) { /* rbit, rev, clz, cls; with another second opcode authentication */
                return (word >> 16 & 31) == 0 && (word >> 10 & 0x3f) < 9 ? INSN_PLAIN : INSN_OTHER;
            }
            switch (word >> 10 & 0x3f) { /* udiv, sdiv, shifts, crc32 */
            case 2:
            case 3:
            case 8 ... 11:
            case 16 ... 23:
                return INSN_PLAIN;
            default:
                return INSN_OTHER;
            }
        default:
            return INSN_OTHER;
        }
    case 0x1b: /* madd, smaddl, smulh, umaddl, umulh */
        switch (word >> 21 & 7) {
        case 0:
        case 1:
        case 2:
        case 5:
        case 6:
            return INSN_PLAIN;
        default:
            return INSN_OTHER;
        }
    default:
        return INSN_OTHER;
    }
}

static enum insn_class load_store(uint32_t word)
{
    bool vector = word & UINT32_C(1) << 26;
    unsigned size = word >> 30;
    unsigned operation = word >> 22 & 3;

    if ((word & 0x3b000000) == 0x18000000) { /* from a literal */
        if (size == 3) {
            return vector ? INSN_OTHER : INSN_PLAIN; /* prfm */
        }
        return vector && size == 2 ? INSN_OTHER : INSN_ONE_ACCESS;
    }
    if ((word & 0x3a000000) == 0x38000000) { /* one register */
        bool scaled = word & UINT32_C(1) << 24;
        bool by_register = word & UINT32_C(1) << 21;
        unsigned form = word >> 10 & 3;

        if (!scaled && by_register && form != 2) { /* atomic, authenticated */
            return INSN_OTHER;
        }
        if (vector) {
            return operation >= 2 ? INSN_OTHER : INSN_ONE_ACCESS; /* 16 bytes */
        }
        if (size == 3 && operation >= 2) { /* prfm */
            return operation == 2 && (scaled || by_register || form == 0) ? INSN_PLAIN : INSN_OTHER;
        }
        return size == 2 && operation == 3 ? INSN_OTHER : INSN_ONE_ACCESS;
    }
    if ((word & 0x3f000000) == 0x08000000 && !(word & UINT32_C(1) << 21)) {
        bool load = word & UINT32_C(1) << 22;
        bool exclusive = !(word & UINT32_C(1) << 23);

        return exclusive && !load ? INSN_OTHER : INSN_ONE_ACCESS; /* stxr stores only if it succeeds */
    }
    return INSN_OTHER;
}

static enum insn_class branch_system(uint32_t word, bool system)
{
    if (word == 0xd503201f || (word & 0xffffff3f) == 0xd503241f) { /* nop, bti */
        return INSN_PLAIN;
    }
    switch (word & 0xfffff0ff) {
    case 0xd503305f: /* clrex, dsb, dmb */
    case 0xd503309f:
    case 0xd50330bf:
        return INSN_PLAIN;
    default: /* Reading the thread pointer can be trapped by a hypervisor only. */
        return !system && (word & 0xffffffe0) == 0xd53bd040 ? INSN_PLAIN : INSN_OTHER;
    }
}

enum insn_class classify_aarch64(const uint8_t *code, size_t size, uint64_t vaddr, bool system)
{
    uint32_t word;

    if (size != 4 || (system && vaddr >> 32 == 0)) {
        return INSN_OTHER;
    }
    word = word_of(code);
    switch (word >> 25 & 15) {
    case 8:
    case 9:
        return data_immediate(word);
    case 10:
    case 11:
        return branch_system(word, system);
    case 5:
    case 13:
        return data_register(word);
    case 7: /* SIMD and floating-point arithmetic */
    case 15:
        return INSN_PLAIN;
    case 4:
    case 6:
    case 12:
    case 14:
        return load_store(word);
    default:
        return INSN_OTHER;
    }
}

/* System registers whose writes leave every mapping alone. Regimes and PAN select a translation mode, in the key. */
static bool is_harmless_register(uint32_t word)
{
    unsigned op1 = word >> 16 & 7;
    unsigned crn = word >> 12 & 15;
    unsigned crm = word >> 8 & 15;
    unsigned op2 = word >> 5 & 7;

    if (!(word & UINT32_C(1) << 19)) { /* debug registers */
        return false;
    }
    switch (crn) {
    case 4:  /* flags, interrupt masks, spsr, elr, sp, floating-point control, interrupt priorities */
    case 5:  /* syndromes */
    case 6:  /* fault addresses */
    case 9:  /* performance counters */
    case 12: /* vectors, interrupt controller */
    case 14: /* timers */
        return true;
    case 13: /* thread pointers; not the context id */
        return op1 == 3 || (op1 == 0 && op2 == 4);
    case 1: /* cpacr; not sctlr, scr, hcr */
        return op1 == 0 && crm == 0 && op2 == 2;
    default:
        return false;
    }
}

/*
 * 32-bit code writes cp15 with mcr and mcrr. Which register it is does not matter here, nor that some AArch64
 * instruction may have the same bits: one invalidation too many is only slow. Thumb has its halves swapped.
 */
static bool is_coprocessor_write(uint32_t word)
{
    uint32_t swapped = word >> 16 | word << 16;

    return (word & 0x0f100f10) == 0x0e000f10 || (word & 0x0ff00f00) == 0x0c400f00 ||
           (swapped & 0xef100f10) == 0xee000f10 || (swapped & 0xeff00f00) == 0xec400f00;
}

enum insn_mapping mapping_aarch64(const uint8_t *code, size_t size)
{
    uint32_t word;

    if (size != 4) {
        return MAPPING_KEEPS;
    }
    word = word_of(code);
    if (is_coprocessor_write(word)) {
        return MAPPING_ALL_VCPUS;
    }
    if ((word & 0xfff80000) == 0xd5080000 && (word >> 12 & 15) >= 8 && (word >> 12 & 15) <= 9) {
        /* tlbi: a hypervisor can widen the local forms to all vCPUs */
        return MAPPING_ALL_VCPUS;
    }
    if ((word & 0xfff00000) == 0xd5100000) { /* msr */
        return is_harmless_register(word) ? MAPPING_KEEPS : MAPPING_THIS_VCPU;
    }
    return MAPPING_KEEPS;
}
