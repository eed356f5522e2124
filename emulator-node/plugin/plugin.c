/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Tracefleet's QEMU plugin: installation and QEMU's callbacks. */
#include <inttypes.h>
#include <pthread.h>
#include <sched.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "api.h"
#include "block.h"
#include "choose.h"
#include "control.h"
#include "detail.h"
#include "knock.h"
#include "options.h"
#include "process.h"
#include "recorder.h"
#include "tally.h"
#include "vcpu.h"
#include "window.h"
#include "writer.h"

/* What definitions may take before the guest's code is translated afresh, bytes. */
#define MOST_DEFINITION_BYTES (UINT64_C(16) << 20)
/* In count mode, where an instruction takes more. */
#define MOST_COUNTED_BYTES (UINT64_C(24) << 20)

static struct options options;

/* Outside a block, where the vCPU may stay for long: what is complete should be on its way. */
static void settle_if_due(struct vcpu *v) {
    bool scarce = __atomic_load_n(&writer.header->freed_waiters, __ATOMIC_RELAXED) != 0;
    if (!vcpu_has_batch(v) || (v->flush_epoch == writer_flush_epoch() && !scarce)) return;
    recorder->end_batch(v);
    vcpu_seal(v);
    detail_flush();
}

/*
 * Callbacks outside translated code run even while QEMU has stopped all vCPUs to uninstall the plugin. Returns NULL if that
 * has happened; otherwise the vCPU's batch is left alone until leave_outside.
 */
static struct vcpu *enter_outside(unsigned int index) {
    struct vcpu *v = vcpus[index];
    if (!v || !v->slot) return NULL;
    for (;;) {
        __atomic_store_n(&v->outside, 1, __ATOMIC_SEQ_CST);
        bool over = window_is_over();
        if (!over && !vcpus_are_held()) return v;
        __atomic_store_n(&v->outside, 0, __ATOMIC_RELEASE);
        if (over) return NULL;
        sched_yield();
    }
}

/* Whether what a vCPU does outside blocks is to be recorded. */
static bool is_recorded(const struct vcpu *v) { return window_is_recording() && choose_vcpu(v); }

static void leave_outside(struct vcpu *v) { __atomic_store_n(&v->outside, 0, __ATOMIC_RELEASE); }

/* Where the user-mode program's code is: QEMU can tell once it translates. */
static void tell_image(struct ring_header *h) {
    static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
    char path[sizeof h->image];
    if (pthread_mutex_trylock(&lock)) return; /* another thread is at it */
    if (!h->image[0] && api_image(path, sizeof path, &h->start_code, &h->end_code, &h->entry_code)) {
        memcpy(h->image + 1, path + 1, sizeof path - 1);
        __atomic_store_n(&h->image[0], path[0], __ATOMIC_RELEASE); /* last: it says that the others are there */
    }
    pthread_mutex_unlock(&lock);
}

/*
 * From 10.0 on (9.2 cannot be told from it) QEMU tells plugins the vCPU that a block was translated on, for each that executes it, when one
 * thread runs several vCPUs. All vCPUs are initialised before the guest begins.
 */
static void require_one_vcpu_per_thread(void) {
    static __thread unsigned int initialised;
    if (!writer.header->system_emulation || writer.header->api_current < 4 || ++initialised < 2) return;
    fprintf(stderr, "tracefleet: one thread runs several vCPUs (-icount, or -accel tcg,thread=single): this QEMU confuses them for plugins; "
                    "use thread=multi, -smp 1 or QEMU before 9.2\n");
    _exit(1);
}

static void on_vcpu_init(unsigned int index) {
    if (window_is_over()) return;
    require_one_vcpu_per_thread();
    tally_await(index);
    vcpus_lock();
    tally_vcpu(index);
    vcpus_unlock();
    vcpu_enter(index);
    knock_begin();
}

static void on_vcpu_exit(unsigned int index) {
    struct vcpu *v = enter_outside(index);
    if (!v) return;
    if (tally_is_open()) {
        tally_vcpu_ended(index);
    } else if (vcpu_has_batch(v)) {
        recorder->end_batch(v);
        vcpu_seal(v);
    }
    process_thread_ended();
    knock_thread_ends(v);
    __atomic_store_n(&v->slot->state, SLOT_EXITED, __ATOMIC_RELEASE);
    leave_outside(v);
}

