/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * RISC-V instructions, as QEMU's target/riscv translates them.
 *
 * A 64-bit target may run 32-bit code: where the two give the same bytes different meanings, both are claimed alike
 * (c.flw and c.ld are one load each, c.jal ends its block).
 *
 * Floating point raises no exceptions, but an instruction with a dynamic rounding mode raises one when the mode in fcsr
 * is invalid, which only running it tells. Writing fcsr ends a block, so that once is enough: INSN_PLAIN_AGAIN. Whether
 * the unit is on is decided at translation.
 * The compressed 8-byte floating-point accesses are 16-byte ones on a 128-bit CPU model, which user mode programs do not
 * run on, and pushes of many registers with Zcmp: INSN_OTHER.
 */
#include "classify-targets.h"

static enum insn_class classify_compressed(uint16_t word, bool wide, bool system)
{
    unsigned kind = word >> 13;
    unsigned rs2 = word >> 2 & 31;

    switch (word & 3) {
    case 0:
        switch (kind) {
        case 0: /* addi4spn */
            return INSN_PLAIN;
        case 2: /* lw, sw */
        case 6:
        case 4: /* byte and halfword accesses of Zcb */
            return INSN_ONE_ACCESS;
        case 1: /* fld, fsd */
        case 5:
            return system ? INSN_OTHER : INSN_ONE_ACCESS;
        case 3: /* ld or flw, sd or fsw; with 32 bits and Zclsd a pair of registers */
        case 7:
            return wide ? INSN_ONE_ACCESS : INSN_OTHER;
        default:
            return INSN_OTHER;
        }
    case 1:
        switch (kind) {
        case 0: /* addi */
        case 1: /* addiw */
        case 2: /* li */
        case 4: /* arithmetic */
            return INSN_PLAIN;
        case 3: /* lui, addi16sp; with an immediate of 0 shadow stack accesses */
            return word & 0x107c ? INSN_PLAIN : INSN_OTHER;
        default:
            return INSN_OTHER;
        }
    default:
        switch (kind) {
        case 0: /* slli */
            return INSN_PLAIN;
        case 2: /* lwsp, swsp */
        case 6:
            return INSN_ONE_ACCESS;
        case 1: /* fldsp */
            return system ? INSN_OTHER : INSN_ONE_ACCESS;
        case 3: /* ldsp, sdsp */
        case 7:
            return wide ? INSN_ONE_ACCESS : INSN_OTHER;
        case 4: /* mv, add; jumps and ebreak have no second register */
            return rs2 ? INSN_PLAIN : INSN_OTHER;
        default:
            return INSN_OTHER;
        }
    }
}

static enum insn_class by_rounding(unsigned mode)
{
    return mode <= 4 ? INSN_PLAIN : mode == 7 ? INSN_PLAIN_AGAIN : INSN_OTHER;
}

static enum insn_class classify_float(uint32_t word)
{
    switch (word >> 27) {
    case 0x04: /* sgnj, min and max, comparisons, moves and class: no rounding */
    case 0x05:
    case 0x14:
    case 0x1c:
    case 0x1e:
        return INSN_PLAIN;
    default:
        return by_rounding(word >> 12 & 7);
    }
}

static enum insn_class classify(const uint8_t *code, size_t size, bool wide, bool system)
{
    uint32_t word;
    unsigned kind;

