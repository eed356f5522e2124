/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Makes a guest notice that the node wants something else, also when its translated code calls nothing of ours.
 *
 * QEMU resets a plugin only for a vCPU's own thread (current_cpu). So a thread of ours waits for the node's wish and sends each
 * vCPU's thread a signal until the wish is in force. Its handler asks for the reset if it interrupted translated code: no
 * lock is held there and no library is in the middle of anything, so it may call what a callback may call.
 *
 * The guest must not see the signal. It is 32, glibc's own for pthread_cancel, which neither QEMU nor a guest can use; and no
 * thread gets it while it makes a system call of the guest, which might end with EINTR: see knock_syscall.
 */
#ifndef TRACEFLEET_KNOCK_H
#define TRACEFLEET_KNOCK_H

#include "vcpu.h"

/* On a thread that executes guests: the thread that knocks is made, unless this process has it. */
void knock_begin(void);
/* In a forked child, which has no thread of its parent's but the one that forked. */
void knock_begin_process(void);
/* Around a system call of the guest. May wait for the end of one round of knocking: microseconds. */
void knock_syscall(struct vcpu *v);
void knock_syscall_return(struct vcpu *v);
/* The vCPU's thread is this one (system emulation), or is ending. */
void knock_thread(struct vcpu *v);
void knock_thread_ends(struct vcpu *v);

#endif