/*
 * A vCPU that goes to sleep or wakes must not obey the node. QEMU would do a reset queued here when the vCPU is next woken; and
 * another vCPU may have woken it to do something for it, and wait for that in the middle of a block whose end the reset would
 * wait for.
 */
static void on_vcpu_idle(unsigned int index) {
    struct vcpu *v = enter_outside(index);
    if (!v) return;
    knock_thread(v);
    if (tally_is_open()) {
        tally_idle(index);
        detail_flush();
    } else if (is_recorded(v)) {
        vcpu_open(v);
        v->slot->idles++;
        settle_if_due(v);
    }
    leave_outside(v);
}

static void on_vcpu_resume(unsigned int index) {
    struct vcpu *v = enter_outside(index);
    if (!v) return;
    knock_thread(v);
    if (tally_is_open()) {
        tally_resumed(index);
    } else if (is_recorded(v)) {
        vcpu_open(v);
        v->slot->resumes++;
        recorder->mapping_change(v, MAPPING_THIS_VCPU); /* it may have been reset */
    }
    leave_outside(v);
}

/* An instruction was dispatched that shows in no other way. */
static void on_progress(unsigned int index, void *insn) {
    vcpus[index]->slot->progress = ((const struct insn *)insn)->index + 1u;
}

static void on_mapping(unsigned int index, void *insn) {
    recorder->mapping_change(vcpus[index], ((const struct insn *)insn)->mapping);
}

static void add_inline_totals(const struct block *b, struct qemu_plugin_tb *tb) {
    api_inline_tb(tb);
    for (uint32_t i = 0; i < b->instructions; i++) api_inline_insn(qemu_plugin_tb_get_insn(tb, i));
}

/* For instructions that are not traced, between others that are. */
static void ignore_access(unsigned int index, qemu_plugin_meminfo_t info, uint64_t vaddr, void *userdata) {
    (void)index, (void)info, (void)vaddr, (void)userdata;
}

static void pass_over(struct qemu_plugin_tb *tb) {
    if (!api_leaves_callbacks()) return;
    for (size_t i = 0; i < qemu_plugin_tb_n_insns(tb); i++)
        qemu_plugin_register_vcpu_mem_cb(qemu_plugin_tb_get_insn(tb, i), ignore_access, QEMU_PLUGIN_CB_NO_REGS, QEMU_PLUGIN_MEM_RW, NULL);
}

static void on_translation(struct qemu_plugin_tb *tb) {
    static __thread struct code code;
    if (!writer.header->system_emulation && !writer.header->image[0]) tell_image(writer.header);
    bool system = writer.header->system_emulation, accesses = window_mode() == MODE_FULL || options.count_accesses;
    if (!window_is_skipping() && !control_wants_address(qemu_plugin_tb_vaddr(tb))) {
        pass_over(tb);
        return;
    }
    code_gather(&code, tb);
    struct block *b = block_intern(&code);
    writer.header->definitions = blocks_held();
    __atomic_add_fetch(&writer.header->translations, 1, __ATOMIC_RELAXED);
    if (window_is_skipping()) {
        qemu_plugin_register_vcpu_tb_exec_cb(tb, window_skip_block, QEMU_PLUGIN_CB_NO_REGS, b);
        return;
    }
    detail_put(b, &code, tb);
    if (tally_is_open()) {
        tally_translate(b, tb);
        if (options.inline_totals) add_inline_totals(b, tb);
        detail_flush();
        window_obey();
        return;
    }
    bool choosing = choose_is_on();
    qemu_plugin_vcpu_udata_cb_t block = choosing ? choices.block[system] : recorder->block[system];
    qemu_plugin_vcpu_udata_cb_t block_only = choosing ? choices.block_only : recorder->block_only;
    qemu_plugin_register_vcpu_tb_exec_cb(tb, accesses ? block : block_only, QEMU_PLUGIN_CB_NO_REGS, b);
    if (options.inline_totals) add_inline_totals(b, tb);
    if (!accesses) return;
    qemu_plugin_vcpu_udata_cb_t progress = choosing ? choices.progress : on_progress;
    qemu_plugin_vcpu_mem_cb_t access = choosing ? choices.access[system] : recorder->access[system];
    for (uint32_t i = 0; i < b->instructions; i++) {
        struct qemu_plugin_insn *handle = qemu_plugin_tb_get_insn(tb, i);
        struct insn *insn = block_insn(b, i);
        if (insn->needs_callback) qemu_plugin_register_vcpu_insn_exec_cb(handle, progress, QEMU_PLUGIN_CB_NO_REGS, insn);
        if (insn->mapping) qemu_plugin_register_vcpu_insn_exec_cb(handle, on_mapping, QEMU_PLUGIN_CB_NO_REGS, insn);
        qemu_plugin_register_vcpu_mem_cb(handle, access, QEMU_PLUGIN_CB_NO_REGS, QEMU_PLUGIN_MEM_RW, insn);
    }
    if (blocks_memory() > (window_mode() == MODE_FULL ? MOST_DEFINITION_BYTES : MOST_COUNTED_BYTES)) window_reinstrument();
}