    if (size == 2) {
        return classify_compressed((uint16_t)(code[0] | code[1] << 8), wide, system);
    }
    if (size != 4) {
        return INSN_OTHER;
    }
    word = code[0] | (uint32_t)code[1] << 8 | (uint32_t)code[2] << 16 | (uint32_t)code[3] << 24;
    kind = word >> 12 & 7;
    switch (word & 0x7f) {
    case 0x03: /* loads; 7 exists on a 128-bit model only, and 3 in 32 bits may be a pair */
        return kind == 7 || (kind == 3 && !wide) ? INSN_OTHER : INSN_ONE_ACCESS;
    case 0x23: /* stores */
        return kind > 3 || (kind == 3 && !wide) ? INSN_OTHER : INSN_ONE_ACCESS;
    case 0x07: /* floating-point loads and stores of 2, 4 and 8 bytes; the others are vectors */
    case 0x27:
        return kind >= 1 && kind <= 3 ? INSN_ONE_ACCESS : INSN_OTHER;
    case 0x0f: /* fence; pause leaves the block */
        return kind == 0 && word != 0x0100000f ? INSN_PLAIN : INSN_OTHER;
    case 0x13:
    case 0x1b:
    case 0x33:
    case 0x3b:
    case 0x37: /* lui */
        return INSN_PLAIN;
    case 0x17: /* auipc; without a destination a landing pad, which is checked */
        return word >> 7 & 31 ? INSN_PLAIN : INSN_OTHER;
    case 0x2f: /* lr; sc stores only if it succeeds, and the others are atomic */
        return word >> 27 == 2 && (kind == 2 || kind == 3) ? INSN_ONE_ACCESS : INSN_OTHER;
    case 0x43: /* fused multiply and add */
    case 0x47:
    case 0x4b:
    case 0x4f:
        return by_rounding(kind);
    case 0x53:
        return classify_float(word);
    default:
        return INSN_OTHER;
    }
}

enum insn_class classify_riscv64(const uint8_t *code, size_t size, uint64_t vaddr, bool system)
{
    (void)vaddr;
    return classify(code, size, true, system);
}

enum insn_class classify_riscv32(const uint8_t *code, size_t size, uint64_t vaddr, bool system)
{
    (void)vaddr;
    return classify(code, size, false, system);
}

/* Control and status registers whose writes leave every mapping alone. */
static bool is_harmless_csr(unsigned csr)
{
    switch (csr) {
    case 0x000 ... 0x0ff: /* user level */
    case 0xc00 ... 0xcff:
    case 0x100: /* sstatus: what it changes selects another translation mode, which is in the cache's key */
    case 0x104 ... 0x106:
    case 0x140 ... 0x15f: /* sscratch, sepc, scause, stval, sip, timer, interrupt files; not satp */
    case 0x302 ... 0x306:
    case 0x320 ... 0x344:
    case 0xb00 ... 0xbff:
        return true;
    default:
        return false;
    }
}

enum insn_mapping mapping_riscv(const uint8_t *code, size_t size)
{
    uint32_t word;
    unsigned kind;
    unsigned csr;

    if (size != 4 || (code[0] & 0x7f) != 0x73) {
        return MAPPING_KEEPS;
    }
    word = code[0] | (uint32_t)code[1] << 8 | (uint32_t)code[2] << 16 | (uint32_t)code[3] << 24;
    kind = word >> 12 & 7;
    csr = word >> 20;
    switch (kind) {
    case 0:
        switch (word >> 25) {
        case 0x09: /* sfence.vma, sinval.vma */
        case 0x0b:
        case 0x0c:
        case 0x11: /* hfence and hinval: vvma, gvma */
        case 0x13:
        case 0x31:
        case 0x33:
            return MAPPING_THIS_VCPU;
        default: /* ecall, ebreak, wfi; returns change the mode only */
            return MAPPING_KEEPS;
        }
    case 4: /* accesses of a hypervisor to its guest's memory, and may-be operations */
        return MAPPING_KEEPS;
    default:
        if ((kind & 3) != 1 && (word >> 15 & 31) == 0) { /* reads only */
            return MAPPING_KEEPS;
        }
        if (csr == 0x600) { /* hstatus: a guest of the guest may follow, see MAPPING_UNTRACKABLE */
            return MAPPING_UNTRACKABLE;
        }
        return is_harmless_csr(csr) ? MAPPING_KEEPS : MAPPING_THIS_VCPU;
    }
}
