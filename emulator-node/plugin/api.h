/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What differs between plugin API versions, behind one set of functions.
 */
#ifndef TRACEFLEET_API_H
#define TRACEFLEET_API_H

#include "qemu-abi.h"

/* Callbacks as the rest of the plugin sees them, whatever the version passes. */
struct api_events {
    void (*vcpu_init)(unsigned int vcpu);
    void (*vcpu_exit)(unsigned int vcpu);
    void (*vcpu_idle)(unsigned int vcpu);
    void (*vcpu_resume)(unsigned int vcpu);
    void (*tb_trans)(struct qemu_plugin_tb *tb);
    void (*flush)(void);
    void (*at_exit)(void);
    void (*syscall)(unsigned int vcpu, int64_t number, uint64_t first_argument);
    void (*syscall_return)(unsigned int vcpu, int64_t number, int64_t value);
};

/* Looks every optional function up. Returns NULL, or the name of one that this version must have and has not. */
const char *api_bind(qemu_plugin_id_t id, const qemu_info_t *info);

/* Registers what is not NULL in events, which must stay valid. Called in install and again after a reset. */
void api_register(const struct api_events *events);
/* No translated code of this vCPU exists, and it executes none. */
void api_code_is_gone(unsigned int vcpu);
/*
 * True where an instruction's callbacks for accesses may be called for another instruction that registers none. Then each
 * must register one, unless none in the whole process does.
 */
bool api_leaves_callbacks(void);
void api_for_each_vcpu(void (*each)(unsigned int vcpu));
/*
 * Has QEMU translate everything again, soon: it throws its translated code away while no vCPU executes, and calls events->flush. Unlike
 * a reset this leaves all callbacks registered. Before 9.0 and where QEMU exports what it takes; false on a thread that is no vCPU's.
 */
bool api_flush(void);
/* After a flush: like api_register where events differ from those registered in tb_trans only. */
void api_register_translation(const struct api_events *events);
void api_reset(void (*done)(void));
void api_uninstall(void (*done)(void));

/* vCPUs at start and at most; 0, 0 in user mode. */
void api_vcpus(const qemu_info_t *info, int *smp, int *max);

/* Copies at most size bytes of the instruction's code. Returns the bytes copied. */
size_t api_insn_data(const struct qemu_plugin_insn *insn, void *to, size_t size);
/* Symbol at the instruction or NULL. */
const char *api_insn_symbol(const struct qemu_plugin_insn *insn);
/* Path, start, end and entry of the user-mode program; false where this QEMU cannot tell. */
bool api_image(char *path, size_t size, uint64_t *start, uint64_t *end, uint64_t *entry);

/* Physical address, or the offset in the device before QEMU 6.0. */
uint64_t api_hwaddr_address(const struct qemu_plugin_hwaddr *hwaddr);
/* "RAM" or the device's name; stays valid. */
const char *api_hwaddr_device(const struct qemu_plugin_hwaddr *hwaddr);

/* Inline counters: add to *shared (before 9.0, racy between vCPUs) or to scoreboards (from 9.0 on). */
enum api_inline { INLINE_BLOCKS, INLINE_INSTRUCTIONS, INLINE_ACCESSES, INLINE_COUNTERS };
void api_inline_open(uint64_t *shared[INLINE_COUNTERS]);
void api_inline_tb(struct qemu_plugin_tb *tb);
void api_inline_insn(struct qemu_plugin_insn *insn);
/* In a forked child: the scoreboards hold what the parent counted. */
void api_inline_restart(void);
/* Brings the scoreboards' sums to *shared; nothing to do before 9.0. */
void api_inline_collect(void);

/*
 * Counters that only inline operations of one vCPU add to: at counts[] itself before 9.0, from then on in a scoreboard whose
 * memory for this vCPU is made to be that of counts[], a shared mapping that begins at a page.
 */
bool api_counting_open(void);
/* How many vCPUs can have such counters: 1 before 9.0. */
uint32_t api_counting_vcpus(void);
void api_counting_at(unsigned int vcpu, uint64_t *counts);
/* Whether QEMU has moved its scoreboards: none of them is that of counts[] any more. Only while no vCPU executes. */
bool api_counting_has_moved(void);
void api_count_block(struct qemu_plugin_tb *tb, uint32_t counter);
void api_count_insn(struct qemu_plugin_insn *insn, uint32_t counter);
void api_count_access(struct qemu_plugin_insn *insn, uint32_t counter);

#endif
