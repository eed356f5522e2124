/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "window.h"

#include <sched.h>

#include "api.h"
#include "block.h"
#include "control.h"
#include "detail.h"
#include "recorder.h"
#include "tally.h"

enum control { CONTROL_NONE, CONTROL_DETACH, CONTROL_REINSTRUMENT };

extern const struct api_events plugin_events;
/* Without blocks and what becomes of them: for mode off. */
extern const struct api_events untraced_events;

/* Definitions below this are kept over a flush: making them again costs more than holding them. */
#define KEPT_DEFINITION_BYTES (UINT64_C(4) << 20)

static const struct options *options;
static bool skipping; /* atomic */
static bool over;     /* atomic */
static bool ending;    /* atomic: the process ends */
static uint32_t asking;   /* atomic: threads that are asking QEMU for a change just now */
static uint32_t changing; /* a flush, reset or uninstall is under way: QEMU does it later */
static bool flushing;     /* atomic: it is a flush */

static const struct api_events *events(void) {
    return window_mode() == MODE_OFF && !window_is_skipping() ? &untraced_events : &plugin_events;
}

void window_begin(const struct options *given) {
    options = given;
    skipping = options->attach_after != 0;
    api_register(events());
}

enum ring_mode window_mode(void) { return control_in_force.mode; }

bool window_is_skipping(void) { return __atomic_load_n(&skipping, __ATOMIC_RELAXED); }

bool window_is_recording(void) { return !window_is_skipping() && window_mode() != MODE_OFF; }

bool window_is_over(void) { return __atomic_load_n(&over, __ATOMIC_SEQ_CST); }

/*
 * Up to 7.2 at least, a process that ends waits for all vCPUs to stop while it holds the lock that reset and uninstall take; so
 * nobody may be about to take it. change_is_asked_for must follow.
 */
static bool begin_change(void) {
    __atomic_add_fetch(&asking, 1, __ATOMIC_SEQ_CST);
    if (!__atomic_load_n(&ending, __ATOMIC_SEQ_CST) && !__atomic_exchange_n(&changing, 1, __ATOMIC_ACQ_REL)) return true;
    __atomic_sub_fetch(&asking, 1, __ATOMIC_RELEASE);
    return false;
}

static void change_is_asked_for(void) { __atomic_sub_fetch(&asking, 1, __ATOMIC_RELEASE); }

void window_end_process(void) {
    __atomic_store_n(&ending, true, __ATOMIC_SEQ_CST);
    while (__atomic_load_n(&asking, __ATOMIC_SEQ_CST)) sched_yield();
}

void window_begin_process(void) {
    ending = flushing = false;
    asking = 0;
}

static enum insn_use insn_use(enum ring_mode mode) { return mode == MODE_FULL ? INSN_TRACED : INSN_COUNTED; }

/* All vCPUs are outside translated code, which is gone. */
static void change_to(const struct ring_control *wish) {
    vcpus_lock();
    vcpus_hold(UINT64_MAX);
    tally_close();
    control_in_force = *wish;
    vcpus_change(wish->mode == MODE_FULL ? &encoder : &counter);
    __atomic_add_fetch(&writer.header->flush_epoch, 1, __ATOMIC_RELAXED);
    detail_flush();
    blocks_forget();
    blocks_open(writer.header->target, writer.header->system_emulation, wish->mode == MODE_FULL || options->count_accesses,
                insn_use(wish->mode));
    control_obeyed();
    vcpus_release();
    vcpus_unlock();
}

/* Also a vCPU whose initialisation QEMU told nobody, because no callback was registered at that moment. */
static void enter_again(unsigned int vcpu) { vcpu_enter(vcpu); }

/* As change_to. */
static void obey(void) {
    struct ring_control wish;
    __atomic_store_n(&skipping, false, __ATOMIC_RELAXED);
    tally_reinstrumented();
    if (control_read(&wish)) change_to(&wish);
    if (writer.header->control == CONTROL_REINSTRUMENT) writer.header->control = CONTROL_NONE;
}

/* QEMU has unregistered all callbacks. First of all they come back: a vCPU may wake just now, and that would be told to nobody. */
static void reinstrumented(void) {
    api_register(&plugin_events);
    obey();
    api_for_each_vcpu(enter_again);
    api_register_translation(events());
    __atomic_store_n(&changing, 0, __ATOMIC_RELEASE);
}

static void detached(void) {
    __atomic_store_n(&over, true, __ATOMIC_SEQ_CST);
    tally_close();
    for (uint32_t i = 0; i < VCPU_SLOTS; i++) {
        struct vcpu *v = vcpus[i];
        if (!v || !v->slot) continue;
        /* A batch that a callback outside translated code is at stays open: the node takes it when the process is gone. */
        if (__atomic_load_n(&v->outside, __ATOMIC_SEQ_CST) || !vcpu_has_batch(v)) continue;
        recorder->end_batch(v);
        vcpu_seal(v);
    }
    __atomic_add_fetch(&writer.header->flush_epoch, 1, __ATOMIC_RELAXED);
    detail_flush();
    api_inline_collect();
    __atomic_store_n(&writer.header->end, (uint32_t)END_DETACHED, __ATOMIC_RELEASE);
}

bool window_reinstrument(void) {
    if (!begin_change()) return false;
    __atomic_store_n(&flushing, true, __ATOMIC_RELAXED);
    if (!api_flush()) {
        __atomic_store_n(&flushing, false, __ATOMIC_RELAXED);
        api_reset(reinstrumented);
    }
    change_is_asked_for();
    return true;
}

static void detach(void) {
    if (!begin_change()) return;
    api_uninstall(detached);
    change_is_asked_for();
}

void window_obey(void) {
    uint32_t control = __atomic_load_n(&writer.header->control, __ATOMIC_RELAXED);
    if (control == CONTROL_NONE && !control_is_new()) return;
    if (control != CONTROL_NONE) tally_end_soon();
    if (control == CONTROL_DETACH)
        detach();
    else
        window_reinstrument();
}

void window_code_is_gone(void) {
    /*
     * Every open batch ends before its next block, so that no predictor meets a new definition at an old one's address.
     * Only then may the definitions go.
     */
    __atomic_add_fetch(&writer.header->flush_epoch, 1, __ATOMIC_RELAXED);
    tally_flushed(__atomic_load_n(&changing, __ATOMIC_RELAXED));
    for (uint32_t i = 0; i < VCPU_SLOTS; i++)
        if (vcpus[i]) api_code_is_gone(i);
    if (__atomic_exchange_n(&flushing, false, __ATOMIC_RELAXED)) {
        obey();
        api_register_translation(events());
        __atomic_store_n(&changing, 0, __ATOMIC_RELEASE);
    }
    if (tally_is_open()) return; /* it counts them by the definitions that they had before */
    if (blocks_memory() > KEPT_DEFINITION_BYTES) blocks_forget();
}

void window_check(struct vcpu *v) {
    bool enough = options->detach_after && v->slot->executed_instructions >= options->detach_after;
    if (!enough) {
        window_obey();
        return;
    }
    tally_end_soon();
    detach();
}

void window_skip_block(unsigned int vcpu_index, void *block) {
    struct vcpu *v = vcpus[vcpu_index];
    v->skipped += ((const struct block *)block)->instructions;
    if (v->skipped >= options->attach_after) window_reinstrument();
}
