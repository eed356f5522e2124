/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "control.h"

/* The node writes a wish in microseconds. */
#define MOST_TRIES 1000

struct ring_control control_in_force;

static struct ring_control *wish(void) { return &writer.header->wish; }

void control_begin(enum ring_mode mode) {
    control_in_force = (struct ring_control){.version = CONTROL_VERSION, .mode = mode};
}

bool control_is_new(void) {
    uint32_t wanted = __atomic_load_n(&wish()->wanted, __ATOMIC_ACQUIRE);
    return wanted != control_in_force.wanted && !(wanted & 1);
}

static void confine(uint32_t *count, uint32_t most) {
    if (*count > most) *count = most;
}

bool control_read(struct ring_control *to) {
    for (int i = 0; i < MOST_TRIES && control_is_new(); i++) {
        uint32_t wanted = __atomic_load_n(&wish()->wanted, __ATOMIC_ACQUIRE);
        *to = *wish();
        __atomic_thread_fence(__ATOMIC_ACQUIRE);
        if (wanted & 1 || wanted != __atomic_load_n(&wish()->wanted, __ATOMIC_RELAXED)) continue;
        to->wanted = wanted;
        confine(&to->range_count, CONTROL_RANGES);
        confine(&to->vcpu_count, CONTROL_VCPUS);
        confine(&to->window_count, CONTROL_WINDOWS);
        if (to->mode < MODE_FULL || to->mode > MODE_OFF) to->mode = control_in_force.mode;
        return true;
    }
    return false;
}

void control_obeyed(void) {
    wish()->applied_micros = writer_now_micros();
    __atomic_store_n(&wish()->applied, control_in_force.wanted, __ATOMIC_RELEASE);
    writer_ring_doorbell();
}

void control_inherit(struct ring_header *child) {
    control_in_force.wanted = control_in_force.applied = 0;
    control_in_force.applied_micros = 0;
    child->mode = control_in_force.mode;
    child->wish = control_in_force;
}

bool control_wants_address(uint64_t vaddr) {
    const struct ring_control *c = &control_in_force;
    for (uint32_t i = 0; i < c->range_count; i++)
        if (vaddr >= c->ranges[i][0] && vaddr < c->ranges[i][1]) return true;
    return c->range_count == 0;
}
