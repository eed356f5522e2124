/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What the node wants traced: the control block of the ring (ring.h), and the wish that is in force. */
#ifndef TRACEFLEET_CONTROL_H
#define TRACEFLEET_CONTROL_H

#include <stdbool.h>
#include <stdint.h>

#include "ring.h"
#include "writer.h"

/* The wish in force. Written while no vCPU executes. */
extern struct ring_control control_in_force HIDDEN;

/* At installation, before the ring is made: everything, in this mode. */
void control_begin(enum ring_mode mode);
/* Whether the node wants something that is not in force yet. Any thread. */
bool control_is_new(void);
/* A whole copy of what the node wants; false if there is nothing new, or it is being written. */
bool control_read(struct ring_control *to);
/* Tells the node that what it wants is in force. */
void control_obeyed(void);
/* A forked child's ring begins with what is in force in its parent, and none of its parent's changes. */
void control_inherit(struct ring_header *child);
/* Whether blocks that begin here are to be traced. */
bool control_wants_address(uint64_t vaddr);

#endif
