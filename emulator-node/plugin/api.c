/* SPDX-License-Identifier: GPL-2.0-or-later */
#define _GNU_SOURCE
#include "api.h"

#include <dlfcn.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/uio.h>
#include <unistd.h>

#include "ring.h"

PLUGIN_EXPORT int qemu_plugin_version;

/*
 * QEMU reads qemu_plugin_version after the constructors have run. What QEMU accepts: 4.2 to 8.2 take 0, 9.0 to 10.2 take
 * 2, 11.0 takes 2 to 6, 11.1 only 7. The first two can be told apart by a symbol; for the last the launcher, who knows
 * the QEMU, says the number.
 */
__attribute__((constructor)) static void claim_version(void) {
    qemu_plugin_version = dlsym(RTLD_DEFAULT, "qemu_plugin_scoreboard_new") ? 2 : 0;
    const char *claim = getenv("TRACEFLEET_PLUGIN_API");
    if (claim && claim[0] >= '0' && claim[0] <= '9' && claim[1] == '\0') qemu_plugin_version = claim[0] - '0';
}

/* The last version whose lifecycle callbacks have no userdata; from 7 on every callback has. */
#define LAST_WITHOUT_USERDATA 6

static qemu_plugin_id_t plugin_id;
static bool userdata_everywhere;
static bool data_copies;
static const struct api_events *events;
static void (*reset_done)(void);
static void (*for_each_target)(unsigned int vcpu);

/* One pointer type for all: each is cast to its signature where it is called. */
static struct {
    void *vcpu_init, *vcpu_exit, *vcpu_idle, *vcpu_resume, *tb_trans, *flush, *at_exit, *syscall, *syscall_ret;
    void *for_each, *reset, *uninstall, *n_vcpus, *n_max_vcpus, *insn_data, *insn_symbol;
    void *path_to_binary, *start_code, *end_code, *entry_code;
    void *device_offset, *phys_addr, *device_name;
    void *tb_inline, *insn_inline, *mem_inline;
    void *tb_inline_vcpu, *insn_inline_vcpu, *mem_inline_vcpu, *score_new, *score_find, *u64_get, *u64_set, *num_vcpus;
    void *get_cpu, *disable_mem_helpers, *tb_flush, *safe_work, *current_cpu; /* QEMU's own, no part of the interface */
} fn;

static ptrdiff_t current_cpu; /* QEMU's variable, from the thread pointer */

static const struct {
    const char *name;
    void **at;
} lookups[] = {
    {"qemu_plugin_register_vcpu_init_cb", &fn.vcpu_init},
    {"qemu_plugin_register_vcpu_exit_cb", &fn.vcpu_exit},
    {"qemu_plugin_register_vcpu_idle_cb", &fn.vcpu_idle},
    {"qemu_plugin_register_vcpu_resume_cb", &fn.vcpu_resume},
    {"qemu_plugin_register_vcpu_tb_trans_cb", &fn.tb_trans},
    {"qemu_plugin_register_flush_cb", &fn.flush},
    {"qemu_plugin_register_atexit_cb", &fn.at_exit},
    {"qemu_plugin_register_vcpu_syscall_cb", &fn.syscall},
    {"qemu_plugin_register_vcpu_syscall_ret_cb", &fn.syscall_ret},
    {"qemu_plugin_vcpu_for_each", &fn.for_each},
    {"qemu_plugin_reset", &fn.reset},
    {"qemu_plugin_uninstall", &fn.uninstall},
    {"qemu_plugin_insn_data", &fn.insn_data},
    /* up to here every version has them */
    {"qemu_plugin_n_vcpus", &fn.n_vcpus},
    {"qemu_plugin_n_max_vcpus", &fn.n_max_vcpus},
    {"qemu_plugin_insn_symbol", &fn.insn_symbol},
    {"qemu_plugin_path_to_binary", &fn.path_to_binary},
    {"qemu_plugin_start_code", &fn.start_code},
    {"qemu_plugin_end_code", &fn.end_code},
    {"qemu_plugin_entry_code", &fn.entry_code},
    {"qemu_plugin_hwaddr_device_offset", &fn.device_offset},
    {"qemu_plugin_hwaddr_phys_addr", &fn.phys_addr},
    {"qemu_plugin_hwaddr_device_name", &fn.device_name},
    {"qemu_plugin_register_vcpu_tb_exec_inline", &fn.tb_inline},
    {"qemu_plugin_register_vcpu_insn_exec_inline", &fn.insn_inline},
    {"qemu_plugin_register_vcpu_mem_inline", &fn.mem_inline},
    {"qemu_plugin_scoreboard_find", &fn.score_find},
    {"qemu_plugin_register_vcpu_tb_exec_inline_per_vcpu", &fn.tb_inline_vcpu},
    {"qemu_plugin_register_vcpu_insn_exec_inline_per_vcpu", &fn.insn_inline_vcpu},
    {"qemu_plugin_register_vcpu_mem_inline_per_vcpu", &fn.mem_inline_vcpu},
    {"qemu_plugin_scoreboard_new", &fn.score_new},
    {"qemu_plugin_u64_get", &fn.u64_get},
    {"qemu_plugin_u64_set", &fn.u64_set},
    {"qemu_plugin_num_vcpus", &fn.num_vcpus},
    {"qemu_get_cpu", &fn.get_cpu},
    {"qemu_plugin_disable_mem_helpers", &fn.disable_mem_helpers},
    {"tb_flush", &fn.tb_flush},
    {"async_safe_run_on_cpu", &fn.safe_work},
    {"current_cpu", &fn.current_cpu}, /* this thread's */
};
#define LOOKUPS (sizeof lookups / sizeof lookups[0])
#define ALWAYS_THERE 13

