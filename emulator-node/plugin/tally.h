/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Counting in line: counters that QEMU's inline operations add to instead of callbacks.
 *
 * From QEMU 9.0 on each vCPU adds to counters of its own, up to TALLY_VCPUS at a time. A thread that gets the index of another goes on
 * with that one's counters, once the emulator node has all that the other counted (tally_await). Before 9.0 QEMU would add to one
 * address without atomics: there, processes with one thread count so. That ends (closes) before a second thread runs: at the first
 * translation buffer flush that is not our own, which is how QEMU begins to translate for several threads, or at a second vCPU.
 *
 * In system emulation from 9.0 on, and blocks only. Once it is closed, counter.c counts by callbacks. Layout and how the emulator node
 * reads it: ring.h.
 */
#ifndef TRACEFLEET_TALLY_H
#define TRACEFLEET_TALLY_H

#include <stdbool.h>
#include <stdint.h>

#include "block.h"

/* Called once; false where this QEMU or process cannot count in line. accesses: count them, too. */
bool tally_open(bool accesses);
bool tally_is_open(void);
/*
 * Before tally_vcpu, without any lock: holds a thread until what the one before it has counted is settled; or, where that would take too
 * long, closes the tally before the thread executes anything.
 */
void tally_await(uint32_t index);
/* A vCPU begins to count in line, or ends it where there is no place for it. Before vcpu_enter. */
void tally_vcpu(uint32_t index);
/* Its thread executes nothing any more. */
void tally_vcpu_ended(uint32_t index);
/* Instruments a translated block. */
void tally_translate(struct block *b, struct qemu_plugin_tb *tb);
void tally_syscall(uint32_t vcpu, bool is_return, int64_t number, int64_t value);
void tally_idle(uint32_t vcpu);
void tally_resumed(uint32_t vcpu);
/* No translated code of it runs any more. */
void tally_close(void);
/* The code was flushed. own: asked for by window_reinstrument. */
void tally_flushed(bool own);
/* Closes when the code has been translated again. */
void tally_end_soon(void);
/* Reset is done. */
void tally_reinstrumented(void);
/*
 * In a forked child, whose ring is new: the same code goes on, its counters start from nothing. from: the parent's ring. False
 * where there is no room. The child's ring then takes the place of the parent's, and tally_resume tells which vCPU goes on.
 */
bool tally_begin_process(const uint8_t *from);
void tally_lock(void);
void tally_unlock(void);
void tally_resume(uint32_t vcpu);

#endif
