/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "choose.h"

#include "control.h"
#include "detail.h"
#include "recorder.h"
#include "window.h"

bool choose_is_on(void) { return control_in_force.vcpu_count || control_in_force.window_count; }

bool choose_vcpu(const struct vcpu *v) { return v->wanted; }

static bool is_wanted(uint32_t index) {
    const struct ring_control *c = &control_in_force;
    for (uint32_t i = 0; i < c->vcpu_count; i++)
        if (c->vcpus[i] == index) return true;
    return c->vcpu_count == 0;
}

void choose_begin(struct vcpu *v) {
    v->wanted = is_wanted(v->index);
    v->inside = false;
    v->until = 0; /* the next block finds out */
    v->passed = NULL;
    v->passed_before = v->slot->passed_instructions;
}

/* Number of the vCPU's next instruction. */
static uint64_t position(const struct ring_slot *s) {
    return s->executed_instructions + s->instructions + s->progress + s->passed_instructions;
}

static uint64_t after(uint64_t at, uint64_t distance) { return at > UINT64_MAX - distance ? UINT64_MAX : at + distance; }

/* Whether instruction number at is inside a window, and up to which number that may be relied upon. */
static bool is_inside(uint64_t at, uint64_t *until) {
    const struct ring_control *c = &control_in_force;
    bool inside = c->window_count == 0;
    *until = UINT64_MAX;
    for (uint32_t i = 0; i < c->window_count; i++) {
        uint64_t first = c->windows[i][0], count = c->windows[i][1], every = c->windows[i][2], edge = first;
        if (at >= first) {
            uint64_t place = every ? (at - first) % every : at - first;
            bool within = place < count;
            inside |= within;
            edge = within ? after(at, count - place) : every ? after(at, every - place) : UINT64_MAX;
        }
        if (edge < *until) *until = edge;
    }
    return inside;
}

/* Outside, no block ends a batch that is due. */
static __attribute__((noinline)) void settle(struct vcpu *v) {
    if (vcpu_has_batch(v)) {
        recorder->end_batch(v);
        vcpu_seal(v);
        detail_flush();
    }
    window_check(v);
}

/* Whether this block is to be recorded; if not, it is counted here. */
static inline bool choose(struct vcpu *v, const struct block *b) {
    if (v->wanted) {
        uint64_t at = position(v->slot);
        if (at >= v->until) v->inside = is_inside(at, &v->until);
        if (v->inside) return true;
        v->passed = b;
        v->passed_before = v->slot->passed_instructions;
        /* One store: a killed process shows all of it or nothing. */
        v->slot->passed_instructions = v->passed_before + (uint32_t)b->entry;
    }
    if (v->flush_epoch != writer_flush_epoch()) settle(v);
    return false;
}

static void block_user(unsigned int index, void *block) {
    if (choose(vcpus[index], block)) recorder->block[0](index, block);
}

static void block_system(unsigned int index, void *block) {
    if (choose(vcpus[index], block)) recorder->block[1](index, block);
}

static void block_only(unsigned int index, void *block) {
    if (choose(vcpus[index], block)) recorder->block_only(index, block);
}

/* QEMU 8.2 and later restart device accesses in a block of their own, which does not count as running. */
static inline void reach(const struct vcpu *v, const struct insn *insn, uint32_t instructions) {
    if (v->passed == insn->block) v->slot->passed_instructions = v->passed_before + instructions;
}

static inline void choose_access(unsigned int index, qemu_plugin_meminfo_t info, uint64_t vaddr, void *userdata, bool system) {
    const struct insn *insn = userdata;
    const struct vcpu *v = vcpus[index];
    if (v->inside)
        recorder->access[system](index, info, vaddr, userdata);
    else
        reach(v, insn, qemu_plugin_mem_is_store(info) ? insn->after_store : insn->after_load);
}

static void access_user(unsigned int index, qemu_plugin_meminfo_t info, uint64_t vaddr, void *insn) {
    choose_access(index, info, vaddr, insn, false);
}

static void access_system(unsigned int index, qemu_plugin_meminfo_t info, uint64_t vaddr, void *insn) {
    choose_access(index, info, vaddr, insn, true);
}

static void progress(unsigned int index, void *userdata) {
    const struct insn *insn = userdata;
    const struct vcpu *v = vcpus[index];
    if (v->inside)
        v->slot->progress = insn->index + 1u;
    else
        reach(v, insn, insn->index + 1u);
}

const struct choices choices = {
    .block = {block_user, block_system},
    .access = {access_user, access_system},
    .block_only = block_only,
    .progress = progress,
};