const char *api_bind(qemu_plugin_id_t id, const qemu_info_t *info) {
    plugin_id = id;
    userdata_everywhere = info->version.cur > LAST_WITHOUT_USERDATA && qemu_plugin_version > LAST_WITHOUT_USERDATA;
    data_copies = info->version.cur >= 3;
    for (size_t i = 0; i < LOOKUPS; i++) {
        *lookups[i].at = dlsym(RTLD_DEFAULT, lookups[i].name);
        if (!*lookups[i].at && i < ALWAYS_THERE) return lookups[i].name;
    }
    if (fn.current_cpu) current_cpu = (char *)fn.current_cpu - (char *)__builtin_thread_pointer();
    return NULL;
}

/* Versions 0 to 6 pass (id, vcpu), version 7 (vcpu, userdata). */
typedef void (*vcpu_simple)(qemu_plugin_id_t id, unsigned int vcpu);
#define VCPU_EVENT(name)                                                                                               \
    static void name##_simple(qemu_plugin_id_t id, unsigned int vcpu) {                                                \
        (void)id;                                                                                                      \
        events->name(vcpu);                                                                                            \
    }                                                                                                                  \
    static void name##_udata(unsigned int vcpu, void *userdata) {                                                      \
        (void)userdata;                                                                                                \
        events->name(vcpu);                                                                                            \
    }
VCPU_EVENT(vcpu_init)
VCPU_EVENT(vcpu_exit)
VCPU_EVENT(vcpu_idle)
VCPU_EVENT(vcpu_resume)

/* (id, tb) or (tb, userdata): ids are random 64-bit numbers, so the first argument tells. */
static void tb_trans(uint64_t first, void *second) {
    events->tb_trans(first == plugin_id ? (struct qemu_plugin_tb *)second : (struct qemu_plugin_tb *)(uintptr_t)first);
}

static void flush_any(uint64_t first) {
    (void)first;
    events->flush();
}

static void at_exit_any(uint64_t first, void *second) {
    (void)first;
    (void)second;
    events->at_exit();
}

static void syscall_id(qemu_plugin_id_t id, unsigned int vcpu, int64_t number, uint64_t a1, uint64_t a2, uint64_t a3,
                       uint64_t a4, uint64_t a5, uint64_t a6, uint64_t a7, uint64_t a8) {
    (void)id, (void)a2, (void)a3, (void)a4, (void)a5, (void)a6, (void)a7, (void)a8;
    events->syscall(vcpu, number, a1);
}

static void syscall_ret_id(qemu_plugin_id_t id, unsigned int vcpu, int64_t number, int64_t value) {
    (void)id;
    events->syscall_return(vcpu, number, value);
}

