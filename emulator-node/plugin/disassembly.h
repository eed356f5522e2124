/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Instructions as text. QEMU sets up a disassembler for each one that it is asked for, which takes longer than all else that
 * is done for a block; and most instructions of a kernel are the same bytes as another.
 */
#ifndef TRACEFLEET_DISASSEMBLY_H
#define TRACEFLEET_DISASSEMBLY_H

#include <stddef.h>
#include <stdint.h>

#include "qemu-abi.h"

/* Bytes of a text, its end included; what is longer is cut. */
#define DISASSEMBLY_MOST 128u

/* One thread at a time; valid until the next call. */
const char *disassembly(const uint8_t *code, size_t size, uint64_t vaddr, struct qemu_plugin_insn *insn);

#endif
