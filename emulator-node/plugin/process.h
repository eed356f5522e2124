/* SPDX-License-Identifier: GPL-2.0-or-later */
/* User mode: the process's own life. Fork, execve and exit, as its system calls tell them. */
#ifndef TRACEFLEET_PROCESS_H
#define TRACEFLEET_PROCESS_H

#include "vcpu.h"

/* Fork handlers, and the numbers of the target's system calls that end a process. */
void process_open(const char *target);
void process_syscall(struct vcpu *v, int64_t number, uint64_t first_argument);
void process_syscall_return(struct vcpu *v, int64_t number);
/* Live vCPUs: threads in user mode. */
void process_thread_began(void);
void process_thread_ended(void);

#endif