static void syscall_udata(unsigned int vcpu, int64_t number, uint64_t a1, uint64_t a2, uint64_t a3, uint64_t a4,
                          uint64_t a5, uint64_t a6, uint64_t a7, uint64_t a8, void *userdata) {
    (void)a2, (void)a3, (void)a4, (void)a5, (void)a6, (void)a7, (void)a8, (void)userdata;
    events->syscall(vcpu, number, a1);
}

static void syscall_ret_udata(unsigned int vcpu, int64_t number, int64_t value, void *userdata) {
    (void)userdata;
    events->syscall_return(vcpu, number, value);
}

typedef void (*register_simple)(qemu_plugin_id_t id, void (*cb)(qemu_plugin_id_t, unsigned int));
typedef void (*register_udata)(qemu_plugin_id_t id, qemu_plugin_vcpu_udata_cb_t cb, void *userdata);

static void register_vcpu(void *function, vcpu_simple simple, qemu_plugin_vcpu_udata_cb_t udata) {
    if (userdata_everywhere)
        ((register_udata)function)(plugin_id, udata, NULL);
    else
        ((register_simple)function)(plugin_id, simple);
}

static void register_translation(void (*callback)(uint64_t, void *)) {
    ((void (*)(qemu_plugin_id_t, void (*)(uint64_t, void *), void *))fn.tb_trans)(plugin_id, callback, NULL);
}

void api_register(const struct api_events *wanted) {
    events = wanted;
    if (events->vcpu_init) register_vcpu(fn.vcpu_init, vcpu_init_simple, vcpu_init_udata);
    if (events->vcpu_exit) register_vcpu(fn.vcpu_exit, vcpu_exit_simple, vcpu_exit_udata);
    if (events->vcpu_idle) register_vcpu(fn.vcpu_idle, vcpu_idle_simple, vcpu_idle_udata);
    if (events->vcpu_resume) register_vcpu(fn.vcpu_resume, vcpu_resume_simple, vcpu_resume_udata);
    /* A trailing userdata argument is ignored by versions that do not have it, as the C calling conventions in use allow. */
    if (events->tb_trans) register_translation(tb_trans);
    if (events->flush)
        ((void (*)(qemu_plugin_id_t, void (*)(uint64_t), void *))fn.flush)(plugin_id, flush_any, NULL);
    if (events->at_exit)
        ((void (*)(qemu_plugin_id_t, void (*)(uint64_t, void *), void *))fn.at_exit)(plugin_id, at_exit_any, NULL);
    if (events->syscall)
        ((void (*)(qemu_plugin_id_t, void (*)(void), void *))fn.syscall)(
            plugin_id, userdata_everywhere ? (void (*)(void))syscall_udata : (void (*)(void))syscall_id, NULL);
    if (events->syscall_return)
        ((void (*)(qemu_plugin_id_t, void (*)(void), void *))fn.syscall_ret)(
            plugin_id, userdata_everywhere ? (void (*)(void))syscall_ret_udata : (void (*)(void))syscall_ret_id, NULL);
}

void api_register_translation(const struct api_events *wanted) {
    bool before = events->tb_trans, now = wanted->tb_trans;
    events = wanted;
    if (before != now) register_translation(now ? tb_trans : NULL);
}

static void each_simple(qemu_plugin_id_t id, unsigned int vcpu) {
    (void)id;
    for_each_target(vcpu);
}

static void each_udata(unsigned int vcpu, void *userdata) {
    (void)userdata;
    for_each_target(vcpu);
}

void api_for_each_vcpu(void (*each)(unsigned int vcpu)) {
    for_each_target = each;
    register_vcpu(fn.for_each, each_simple, each_udata);
}

/*
 * Up to 7.2, a block that ends in an instruction whose accesses a helper makes (iret, xrstor) leaves the vCPU with a pointer to that
 * instruction's callbacks, which a flush frees. QEMU clears it itself only when a process ends; its function for that is there.
 */
void api_code_is_gone(unsigned int vcpu) {
    if (fn.score_new || !fn.get_cpu || !fn.disable_mem_helpers) return;
    void *cpu = ((void *(*)(int))fn.get_cpu)((int)vcpu);
    if (cpu) ((void (*)(void *))fn.disable_mem_helpers)(cpu);
}

