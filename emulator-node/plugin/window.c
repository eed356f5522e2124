/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "window.h"

#include "api.h"
#include "block.h"
#include "detail.h"
#include "recorder.h"
#include "tally.h"

enum control { CONTROL_NONE, CONTROL_DETACH, CONTROL_REINSTRUMENT };

extern const struct api_events plugin_events;

/* Definitions below this are kept over a flush: making them again costs more than holding them. */
#define KEPT_DEFINITION_BYTES (UINT64_C(4) << 20)

static const struct options *options;
static bool skipping; /* atomic */
static bool over;     /* atomic */
static uint32_t changing; /* a reset or uninstall is under way: QEMU does it later */

void window_begin(const struct options *given) {
    options = given;
    skipping = options->attach_after != 0;
    api_register(&plugin_events);
}

bool window_is_skipping(void) { return __atomic_load_n(&skipping, __ATOMIC_RELAXED); }

bool window_is_over(void) { return __atomic_load_n(&over, __ATOMIC_SEQ_CST); }

static bool begin_change(void) { return !__atomic_exchange_n(&changing, 1, __ATOMIC_ACQ_REL); }

/* Also a vCPU whose initialisation QEMU told nobody, because no callback was registered at that moment. */
static void enter_again(unsigned int vcpu) { vcpu_enter(vcpu); }

/* All vCPUs are outside translated code, which is gone. */
static void reinstrumented(void) {
    __atomic_store_n(&skipping, false, __ATOMIC_RELAXED);
    tally_reinstrumented();
    writer.header->control = CONTROL_NONE;
    api_for_each_vcpu(enter_again);
    api_register(&plugin_events);
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

void window_reinstrument(void) {
    if (begin_change()) api_reset(reinstrumented);
}

void window_code_is_gone(void) {
    /*
     * Every open batch ends before its next block, so that no predictor meets a new definition at an old one's address.
     * Only then may the definitions go.
     */
    __atomic_add_fetch(&writer.header->flush_epoch, 1, __ATOMIC_RELAXED);
    tally_flushed(__atomic_load_n(&changing, __ATOMIC_RELAXED));
    if (tally_is_open()) return; /* it counts them by the definitions that they had before */
    if (blocks_memory() > KEPT_DEFINITION_BYTES) blocks_forget();
}

void window_check(struct vcpu *v) {
    bool enough = options->detach_after && v->slot->executed_instructions >= options->detach_after;
    if (!enough)
        window_check_control();
    else if (begin_change())
        api_uninstall(detached);
}

void window_check_control(void) {
    uint32_t control = __atomic_load_n(&writer.header->control, __ATOMIC_RELAXED);
    if (control == CONTROL_NONE) return;
    tally_end_soon();
    if (control == CONTROL_REINSTRUMENT)
        window_reinstrument();
    else if (begin_change())
        api_uninstall(detached);
}

void window_skip_block(unsigned int vcpu_index, void *block) {
    struct vcpu *v = vcpus[vcpu_index];
    v->skipped += ((const struct block *)block)->instructions;
    if (v->skipped >= options->attach_after) window_reinstrument();
}
