/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What classify.c chooses from: one file per instruction set. */
#ifndef TRACEFLEET_CLASSIFY_TARGETS_H
#define TRACEFLEET_CLASSIFY_TARGETS_H

#include "classify.h"

enum insn_class classify_x86_64(const uint8_t *code, size_t size, uint64_t vaddr, bool system);
enum insn_class classify_i386(const uint8_t *code, size_t size, uint64_t vaddr, bool system);
enum insn_class classify_aarch64(const uint8_t *code, size_t size, uint64_t vaddr, bool system);
enum insn_class classify_riscv64(const uint8_t *code, size_t size, uint64_t vaddr, bool system);
enum insn_class classify_riscv32(const uint8_t *code, size_t size, uint64_t vaddr, bool system);

enum insn_mapping mapping_x86(const uint8_t *code, size_t size);
enum insn_mapping mapping_aarch64(const uint8_t *code, size_t size);
enum insn_mapping mapping_riscv(const uint8_t *code, size_t size);

#endif