bool api_leaves_callbacks(void) { return !fn.score_new; }

/* While no vCPU executes. QEMU's second argument is a union of 8 bytes. */
static void flush_now(void *cpu, uint64_t unused) {
    (void)unused;
    ((void (*)(void *))fn.tb_flush)(cpu);
}

/*
 * Queued, as a reset is: asked for in the middle of a translation, QEMU might flush at once. QEMU's program has its thread-local
 * variables at the same place in every thread.
 */
bool api_flush(void) {
    bool can = fn.tb_flush && fn.safe_work && fn.current_cpu && !fn.score_new;
    void *cpu = can ? *(void **)(void *)((char *)__builtin_thread_pointer() + current_cpu) : NULL;
    if (cpu) ((void (*)(void *, void (*)(void *, uint64_t), uint64_t))fn.safe_work)(cpu, flush_now, 0);
    return cpu;
}

static void done_any(uint64_t first) {
    (void)first;
    if (reset_done) reset_done();
}

static void call_with_done(void *function, void (*done)(void)) {
    reset_done = done;
    ((void (*)(qemu_plugin_id_t, void (*)(uint64_t), void *))function)(plugin_id, done_any, NULL);
}

void api_reset(void (*done)(void)) { call_with_done(fn.reset, done); }

void api_uninstall(void (*done)(void)) { call_with_done(fn.uninstall, done); }

void api_vcpus(const qemu_info_t *info, int *smp, int *max) {
    *smp = *max = 0;
    if (!info->system_emulation) return;
    *smp = info->system.smp_vcpus;
    *max = info->system.max_vcpus;
    /* Before 9.0 the functions are the API's own answer; they say -1 in user mode. */
    if (fn.n_vcpus && fn.n_max_vcpus) {
        *smp = ((int (*)(void))fn.n_vcpus)();
        *max = ((int (*)(void))fn.n_max_vcpus)();
    }
}

size_t api_insn_data(const struct qemu_plugin_insn *insn, void *to, size_t size) {
    if (data_copies)
        return ((size_t(*)(const struct qemu_plugin_insn *, void *, size_t))fn.insn_data)(insn, to, size);
    size_t all = qemu_plugin_insn_size(insn);
    if (all < size) size = all;
    memcpy(to, ((const void *(*)(const struct qemu_plugin_insn *))fn.insn_data)(insn), size);
    return size;
}

const char *api_insn_symbol(const struct qemu_plugin_insn *insn) {
    return fn.insn_symbol ? ((const char *(*)(const struct qemu_plugin_insn *))fn.insn_symbol)(insn) : NULL;
}

bool api_image(char *path, size_t size, uint64_t *start, uint64_t *end, uint64_t *entry) {
    if (!fn.path_to_binary || !fn.start_code || !fn.end_code || !fn.entry_code) return false;
    const char *name = ((const char *(*)(void))fn.path_to_binary)();
    if (!name) return false;
    strncpy(path, name, size - 1);
    path[size - 1] = '\0';
    free((void *)name);
    *start = ((uint64_t(*)(void))fn.start_code)();
    *end = ((uint64_t(*)(void))fn.end_code)();
    *entry = ((uint64_t(*)(void))fn.entry_code)();
    return true;
}

uint64_t api_hwaddr_address(const struct qemu_plugin_hwaddr *hwaddr) {
    void *address = fn.phys_addr ? fn.phys_addr : fn.device_offset;
    return address ? ((uint64_t(*)(const struct qemu_plugin_hwaddr *))address)(hwaddr) : 0;
}

/*
 * Up to 8.2, an access whose translation was dropped before its callback (another vCPU changed the memory map, say) is explained by the
 * last device access that QEMU had saved, whose section may have been freed meanwhile; asking for its name then ends
 * QEMU. So the section is looked at first, in a way that cannot fault: { Int128 size; MemoryRegion *mr; ... }.
 */
static bool can_be_read(const void *at, void *copy, size_t size) {
    struct iovec to = {copy, size}, from = {(void *)(uintptr_t)at, size};
    /* Where this is not allowed (a container), nothing is known. */
    return process_vm_readv(getpid(), &to, 1, &from, 1, 0) == (ssize_t)size || errno != EFAULT;
}

