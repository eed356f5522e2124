/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * x86 instructions, as QEMU's target/i386 translates them.
 *
 * A plugin is not told whether the vCPU runs 16-, 32- or 64-bit code. So the bytes are decoded in every mode the vCPU may
 * be in, modes in which they do not have exactly the given size are ruled out, and the others must agree.
 *
 * Why what is claimed holds:
 * - Traps that depend on the vCPU's mode (#UD, #NM, privilege, IOPL) are decided when the block is translated; such an
 *   instruction is then the last of its block.
 * - No SSE or AVX arithmetic raises a floating-point exception under TCG (no #XM is implemented); x87 does (#MF), so it
 *   is INSN_OTHER altogether.
 * - Memory operands of read-modify-write forms are stored unconditionally, also by cmpxchg and by shifts whose count is
 *   zero at run time. A shift by the constant 0 stores in some releases only.
 * - 16-byte accesses are two events or one, by release: INSN_ALIKE. Locked ones may go through a helper: INSN_OTHER.
 * - cmov loads unconditionally.
 */
#include "classify-targets.h"

enum {
    PREFIX_DATA = 1,
    PREFIX_ADDRESS = 2,
    PREFIX_REPNE = 4,
    PREFIX_REP = 8,
    PREFIX_LOCK = 16,
    PREFIX_REX_W = 32,
    PREFIX_VEX = 64,
};

/* What the bytes are in one mode. length 0: not known, so any. */
struct meaning {
    enum insn_class class;
    size_t length;
};

struct cursor {
    const uint8_t *code;
    size_t size;
    size_t at;
    int mode; /* 16, 32 or 64 */
    unsigned prefix;
    bool wide_vector; /* VEX.L */
};

static const struct meaning UNKNOWN = {INSN_OTHER, 0};

/* The next byte; past the end any value will do, since the length cannot match any more. */
static unsigned next(struct cursor *c)
{
    unsigned byte = c->at < c->size ? c->code[c->at] : 0;

    c->at++;
    return byte;
}

static struct meaning is(struct cursor *c, enum insn_class class)
{
    return (struct meaning){class, c->at};
}

static struct meaning with_immediate(struct cursor *c, size_t bytes, enum insn_class class)
{
    c->at += bytes;
    return is(c, class);
}

/* Bytes of an immediate of operand size, at most 4. */
static size_t immediate_z(const struct cursor *c)
{
    bool data = c->prefix & PREFIX_DATA;

    if (c->mode == 64) {
        return data && !(c->prefix & PREFIX_REX_W) ? 2 : 4;
    }
    return (c->mode == 32) != data ? 4 : 2;
}

static int address_bits(const struct cursor *c)
{
    bool other = c->prefix & PREFIX_ADDRESS;

    if (c->mode == 64) {
        return other ? 32 : 64;
    }
    return (c->mode == 32) != other ? 32 : 16;
}

static bool is_register(unsigned modrm)
{
    return modrm >> 6 == 3;
}

static unsigned group(unsigned modrm)
{
    return modrm >> 3 & 7;
}

/* Reads a ModRM byte with what belongs to its address. */
static unsigned next_modrm(struct cursor *c)
{
    unsigned modrm = next(c);
    unsigned mod = modrm >> 6;
    unsigned rm = modrm & 7;

    if (mod == 3) {
        return modrm;
    }
    if (address_bits(c) == 16) {
        c->at += mod == 1 ? 1 : mod == 2 || rm == 6 ? 2 : 0;
        return modrm;
    }
    if (rm == 4 && (next(c) & 7) == 5 && mod == 0) {
        c->at += 4;
    }
    if (mod == 0 && rm == 5) {
        c->at += 4;
    }
    c->at += mod == 1 ? 1 : mod == 2 ? 4 : 0;
    return modrm;
}

/* An instruction with ModRM: its class by where the operand is, then an immediate. */
static struct meaning operand(struct cursor *c, enum insn_class in_memory, size_t immediate)
{
    unsigned modrm = next_modrm(c);

    return with_immediate(c, immediate, is_register(modrm) ? INSN_PLAIN : in_memory);
}

static struct meaning shift(struct cursor *c, bool by_constant)
{
    unsigned modrm = next_modrm(c);

    if (group(modrm) == 6) {
        return UNKNOWN;
    }
    if (by_constant && (next(c) & 0x1f) == 0 && !is_register(modrm)) {
        return is(c, INSN_OTHER);
    }
    return is(c, is_register(modrm) ? INSN_PLAIN : INSN_LOAD_STORE);
}

static struct meaning decode_vector(struct cursor *c, unsigned map, unsigned opcode);

static struct meaning decode_0f(struct cursor *c)
{
    unsigned opcode = next(c);
    unsigned modrm;

    switch (opcode) {
    case 0x0d: /* prefetchw: nothing under TCG */
        modrm = next_modrm(c);
        return is_register(modrm) ? UNKNOWN : is(c, INSN_PLAIN);
    case 0x18: /* prefetch */
        modrm = next_modrm(c);
        return is_register(modrm) ? UNKNOWN : is(c, INSN_PLAIN);
    case 0x1e: /* endbr64, endbr32; the others may become shadow stack reads */
        modrm = next(c);
        return c->prefix & PREFIX_REP && (modrm == 0xfa || modrm == 0xfb) ? is(c, INSN_PLAIN) : UNKNOWN;
    case 0x1f: /* nop */
        next_modrm(c);
        return is(c, INSN_PLAIN);
    case 0x40 ... 0x4f: /* cmov */
        return operand(c, INSN_ONE_ACCESS, 0);
    case 0x90 ... 0x9f: /* setcc */
        return operand(c, INSN_ONE_ACCESS, 0);
    case 0xa3: /* bt */
        return operand(c, INSN_ONE_ACCESS, 0);
    case 0xab: /* bts */
    case 0xb3: /* btr */
    case 0xbb: /* btc */
        return operand(c, INSN_LOAD_STORE, 0);
    case 0xba: /* bt, bts, btr, btc by a constant */
        modrm = next_modrm(c);
        if (group(modrm) < 4) {
            return UNKNOWN;
        }
        return with_immediate(c, 1,
                              is_register(modrm)  ? INSN_PLAIN
                              : group(modrm) == 4 ? INSN_ONE_ACCESS
                                                  : INSN_LOAD_STORE);
    case 0xa4: /* shld, shrd by a constant */
    case 0xac:
        modrm = next_modrm(c);
        if ((next(c) & 0x1f) == 0 && !is_register(modrm)) {
            return is(c, INSN_OTHER);
        }
        return is(c, is_register(modrm) ? INSN_PLAIN : INSN_LOAD_STORE);
    case 0xa5: /* shld, shrd by cl */
    case 0xad:
        return operand(c, INSN_LOAD_STORE, 0);
    case 0xae: /* lfence, mfence, sfence; the rest saves and restores state */
        modrm = next(c);
        return !(c->prefix & (PREFIX_DATA | PREFIX_REP | PREFIX_REPNE)) && is_register(modrm) && group(modrm) >= 5
                       ? is(c, INSN_PLAIN)
                       : UNKNOWN;
    case 0xaf: /* imul */
        return operand(c, INSN_ONE_ACCESS, 0);
    case 0xb0: /* cmpxchg, xadd */
    case 0xb1:
    case 0xc0:
    case 0xc1:
        return operand(c, INSN_LOAD_STORE, 0);
    case 0xb8: /* popcnt */
        return c->prefix & PREFIX_REP ? operand(c, INSN_ONE_ACCESS, 0) : UNKNOWN;
    case 0xb6: /* movzx, movsx */
    case 0xb7:
    case 0xbe:
    case 0xbf:
    case 0xbc: /* bsf, tzcnt, bsr, lzcnt */
    case 0xbd:
        return operand(c, INSN_ONE_ACCESS, 0);
    case 0xc3: /* movnti */
        modrm = next_modrm(c);
        return is_register(modrm) || c->prefix & (PREFIX_DATA | PREFIX_REP | PREFIX_REPNE) ? UNKNOWN
                                                                                          : is(c, INSN_ONE_ACCESS);
    case 0xc8 ... 0xcf: /* bswap */
        return is(c, INSN_PLAIN);
    case 0x38:
        return decode_vector(c, 0x0f38, next(c));
    case 0x3a:
        return decode_vector(c, 0x0f3a, next(c));
    default:
        return decode_vector(c, 0x0f, opcode);
    }
}

static struct meaning decode_one_byte(struct cursor *c, unsigned opcode)
{
    bool rep = c->prefix & (PREFIX_REP | PREFIX_REPNE);
    size_t immediate = opcode & 1 ? immediate_z(c) : 1;
    unsigned modrm;

    switch (opcode) {
    case 0x00 ... 0x3f: /* add, or, adc, sbb, and, sub, xor, cmp */
        switch (opcode & 7) {
        case 0:
        case 1:
            return operand(c, opcode >> 3 == 7 ? INSN_ONE_ACCESS : INSN_LOAD_STORE, 0);
        case 2:
        case 3:
            return operand(c, INSN_ONE_ACCESS, 0);
        case 4:
        case 5:
            return with_immediate(c, immediate, INSN_PLAIN);
        default: /* segment pushes and pops, decimal adjustments */
            return UNKNOWN;
        }
    case 0x40 ... 0x4f: /* inc, dec: in 64-bit mode a prefix that was read before */
        return c->mode == 64 ? UNKNOWN : is(c, INSN_PLAIN);
    case 0x50 ... 0x5f: /* push, pop */
        return is(c, INSN_ONE_ACCESS);
    case 0x63: /* movsxd; outside 64-bit mode arpl */
        modrm = next_modrm(c);
        return is(c, c->mode != 64 ? INSN_OTHER : is_register(modrm) ? INSN_PLAIN : INSN_ONE_ACCESS);
    case 0x68:
        return with_immediate(c, immediate_z(c), INSN_ONE_ACCESS);
    case 0x6a:
        return with_immediate(c, 1, INSN_ONE_ACCESS);
    case 0x69: /* imul */
        return operand(c, INSN_ONE_ACCESS, immediate_z(c));
    case 0x6b:
        return operand(c, INSN_ONE_ACCESS, 1);
    case 0x80:
    case 0x81:
    case 0x83:
        modrm = next_modrm(c);
        return with_immediate(c, opcode == 0x81 ? immediate_z(c) : 1,
                              is_register(modrm)  ? INSN_PLAIN
                              : group(modrm) == 7 ? INSN_ONE_ACCESS
                                                  : INSN_LOAD_STORE);
    case 0x84: /* test */
    case 0x85:
    case 0x88 ... 0x8b: /* mov */
        return operand(c, INSN_ONE_ACCESS, 0);
    case 0x86: /* xchg locks the bus without being told */
    case 0x87:
        return operand(c, INSN_OTHER, 0);
    case 0x8c: /* mov from a segment register */
        return operand(c, INSN_ONE_ACCESS, 0);
    case 0x8d: /* lea */
        modrm = next_modrm(c);
        return is_register(modrm) ? UNKNOWN : is(c, INSN_PLAIN);
    case 0x8f: /* pop */
        modrm = next_modrm(c);
        return group(modrm) != 0 ? UNKNOWN : is(c, is_register(modrm) ? INSN_ONE_ACCESS : INSN_LOAD_STORE);
    case 0x90: /* nop; pause leaves the block */
        return rep ? UNKNOWN : is(c, INSN_PLAIN);
    case 0x91 ... 0x99: /* xchg, cbw, cwd */
        return is(c, INSN_PLAIN);
    case 0x9c: /* pushf */
        return is(c, INSN_ONE_ACCESS);
    case 0x9e: /* sahf, lahf */
    case 0x9f:
        return is(c, INSN_PLAIN);
    case 0xa0 ... 0xa3: /* mov with an absolute address */
        return with_immediate(c, (size_t)address_bits(c) / 8, INSN_ONE_ACCESS);
    case 0xa4: /* movs */
    case 0xa5:
        return rep ? UNKNOWN : is(c, INSN_LOAD_STORE);
    case 0xa8: /* test */
    case 0xa9:
        return with_immediate(c, immediate, INSN_PLAIN);
    case 0xaa ... 0xaf: /* stos, lods, scas */
        return is(c, rep ? INSN_ALIKE : INSN_ONE_ACCESS);
    case 0xb0 ... 0xb7:
        return with_immediate(c, 1, INSN_PLAIN);
    case 0xb8 ... 0xbf:
        return with_immediate(c, c->prefix & PREFIX_REX_W ? 8 : immediate_z(c), INSN_PLAIN);
    case 0xc0:
    case 0xc1:
        return shift(c, true);
    case 0xd0 ... 0xd3:
        return shift(c, false);
    case 0xc6:
    case 0xc7:
        modrm = next_modrm(c);
        if (group(modrm) != 0) {
            return UNKNOWN;
        }
        return with_immediate(c, immediate, is_register(modrm) ? INSN_PLAIN : INSN_ONE_ACCESS);
    case 0xc3: /* ret */
        return is(c, INSN_ALIKE);
    case 0xe8: /* call; the data prefix means different things to different processors */
        return c->prefix & PREFIX_DATA ? UNKNOWN : with_immediate(c, immediate_z(c), INSN_ALIKE);
    case 0xc9: /* leave */
    case 0xd7: /* xlat */
        return is(c, INSN_ONE_ACCESS);
    case 0xf5: /* cmc, clc, stc, cli, cld, std */
    case 0xf8:
    case 0xf9:
    case 0xfa:
    case 0xfc:
    case 0xfd:
        return is(c, INSN_PLAIN);
    case 0xf6:
    case 0xf7:
        modrm = next_modrm(c);
        switch (group(modrm)) {
        case 0: /* test */
            return with_immediate(c, immediate, is_register(modrm) ? INSN_PLAIN : INSN_ONE_ACCESS);
        case 2: /* not, neg */
        case 3:
            return is(c, is_register(modrm) ? INSN_PLAIN : INSN_LOAD_STORE);
        case 4: /* mul, imul */
        case 5:
            return is(c, is_register(modrm) ? INSN_PLAIN : INSN_ONE_ACCESS);
        default:
            return UNKNOWN;
        }
    case 0xfe:
    case 0xff:
        modrm = next_modrm(c);
        if (group(modrm) <= 1) { /* inc, dec */
            return is(c, is_register(modrm) ? INSN_PLAIN : INSN_LOAD_STORE);
        }
        if (opcode == 0xff && group(modrm) == 6) { /* push */
            return is(c, is_register(modrm) ? INSN_ONE_ACCESS : INSN_LOAD_STORE);
        }
        if (opcode == 0xff && (group(modrm) == 2) == is_register(modrm) && (group(modrm) == 2 || group(modrm) == 4)) {
            /* call through a register, jmp through memory */
            return is(c, INSN_ALIKE);
        }
        return UNKNOWN;
    default:
        return UNKNOWN;
    }
}

/* Operands of a vector instruction that may be in memory. */
enum vector_memory {
    NEVER = 0, /* not whitelisted at all */
    WHOLE,     /* a whole register, 16 bytes and more: INSN_ALIKE in memory */
    SCALAR,    /* at most 8 bytes */
    NO_MEMORY, /* the encoding with a memory operand is something else */
    NO_REGISTER, /* at most 8 bytes, and always in memory */
};

/* The mandatory prefix as an index: none, 66, f3, f2. */
static int mandatory(const struct cursor *c)
{
    return c->prefix & PREFIX_REPNE ? 3 : c->prefix & PREFIX_REP ? 2 : c->prefix & PREFIX_DATA ? 1 : 0;
}

/* Floating-point forms: packed single and double, scalar single and double. */
static enum vector_memory packed_or_scalar(int form)
{
    return form >= 2 ? SCALAR : WHOLE;
}

static enum vector_memory vector_0f(unsigned opcode, int form, bool wide, size_t *immediate)
{
    switch (opcode) {
    case 0x10: /* movups, movss */
    case 0x11:
        return packed_or_scalar(form);
    case 0x12: /* movlps, movhlps, movsldup, movddup */
        return form == 2 ? WHOLE : form == 3 ? wide ? WHOLE : SCALAR : form == 0 ? SCALAR : NO_REGISTER;
    case 0x16: /* movhps, movlhps, movshdup */
        return form == 2 ? WHOLE : form == 0 ? SCALAR : form == 1 ? NO_REGISTER : NEVER;
    case 0x13:
    case 0x17:
        return form <= 1 ? NO_REGISTER : NEVER;
    case 0x14: /* unpcklps */
    case 0x15:
    case 0x28: /* movaps */
    case 0x29:
    case 0x54 ... 0x57: /* and, andn, or, xor */
        return form <= 1 ? WHOLE : NEVER;
    case 0x2a: /* cvtsi2ss; without f2 or f3 it is about MMX */
    case 0x2c:
    case 0x2d:
        return form >= 2 ? SCALAR : NEVER;
    case 0x2e: /* ucomiss, comiss: 7.2 loads 16 bytes */
    case 0x2f:
        return form <= 1 ? WHOLE : NEVER;
    case 0x50: /* movmskps */
        return form <= 1 ? NO_MEMORY : NEVER;
    case 0x51: /* sqrt */
    case 0x58: /* add, mul */
    case 0x59:
    case 0x5c ... 0x5f: /* sub, min, div, max */
        return packed_or_scalar(form);
    case 0x52: /* rsqrt, rcp */
    case 0x53:
        return form == 0 ? WHOLE : form == 2 ? SCALAR : NEVER;
    case 0x5a: /* cvtss2sd, cvtsd2ss; cvtps2pd loads 8 or 16 bytes, by release */
        return packed_or_scalar(form);
    case 0x5b:
        return form <= 2 ? WHOLE : NEVER;
    case 0x60 ... 0x6d:
    case 0x74 ... 0x76:
        return form == 1 ? WHOLE : NEVER;
    case 0x6e: /* movd */
        return form == 1 ? SCALAR : NEVER;
    case 0x6f: /* movdqa, movdqu */
    case 0x7f:
        return form == 1 || form == 2 ? WHOLE : NEVER;
    case 0x70: /* pshufd, pshufhw, pshuflw */
        *immediate = 1;
        return form >= 1 ? WHOLE : NEVER;
    case 0x71 ... 0x73: /* shifts by a constant */
        *immediate = 1;
        return form == 1 ? NO_MEMORY : NEVER;
    case 0x7c: /* haddpd, haddps, hsubpd, hsubps, addsubpd, addsubps */
    case 0x7d:
    case 0xd0:
        return form == 1 || form == 3 ? WHOLE : NEVER;
    case 0x7e: /* movd to an operand, movq from one */
        return form == 1 || form == 2 ? SCALAR : NEVER;
    case 0xc2: /* cmpps */
        *immediate = 1;
        return packed_or_scalar(form);
    case 0xc4: /* pinsrw */
        *immediate = 1;
        return form == 1 ? SCALAR : NEVER;
    case 0xc5: /* pextrw */
        *immediate = 1;
        return form == 1 ? NO_MEMORY : NEVER;
    case 0xc6: /* shufps */
        *immediate = 1;
        return form <= 1 ? WHOLE : NEVER;
    case 0xd6: /* movq */
        return form == 1 ? SCALAR : NEVER;
    case 0xd7: /* pmovmskb */
        return form == 1 ? NO_MEMORY : NEVER;
    case 0xe6: /* cvttpd2dq, cvtdq2pd, cvtpd2dq */
        return form != 0 ? WHOLE : NEVER;
    case 0xd1 ... 0xd5:
    case 0xd8 ... 0xe5:
    case 0xe8 ... 0xef:
    case 0xf1 ... 0xf6:
    case 0xf8 ... 0xfe:
        return form == 1 ? WHOLE : NEVER;
    default:
        return NEVER;
    }
}

static enum vector_memory vector_0f38(unsigned opcode, int form, bool vex, bool wide)
{
    switch (opcode) {
    case 0x00 ... 0x0b: /* pshufb, phadd, pmaddubsw, psign, pmulhrsw */
    case 0x1c ... 0x1e: /* pabs */
    case 0x28:          /* pmuldq */
    case 0x29:
    case 0x2b:
    case 0x37 ... 0x41:
    case 0xdb ... 0xdf: /* aes */
    case 0x17:          /* ptest */
        return form == 1 ? WHOLE : NEVER;
    case 0x10: /* pblendvb, blendvps, blendvpd */
    case 0x14:
    case 0x15:
        return form == 1 && !vex ? WHOLE : NEVER;
    case 0x20 ... 0x25: /* pmovsx, pmovzx load half a register or less */
    case 0x30 ... 0x35:
        return form == 1 ? wide ? WHOLE : SCALAR : NEVER;
    case 0x36: /* vpermd */
    case 0x45 ... 0x47: /* vpsrlv, vpsrav, vpsllv */
        return form == 1 && vex ? WHOLE : NEVER;
    case 0x18: /* vbroadcastss, vbroadcastsd, vpbroadcast */
    case 0x19:
    case 0x58:
    case 0x59:
    case 0x78:
    case 0x79:
        return form == 1 && vex ? SCALAR : NEVER;
    case 0xc8 ... 0xcd: /* sha */
        return form == 0 && !vex ? WHOLE : NEVER;
    case 0xf0: /* movbe, crc32 */
    case 0xf1:
        return vex ? NEVER : form == 0 ? NO_REGISTER : form == 3 ? SCALAR : NEVER;
    case 0xf2: /* andn */
    case 0xf3: /* blsr, blsmsk, blsi */
        return vex && form == 0 ? SCALAR : NEVER;
    case 0xf5: /* bzhi, pext, pdep */
        return vex && form != 1 ? SCALAR : NEVER;
    case 0xf6: /* adcx, adox, mulx */
        return vex ? form == 3 ? SCALAR : NEVER : form == 1 || form == 2 ? SCALAR : NEVER;
    case 0xf7: /* bextr, shlx, sarx, shrx */
        return vex ? SCALAR : NEVER;
    default:
        return NEVER;
    }
}

static enum vector_memory vector_0f3a(unsigned opcode, int form, bool vex)
{
    switch (opcode) {
    case 0x08 ... 0x0b: /* roundps, roundpd, roundss, roundsd: the scalar ones load 16 bytes up to 7.1 */
    case 0x0c: /* blendps, blendpd, pblendw, palignr */
    case 0x0d:
    case 0x0e:
    case 0x0f:
    case 0x40: /* dpps, dppd, mpsadbw, pclmulqdq */
    case 0x41:
    case 0x42:
    case 0x44:
    case 0x60 ... 0x63: /* pcmpestrm, pcmpestri, pcmpistrm, pcmpistri */
    case 0xdf:          /* aeskeygenassist */
        return form == 1 ? WHOLE : NEVER;
    case 0x14 ... 0x17: /* pextrb, pextrw, pextrd, extractps */
    case 0x20 ... 0x22: /* pinsrb, insertps, pinsrd */
        return form == 1 ? SCALAR : NEVER;
    case 0x00: /* vpermq, vpermpd, vpblendd, vperm2f128, vinserti128 */
    case 0x01:
    case 0x02:
    case 0x06:
    case 0x18:
    case 0x19:
    case 0x38:
    case 0x39:
    case 0x46:
    case 0x4a ... 0x4c: /* vblendvps, vblendvpd, vpblendvb */
        return vex && form == 1 ? WHOLE : NEVER;
    case 0xcc: /* sha1rnds4 */
        return form == 0 && !vex ? WHOLE : NEVER;
    case 0xf0: /* rorx */
        return vex && form == 3 ? SCALAR : NEVER;
    default:
        return NEVER;
    }
}

static struct meaning decode_vector(struct cursor *c, unsigned map, unsigned opcode)
{
    int form = mandatory(c);
    bool vex = c->prefix & PREFIX_VEX;
    size_t immediate = map == 0x0f3a ? 1 : 0;
    enum vector_memory memory;
    unsigned modrm;

    /* 66 together with f2 or f3 means different things to different releases. */
    if (c->prefix & PREFIX_DATA && form >= 2) {
        return UNKNOWN;
    }
    memory = map == 0x0f     ? vector_0f(opcode, form, c->wide_vector, &immediate)
             : map == 0x0f38 ? vector_0f38(opcode, form, vex, c->wide_vector)
                             : vector_0f3a(opcode, form, vex);
    if (memory == NEVER) {
        return UNKNOWN;
    }
    modrm = next_modrm(c);
    c->at += immediate;
    if (is_register(modrm)) {
        return memory == NO_REGISTER ? UNKNOWN : is(c, INSN_PLAIN);
    }
    return memory == NO_MEMORY ? UNKNOWN : is(c, memory == WHOLE ? INSN_ALIKE : INSN_ONE_ACCESS);
}

static struct meaning decode_vex(struct cursor *c, unsigned first)
{
    static const unsigned prefixes[4] = {0, PREFIX_DATA, PREFIX_REP, PREFIX_REPNE};
    unsigned second = next(c);
    unsigned third;
    unsigned map = 1;

    if (c->prefix & (PREFIX_DATA | PREFIX_REP | PREFIX_REPNE)) {
        return UNKNOWN;
    }
    if (c->mode != 64 && second >> 6 != 3) { /* lds, les */
        c->at--;
        next_modrm(c);
        return is(c, INSN_OTHER);
    }
    third = second;
    if (first == 0xc4) {
        map = second & 0x1f;
        third = next(c);
    }
    c->prefix |= prefixes[third & 3] | PREFIX_VEX;
    c->wide_vector = third >> 2 & 1;
    switch (map) {
    case 1: {
        unsigned opcode = next(c);

        if (opcode == 0x77) { /* vzeroupper, vzeroall */
            return is(c, mandatory(c) == 0 ? INSN_PLAIN : INSN_OTHER);
        }
        return decode_vector(c, 0x0f, opcode);
    }
    case 2:
        return decode_vector(c, 0x0f38, next(c));
    case 3:
        return decode_vector(c, 0x0f3a, next(c));
    default:
        return UNKNOWN;
    }
}

static struct meaning decode(const uint8_t *code, size_t size, int mode)
{
    struct cursor c = {.code = code, .size = size, .mode = mode};

    while (c.at < size) {
        unsigned byte = next(&c);

        switch (byte) {
        case 0x26:
        case 0x2e:
        case 0x36:
        case 0x3e:
        case 0x64:
        case 0x65:
            continue;
        case 0x66:
            c.prefix |= PREFIX_DATA;
            continue;
        case 0x67:
            c.prefix |= PREFIX_ADDRESS;
            continue;
        case 0xf2:
            c.prefix |= PREFIX_REPNE;
            continue;
        case 0xf3:
            c.prefix |= PREFIX_REP;
            continue;
        case 0xf0:
            return UNKNOWN;
        case 0x40 ... 0x4f:
            if (mode != 64) {
                break;
            }
            c.prefix |= byte & 8 ? PREFIX_REX_W : 0;
            byte = next(&c);
            /* A prefix after REX cancels it in some releases only; VEX after REX is invalid. */
            if ((byte >= 0x40 && byte <= 0x4f) || byte == 0x26 || byte == 0x2e || byte == 0x36 || byte == 0x3e ||
                (byte >= 0x64 && byte <= 0x67) || byte == 0xf0 || byte == 0xf2 || byte == 0xf3 || byte == 0xc4 ||
                byte == 0xc5) {
                return UNKNOWN;
            }
            break;
        case 0xc4:
        case 0xc5:
            return decode_vex(&c, byte);
        }
        if ((c.prefix & (PREFIX_REP | PREFIX_REPNE)) == (PREFIX_REP | PREFIX_REPNE)) {
            return UNKNOWN;
        }
        return byte == 0x0f ? decode_0f(&c) : decode_one_byte(&c, byte);
    }
    return UNKNOWN;
}

static enum insn_class agree(const uint8_t *code, size_t size, const int *modes, size_t mode_count)
{
    enum insn_class agreed = INSN_OTHER;
    bool any = false;

    for (size_t i = 0; i < mode_count; i++) {
        struct meaning meaning = decode(code, size, modes[i]);

        if (meaning.length != 0 && meaning.length != size) {
            continue;
        }
        if (any && meaning.class != agreed) {
            return INSN_OTHER;
        }
        any = true;
        agreed = meaning.class;
    }
    return agreed;
}

enum insn_class classify_x86_64(const uint8_t *code, size_t size, uint64_t vaddr, bool system)
{
    static const int modes[] = {64, 32, 16};

    /* 16- and 32-bit code runs at the sum of two 32-bit numbers, which some releases do not cut to 32 bits. */
    (void)system;
    return agree(code, size, modes, vaddr >> 33 == 0 ? 3 : 1);
}

enum insn_class classify_i386(const uint8_t *code, size_t size, uint64_t vaddr, bool system)
{
    static const int modes[] = {32, 16};

    (void)vaddr;
    (void)system;
    return agree(code, size, modes, 2);
}

/* The bytes after the prefixes, which may end with REX: in other modes those are instructions of their own. */
static enum insn_mapping mapping_of_opcode(const uint8_t *code, size_t size, bool rex_w)
{
    unsigned modrm = size > 2 ? code[2] : 0;

    switch (code[0]) {
    case 0x6e: /* outs, out: moves regions, opens SMRAM, switches A20, enters SMM; what it does reaches every vCPU */
    case 0x6f:
    case 0xe6:
    case 0xe7:
    case 0xee:
    case 0xef:
        return MAPPING_ALL_VCPUS;
    case 0xcf: /* A task switch loads cr3. 64-bit mode has none. */
        return rex_w ? MAPPING_KEEPS : MAPPING_THIS_VCPU;
    case 0x9a: /* far calls and jumps, software interrupts */
    case 0xcc ... 0xce:
    case 0xea:
    case 0xf1:
        return MAPPING_THIS_VCPU;
    case 0xff:
        return size > 1 && (group(code[1]) == 3 || group(code[1]) == 5) ? MAPPING_THIS_VCPU : MAPPING_KEEPS;
    case 0x0f:
        break;
    default:
        return MAPPING_KEEPS;
    }
    if (size < 2) {
        return MAPPING_KEEPS;
    }
    switch (code[1]) {
    case 0x01:
        if (is_register(modrm)) {
            switch (modrm) {
            case 0xd8: /* vmrun: the guest of the guest is left at any time, without an instruction that shows it */
                return MAPPING_UNTRACKABLE;
            case 0xd9: /* vmmcall, invlpga */
            case 0xdf:
                return MAPPING_THIS_VCPU;
            default:
                return group(modrm) == 6 ? MAPPING_THIS_VCPU : MAPPING_KEEPS; /* lmsw */
            }
        }
        return group(modrm) >= 6 ? MAPPING_THIS_VCPU : MAPPING_KEEPS; /* lmsw, invlpg */
    case 0x22: /* mov to a control register */
    case 0x30: /* wrmsr */
    case 0xaa: /* rsm */
        return MAPPING_THIS_VCPU;
    case 0x38: /* invept, invvpid, invpcid */
        return modrm >= 0x80 && modrm <= 0x82 ? MAPPING_THIS_VCPU : MAPPING_KEEPS;
    default:
        return MAPPING_KEEPS;
    }
}

enum insn_mapping mapping_x86(const uint8_t *code, size_t size)
{
    bool rex_w = false;

    for (size_t at = 0; at < size; at++) {
        unsigned byte = code[at];

        if (byte >= 0x40 && byte <= 0x4f && at + 1 < size) {
            rex_w = byte & 8;
            continue;
        }
        if (byte != 0x26 && byte != 0x2e && byte != 0x36 && byte != 0x3e && !(byte >= 0x64 && byte <= 0x67) &&
            byte != 0xf0 && byte != 0xf2 && byte != 0xf3) {
            return mapping_of_opcode(code + at, size - at, rex_w);
        }
    }
    return MAPPING_KEEPS;
}
