/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Block details: code, disassembly and symbol of every new definition, in the run's own slot (docs/trace-format.md, codec 3). */
#ifndef TRACEFLEET_DETAIL_H
#define TRACEFLEET_DETAIL_H

#include "block.h"

/* A slot must exist before the first detail; again in a forked child. */
void detail_open(void);
/* From a translation callback; the first time for this block counts. Any thread. */
void detail_put(struct block *block, const struct code *code, struct qemu_plugin_tb *tb);
/* Seals what is there, unless another thread is at it. Any thread. */
void detail_flush(void);
void detail_lock(void);
void detail_unlock(void);

#endif