static bool section_is_there(const struct qemu_plugin_hwaddr *hwaddr) {
    const uint8_t *section, *region = NULL;
    uint8_t some[256];
    memcpy(&section, (const uint8_t *)hwaddr + 8, sizeof section);
    if (!can_be_read(section + 16, &region, sizeof region)) return false;
    return !region || can_be_read(region, some, sizeof some);
}

const char *api_hwaddr_device(const struct qemu_plugin_hwaddr *hwaddr) {
    if (!fn.device_name || (!fn.score_new && !section_is_there(hwaddr))) return "device";
    const char *name = ((const char *(*)(const struct qemu_plugin_hwaddr *))fn.device_name)(hwaddr);
    return name ? name : "device";
}

/* Where inline operations add: an entry of a scoreboard, or memory that all vCPUs share before 9.0. */
struct place {
    qemu_plugin_u64 entry;
    uint64_t *shared;
};

static void add_at_block(struct qemu_plugin_tb *tb, struct place to) {
    if (to.entry.score)
        ((void (*)(struct qemu_plugin_tb *, enum qemu_plugin_op, qemu_plugin_u64, uint64_t))fn.tb_inline_vcpu)(
            tb, QEMU_PLUGIN_INLINE_ADD_U64, to.entry, 1);
    else
        ((void (*)(struct qemu_plugin_tb *, enum qemu_plugin_op, void *, uint64_t))fn.tb_inline)(
            tb, QEMU_PLUGIN_INLINE_ADD_U64, to.shared, 1);
}

static void add_at_insn(struct qemu_plugin_insn *insn, struct place to) {
    if (to.entry.score)
        ((void (*)(struct qemu_plugin_insn *, enum qemu_plugin_op, qemu_plugin_u64, uint64_t))fn.insn_inline_vcpu)(
            insn, QEMU_PLUGIN_INLINE_ADD_U64, to.entry, 1);
    else
        ((void (*)(struct qemu_plugin_insn *, enum qemu_plugin_op, void *, uint64_t))fn.insn_inline)(
            insn, QEMU_PLUGIN_INLINE_ADD_U64, to.shared, 1);
}

static void add_at_access(struct qemu_plugin_insn *insn, struct place to) {
    if (to.entry.score)
        ((void (*)(struct qemu_plugin_insn *, enum qemu_plugin_mem_rw, enum qemu_plugin_op, qemu_plugin_u64,
                   uint64_t))fn.mem_inline_vcpu)(insn, QEMU_PLUGIN_MEM_RW, QEMU_PLUGIN_INLINE_ADD_U64, to.entry, 1);
    else
        ((void (*)(struct qemu_plugin_insn *, enum qemu_plugin_mem_rw, enum qemu_plugin_op, void *, uint64_t))
             fn.mem_inline)(insn, QEMU_PLUGIN_MEM_RW, QEMU_PLUGIN_INLINE_ADD_U64, to.shared, 1);
}

static uint64_t *inline_shared[INLINE_COUNTERS];
static qemu_plugin_u64 inline_score[INLINE_COUNTERS];

void api_inline_open(uint64_t *shared[INLINE_COUNTERS]) {
    memcpy(inline_shared, shared, sizeof inline_shared);
    if (!fn.score_new) return;
    for (int i = 0; i < INLINE_COUNTERS; i++)
        if (!inline_score[i].score)
            inline_score[i].score = ((struct qemu_plugin_scoreboard * (*)(size_t)) fn.score_new)(sizeof(uint64_t));
}

static struct place inline_place(int counter) {
    return (struct place){inline_score[counter], inline_shared[counter]};
}

void api_inline_tb(struct qemu_plugin_tb *tb) {
    if (inline_score[INLINE_BLOCKS].score ? fn.tb_inline_vcpu : fn.tb_inline) add_at_block(tb, inline_place(INLINE_BLOCKS));
}

void api_inline_insn(struct qemu_plugin_insn *insn) {
    bool scored = inline_score[INLINE_INSTRUCTIONS].score;
    if (scored ? fn.insn_inline_vcpu && fn.mem_inline_vcpu : fn.insn_inline && fn.mem_inline) {
        add_at_insn(insn, inline_place(INLINE_INSTRUCTIONS));
        add_at_access(insn, inline_place(INLINE_ACCESSES));
    }
}