static void on_flush(void) {
    writer.header->flushes++;
    window_code_is_gone();
}

static void on_exit(void) {
    char line[256];
    api_inline_collect();
    snprintf(line, sizeof line,
             "tracefleet: %" PRIu64 " translations of %" PRIu64 " blocks, %" PRIu64 " flushes, held %" PRIu64 " ns\n",
             writer.header->translations, blocks_held(), writer.header->flushes, writer.header->held_nanos);
    qemu_plugin_outs(line);
}

static void record_syscall(struct vcpu *v, bool is_return, int64_t number, int64_t value) {
    if (tally_is_open()) {
        tally_syscall(v->index, is_return, number, value);
        detail_flush();
        return;
    }
    vcpu_open(v);
    recorder->syscall(v, is_return, number, value);
}

static void on_syscall(unsigned int index, int64_t number, uint64_t first_argument) {
    struct vcpu *v = enter_outside(index);
    if (!v) return;
    if (is_recorded(v)) {
        record_syscall(v, false, number, 0);
        settle_if_due(v);
    }
    process_syscall(v, number, first_argument);
    leave_outside(v);
    window_obey();
    knock_syscall(v);
}

static void on_syscall_return(unsigned int index, int64_t number, int64_t value) {
    struct vcpu *v = enter_outside(index);
    if (!v) return;
    process_syscall_return(v, number);
    if (is_recorded(v)) record_syscall(v, true, number, value);
    leave_outside(v);
    window_obey();
    knock_syscall_return(v);
}

#define EVENTS_OF_PROCESSES \
    .vcpu_init = on_vcpu_init, .vcpu_exit = on_vcpu_exit, .vcpu_idle = on_vcpu_idle, .vcpu_resume = on_vcpu_resume, \
    .flush = on_flush, .at_exit = on_exit, .syscall = on_syscall, .syscall_return = on_syscall_return

const struct api_events plugin_events = {EVENTS_OF_PROCESSES, .tb_trans = on_translation};
const struct api_events untraced_events = {EVENTS_OF_PROCESSES};

int qemu_plugin_install(qemu_plugin_id_t id, const qemu_info_t *info, int argc, char **argv) {
    if (!options_parse(&options, argc, argv)) return -1;
    const char *missing = api_bind(id, info);
    if (missing) {
        fprintf(stderr, "tracefleet: this QEMU (plugin API %d to %d) has no %s; use QEMU 4.2 to 11.1\n", info->version.min,
                info->version.cur, missing);
        return -1;
    }
    control_begin(options.mode);
    if (!writer_open(&options, info)) return -1;
    recorder = options.mode == MODE_FULL ? &encoder : &counter;
    struct ring_header *h = writer.header;
    if (!info->system_emulation) process_open(h->target);
    detail_open();
    bool in_line = false;
    if (options.mode == MODE_COUNT && options.count_in_line && !options.attach_after && !options.detach_after)
        in_line = tally_open(options.count_accesses);
    blocks_open(h->target, info->system_emulation, options.mode == MODE_FULL || options.count_accesses,
                options.mode == MODE_FULL ? INSN_TRACED : in_line && options.count_accesses ? INSN_TALLIED : INSN_COUNTED);
    api_inline_open((uint64_t *[INLINE_COUNTERS]){&h->inline_blocks, &h->inline_instructions, &h->inline_accesses});
    window_begin(&options);
    return 0;
}