/* vCPUs that scoreboards have places for, 0 without scoreboards: QEMU aborts when asked for one more. */
static unsigned int score_vcpus(void) {
    if (!fn.u64_get || !fn.u64_set || !fn.num_vcpus || !inline_score[0].score) return 0;
    return (unsigned int)((int (*)(void))fn.num_vcpus)();
}

void api_inline_restart(void) {
    unsigned int vcpus = score_vcpus();
    for (int i = 0; i < INLINE_COUNTERS; i++)
        for (unsigned int v = 0; v < vcpus; v++)
            ((void (*)(qemu_plugin_u64, unsigned int, uint64_t))fn.u64_set)(inline_score[i], v, 0);
}

void api_inline_collect(void) {
    unsigned int vcpus = score_vcpus();
    if (!vcpus) return;
    for (int i = 0; i < INLINE_COUNTERS; i++) {
        uint64_t sum = 0;
        for (unsigned int v = 0; v < vcpus; v++)
            sum += ((uint64_t(*)(qemu_plugin_u64, unsigned int))fn.u64_get)(inline_score[i], v);
        *inline_shared[i] = sum;
    }
}

static uint64_t *counting;          /* before 9.0 */
static qemu_plugin_u64 counting_score; /* from 9.0 on; its offset is that of counter 0 */
static uint8_t *counting_first; /* vCPU 0's, since it was mapped */
static const size_t page_size = 4096;
static const size_t counting_element = sizeof ((struct tally_vcpu *)NULL)->counts + 4096;

bool api_counting_open(void) {
    if (!fn.score_new) return fn.tb_inline && fn.insn_inline && fn.mem_inline;
    if (!fn.tb_inline_vcpu || !fn.insn_inline_vcpu || !fn.mem_inline_vcpu || !fn.score_find) return false;
    if (!counting_score.score)
        counting_score.score = ((struct qemu_plugin_scoreboard * (*)(size_t)) fn.score_new)(counting_element);
    return true;
}

uint32_t api_counting_vcpus(void) { return fn.score_new ? TALLY_VCPUS : 1; }

/* QEMU aborts when asked for a vCPU that there is not yet. */
static uint8_t *counting_memory(unsigned int vcpu) {
    return ((void *(*)(struct qemu_plugin_scoreboard *, unsigned int))fn.score_find)(counting_score.score, vcpu);
}

void api_counting_at(unsigned int vcpu, uint64_t *counts) {
    counting = counts;
    if (!counting_score.score) return;
    uint8_t *mine = counting_memory(vcpu);
    if (!counting_first) {
        /* QEMU has cleared it all, for 16 vCPUs: that memory is not needed. */
        uint8_t *first = counting_memory(0);
        counting_score.offset = -(uintptr_t)first & (page_size - 1);
        madvise(first + counting_score.offset, TALLY_VCPUS * counting_element - page_size, MADV_DONTNEED);
        counting_first = first;
    }
    mine += counting_score.offset;
    /* A size of 0 maps the same memory once more. */
    if ((uintptr_t)mine % page_size ||
        mremap(counts, 0, sizeof ((struct tally_vcpu *)NULL)->counts, MREMAP_MAYMOVE | MREMAP_FIXED, mine) == MAP_FAILED) {
        fprintf(stderr, "tracefleet: counters cannot be shared with the emulator node: %s\n", strerror(errno));
        abort();
    }
}

bool api_counting_has_moved(void) { return counting_first && counting_memory(0) != counting_first; }

static struct place counting_place(uint32_t counter) {
    qemu_plugin_u64 entry = {counting_score.score, counting_score.offset + counter * sizeof(uint64_t)};
    return (struct place){entry, counting + counter};
}

void api_count_block(struct qemu_plugin_tb *tb, uint32_t counter) { add_at_block(tb, counting_place(counter)); }

void api_count_insn(struct qemu_plugin_insn *insn, uint32_t counter) { add_at_insn(insn, counting_place(counter)); }

void api_count_access(struct qemu_plugin_insn *insn, uint32_t counter) {
    add_at_access(insn, counting_place(counter));
}
