/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A QEMU plugin that holds every claim of classify.h against a running guest.
 *
 * It has a callback on each instruction and each memory access, so it knows what the product's plugin only infers:
 * whether an instruction handed over to the next one of its block, and which memory events it made until then. A broken
 * claim is written to the report with the instruction, and the report's first line ends with the number of broken claims.
 * The report also has each class's share of the dispatched instructions, the execution callbacks that the scheme of
 * classify.h costs, and which instructions cause them.
 *
 * With mappings=on (system emulation) each access is also answered from a cache as classify.h describes it, and the
 * answer compared with get_hwaddr.
 *
 * Arguments: report=FILE (".PID" is appended in user mode), mappings=on.
 */
#define _GNU_SOURCE
#include <fcntl.h>
#include <inttypes.h>
#include <pthread.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "../api.h"
#include "../classify.h"

#define MOST_VCPUS 1024
#define MOST_BYTES 16
#define CACHE_ENTRIES 65536

struct block;

struct insn {
    struct block *block;
    uint64_t vaddr;
    uint64_t dispatched;
    uint64_t left;    /* times the block was left at it, not at its end */
    uint64_t restarted; /* accesses made in a block of their own */
    uint64_t broken;
    uint16_t index;
    uint8_t class;
    uint8_t mapping;
    uint8_t size;
    bool undone; /* may be: see last_may_be_undone */
    uint8_t bytes[MOST_BYTES];
    char *text;
};

struct block {
    struct block *next;
    uint64_t executed;
    size_t instructions;
    struct insn insn[];
};

struct cache_entry {
    uint64_t key;
    uint64_t page;
    uint64_t filled; /* the vCPU's "emptied" plus 1 then */
};

struct vcpu {
    struct insn *insn; /* dispatched last */
    uint32_t loads;
    uint32_t stores;
    bool store_last;
    bool untrackable;
    bool empty_again;
    uint64_t epoch;
    struct insn *bump; /* an instruction that reaches all vCPUs awaits the next block */
    struct insn *invalidate;
    struct cache_entry *cache;
    uint64_t hits, misses, emptied, differing;
};

static struct vcpu vcpus[MOST_VCPUS];
static struct block *blocks;
static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static insn_classifier classify;
static mapping_classifier classify_mapping;
static bool system_emulation;
static bool mappings;
static char *report_path;
static const char *target;
static uint64_t broken_claims;
static uint64_t untracked;
/*
 * QEMU 7.2 attributes accesses of its own, which it makes between two blocks, to an instruction that ended a block, maybe
 * not the last one: the stack frame of an interrupt, and in user mode the floating-point state in a signal frame.
 */
static uint64_t strays;
static uint64_t epoch;
static int64_t exit_group;

static const char *const class_names[] = {"other", "plain", "one-access", "load-store"};

static void add(uint64_t *to)
{
    __atomic_fetch_add(to, 1, __ATOMIC_RELAXED);
}

static void broken(struct insn *insn, const char *why, const struct vcpu *v)
{
    add(&insn->broken);
    if (__atomic_fetch_add(&broken_claims, 1, __ATOMIC_RELAXED) < 20) {
        fprintf(stderr, "classify-check: %s at %#" PRIx64 " \"%s\" in %zu of %zu: %s (%u loads, %u stores)\n",
                class_names[insn->class], insn->vaddr, insn->text, (size_t)insn->index + 1, insn->block->instructions, why,
                v->loads, v->stores);
    }
}

static bool ends_block(const struct insn *insn)
{
    const struct block *block = insn->block;
    size_t behind = block->instructions - insn->index - 1u;

    return behind == 0 || (behind == 1 && block->insn[block->instructions - 1].undone);
}

/* The vCPU goes on at another instruction (NULL: it ends): what did the last one do? */
static void settle(struct vcpu *v, const struct insn *next)
{
    struct insn *insn = v->insn;
    uint32_t events = v->loads + v->stores;
    bool last, completed;

    if (!insn) {
        return;
    }
    completed = next == insn + 1 && insn->index + 1u < insn->block->instructions;
    last = !completed && ends_block(insn);
    if (!completed && !last) {
        add(&insn->left);
    }
    if (last) { /* no claim depends on it */
        return;
    }
    switch (insn->class) {
    case INSN_PLAIN:
        if (events) {
            broken(insn, "made an access", v);
        }
        if (!completed && next) {
            broken(insn, "left the block", v);
        }
        break;
    case INSN_ONE_ACCESS:
        if (events != completed) {
            broken(insn, completed ? "did not make one access" : "made an access and left the block", v);
        }
        break;
    case INSN_LOAD_STORE:
        if (completed ? v->stores != 1 || !v->store_last || !v->loads : v->stores) {
            broken(insn, completed ? "did not end with its only store" : "stored and left the block", v);
        }
        break;
    default:
        break;
    }
}

static void empty_cache(struct vcpu *v)
{
    v->emptied++;
}

static void block_started(struct vcpu *v)
{
    uint64_t now;

    if (v->bump) {
        __atomic_fetch_add(&epoch, 1, __ATOMIC_SEQ_CST);
        v->bump = NULL;
    }
    if (v->invalidate) {
        empty_cache(v);
        v->invalidate = NULL;
    }
    if (v->empty_again) {
        empty_cache(v);
        v->empty_again = false;
    }
    now = __atomic_load_n(&epoch, __ATOMIC_SEQ_CST);
    if (now != v->epoch) {
        v->epoch = now;
        empty_cache(v);
        v->empty_again = true;
    }
}

static void reaches_all(struct vcpu *v, struct insn *insn)
{
    __atomic_fetch_add(&epoch, 1, __ATOMIC_SEQ_CST);
    v->bump = insn;
    empty_cache(v);
}

static void executed(unsigned int vcpu, void *userdata)
{
    struct vcpu *v = &vcpus[vcpu % MOST_VCPUS];
    struct insn *insn = userdata;

    settle(v, insn);
    v->insn = insn;
    v->loads = v->stores = 0;
    v->store_last = false;
    add(&insn->dispatched);
    if (insn->index == 0) {
        add(&insn->block->executed);
        if (mappings) {
            block_started(v);
        }
    }
    if (mappings) {
        switch (insn->mapping) {
        case MAPPING_THIS_VCPU:
            empty_cache(v);
            v->invalidate = insn;
            break;
        case MAPPING_ALL_VCPUS:
            reaches_all(v, insn);
            break;
        case MAPPING_UNTRACKABLE:
            v->untrackable = true;
            break;
        default:
            break;
        }
    }
}

static void check_mapping(struct vcpu *v, struct insn *insn, qemu_plugin_meminfo_t info, uint64_t vaddr)
{
    bool store = qemu_plugin_mem_is_store(info);
    uint64_t key = (vaddr & ~UINT64_C(0xfff)) | (info & 31) << 2 | (uint64_t)store << 1;
    struct qemu_plugin_hwaddr *hwaddr = qemu_plugin_get_hwaddr(info, vaddr);
    struct cache_entry *entry;
    uint64_t page;
    bool io, hit;

    if (!hwaddr) {
        return;
    }
    io = qemu_plugin_hwaddr_is_io(hwaddr);
    page = api_hwaddr_address(hwaddr) & ~UINT64_C(0xfff);
    if (!v->cache) {
        v->cache = calloc(CACHE_ENTRIES, sizeof *v->cache);
        if (!v->cache) {
            abort();
        }
    }
    entry = &v->cache[(key ^ key >> 12 ^ key >> 28) % CACHE_ENTRIES];
    hit = entry->key == key && entry->filled == v->emptied + 1 && !v->untrackable;
    if (io) {
        if (hit) {
            v->differing++;
            if (v->differing <= 5) {
                fprintf(stderr, "classify-check: %#" PRIx64 " is a device now, cached as %#" PRIx64 ", at \"%s\"\n", vaddr,
                        entry->page, insn->text);
            }
        }
        if (store) {
            reaches_all(v, insn);
        }
        return;
    }
    if (hit) {
        v->hits++;
        if (entry->page != page) {
            v->differing++;
            if (v->differing <= 5) {
                fprintf(stderr, "classify-check: %#" PRIx64 " is %#" PRIx64 " now, cached as %#" PRIx64 ", at \"%s\"\n", vaddr,
                        page, entry->page, insn->text);
            }
        }
    } else {
        v->misses++;
    }
    entry->key = key;
    entry->page = page;
    entry->filled = v->emptied + 1;
}

static void accessed(unsigned int vcpu, qemu_plugin_meminfo_t info, uint64_t vaddr, void *userdata)
{
    struct vcpu *v = &vcpus[vcpu % MOST_VCPUS];
    struct insn *insn = userdata;
    bool store = qemu_plugin_mem_is_store(info);

    if (insn != v->insn) {
        /* A device access restarted in a block of its own, which has no execution callbacks. */
        if (v->insn && insn->vaddr == v->insn->vaddr) {
            add(&v->insn->restarted);
        } else if (insn->index + 1u == insn->block->instructions) {
            add(&strays);
        } else {
            add(&untracked);
            fprintf(stderr,
                    "classify-check: vCPU %u: access of %#" PRIx64 " \"%s\" to %#" PRIx64
                    ", but \"%s\" at %#" PRIx64 " was dispatched last\n",
                    vcpu, insn->vaddr, insn->text, vaddr, v->insn ? v->insn->text : "nothing", v->insn ? v->insn->vaddr : 0);
        }
    } else if (store) {
        v->stores++;
        v->store_last = true;
    } else {
        v->loads++;
        v->store_last = false;
    }
    if (mappings) {
        check_mapping(v, insn, info, vaddr);
    }
}

static void translated(struct qemu_plugin_tb *tb)
{
    size_t n = qemu_plugin_tb_n_insns(tb);
    struct block *block = calloc(1, sizeof *block + n * sizeof block->insn[0]);
    bool again = false;

    if (!block) {
        abort();
    }
    block->instructions = n;
    for (size_t i = 0; i < n; i++) {
        struct qemu_plugin_insn *from = qemu_plugin_tb_get_insn(tb, i);
        struct insn *insn = &block->insn[i];

        insn->block = block;
        insn->index = (uint16_t)i;
        insn->vaddr = qemu_plugin_insn_vaddr(from);
        insn->size = (uint8_t)api_insn_data(from, insn->bytes, sizeof insn->bytes);
        insn->class = (uint8_t)classify(insn->bytes, insn->size, insn->vaddr, system_emulation);
        if (insn->class == INSN_PLAIN_AGAIN) {
            insn->class = again ? INSN_PLAIN : INSN_OTHER;
            again = true;
        }
        insn->mapping = (uint8_t)(system_emulation ? classify_mapping(insn->bytes, insn->size) : MAPPING_KEEPS);
        insn->text = qemu_plugin_insn_disas(from);
        insn->undone = i == n - 1 && last_may_be_undone(target, i, insn->vaddr);
        qemu_plugin_register_vcpu_insn_exec_cb(from, executed, QEMU_PLUGIN_CB_NO_REGS, insn);
        qemu_plugin_register_vcpu_mem_cb(from, accessed, QEMU_PLUGIN_CB_NO_REGS, QEMU_PLUGIN_MEM_RW, insn);
    }
    pthread_mutex_lock(&lock);
    block->next = blocks;
    blocks = block;
    pthread_mutex_unlock(&lock);
}

/* Execution callbacks by mnemonic. */
struct cause {
    char text[64];
    uint64_t dispatched;
};

static int by_dispatched(const void *a, const void *b)
{
    const struct cause *one = a, *two = b;

    return one->dispatched < two->dispatched ? 1 : one->dispatched > two->dispatched ? -1 : 0;
}

/* "movaps %xmm0, 0x10(%rsp)" becomes "movaps R, M": registers and numbers do not matter. */
static void generalise(char to[64], const struct insn *insn)
{
    const char *text = insn->text ? insn->text : "?";
    size_t at = 0;

    for (size_t i = 0; text[i] && at < 60; i++) {
        if (text[i] == '(' || text[i] == '[') {
            to[at++] = 'M';
            while (text[i + 1] && text[i] != ')' && text[i] != ']') {
                i++;
            }
        } else if (text[i] == '0' && text[i + 1] == 'x') {
            i += 1;
            while (strchr("0123456789abcdef", text[i + 1]) && text[i + 1]) {
                i++;
            }
        } else if (text[i] != '-' && text[i] != '$' && text[i] != '%' && text[i] != ',' && text[i] != '#' &&
                   !(text[i] >= '0' && text[i] <= '9')) {
            to[at++] = text[i];
        }
    }
    while (at && to[at - 1] == ' ') {
        at--;
    }
    to[at] = 0;
}

static void report(void)
{
    uint64_t total = 0, executed_blocks = 0, callbacks = 0, lefts = 0, restarts = 0, translations = 0, planned = 0;
    uint64_t by_class[4] = {0}, left_by_class[4] = {0};
    uint64_t undone = 0;
    size_t causes = 0, room = 1 << 16;
    struct cause *cause = calloc(room, sizeof *cause);
    FILE *to = stderr;
    char path[4096];

    if (report_path) {
        snprintf(path, sizeof path, system_emulation ? "%s" : "%s.%d", report_path, (int)getpid());
        to = fopen(path, "we");
    }
    if (!to || !cause) {
        abort();
    }
    pthread_mutex_lock(&lock);
    for (const struct block *b = blocks; b; b = b->next) {
        translations++;
        executed_blocks += b->executed;
        if (b->instructions && b->insn[b->instructions - 1].undone && !b->insn[b->instructions - 1].dispatched) {
            undone += b->executed;
        }
        for (size_t i = 0; i < b->instructions; i++) {
            const struct insn *insn = &b->insn[i];

            total += insn->dispatched;
            by_class[insn->class] += insn->dispatched;
            left_by_class[insn->class] += insn->left;
            lefts += insn->left;
            restarts += insn->restarted;
            if (insn->class == INSN_OTHER && i + 1 < b->instructions) {
                char text[64];
                size_t at = 0;

                planned++;
                callbacks += insn->dispatched;
                generalise(text, insn);
                for (const char *c = text; *c; c++) {
                    at = at * 31 + (unsigned char)*c;
                }
                for (at %= room; cause[at].text[0] && strcmp(cause[at].text, text) != 0; at = (at + 1) % room) {
                }
                if (!cause[at].text[0] && ++causes > room / 2) {
                    abort();
                }
                memcpy(cause[at].text, text, sizeof text);
                cause[at].dispatched += insn->dispatched;
            }
        }
    }
    pthread_mutex_unlock(&lock);
    fprintf(to, "broken claims: %" PRIu64 "\n", broken_claims + untracked);
    fprintf(to, "target %s, %" PRIu64 " translations, %" PRIu64 " blocks, %" PRIu64 " instructions dispatched\n", target,
            translations, executed_blocks, total);
    for (int i = 0; i < 4; i++) {
        fprintf(to, "%-10s %14" PRIu64 " %7.3f %%, left the block %" PRIu64 "\n", class_names[i], by_class[i],
                total ? 100.0 * (double)by_class[i] / (double)total : 0, left_by_class[i]);
    }
    fprintf(to, "left midway %" PRIu64 ", restarted accesses %" PRIu64 ", last instruction undone %" PRIu64 "\n", lefts,
            restarts, undone);
    fprintf(to, "accesses of QEMU's own, attributed to a block's last instruction: %" PRIu64 "\n", strays);
    fprintf(to, "callbacks %" PRIu64 ": %.4f per block, %.4f per instruction; planned %.3f per translation\n", callbacks,
            executed_blocks ? (double)callbacks / (double)executed_blocks : 0,
            total ? (double)callbacks / (double)total : 0,
            translations ? (double)planned / (double)translations : 0);
    if (mappings) {
        for (int i = 0; i < MOST_VCPUS; i++) {
            const struct vcpu *v = &vcpus[i];

            if (v->hits || v->misses) {
                fprintf(to,
                        "mappings of vCPU %d: %" PRIu64 " hits, %" PRIu64 " misses, emptied %" PRIu64 ", differing %" PRIu64
                        "%s\n",
                        i, v->hits, v->misses, v->emptied, v->differing, v->untrackable ? ", untrackable" : "");
            }
        }
    }
    qsort(cause, room, sizeof *cause, by_dispatched);
    for (size_t i = 0; i < 40 && cause[i].dispatched; i++) {
        fprintf(to, "%14" PRIu64 " %6.2f %% %s\n", cause[i].dispatched,
                100.0 * (double)cause[i].dispatched / (double)callbacks, cause[i].text);
    }
    if (to != stderr) {
        fclose(to);
    }
    free(cause);
}

static void vcpu_started(unsigned int vcpu)
{
    struct vcpu *v = &vcpus[vcpu % MOST_VCPUS];

    settle(v, NULL);
    v->insn = NULL;
    empty_cache(v);
}

static void vcpu_resumed(unsigned int vcpu)
{
    empty_cache(&vcpus[vcpu % MOST_VCPUS]);
}

static void syscalled(unsigned int vcpu, int64_t number, uint64_t first)
{
    (void)vcpu;
    (void)first;
    if (number == exit_group) {
        report();
    }
}

static const struct api_events system_events = {
    .vcpu_init = vcpu_started,
    .vcpu_resume = vcpu_resumed,
    .tb_trans = translated,
    .at_exit = report,
};

/* User mode programs end with exit_group: QEMU 7.2 calls nothing at exit then. */
static const struct api_events user_events = {
    .vcpu_init = vcpu_started,
    .tb_trans = translated,
    .syscall = syscalled,
};

int qemu_plugin_install(qemu_plugin_id_t id, const qemu_info_t *info, int argc, char **argv)
{
    const char *missing;

    for (int i = 0; i < argc; i++) {
        if (strncmp(argv[i], "report=", 7) == 0) {
            report_path = strdup(argv[i] + 7);
        } else if (strcmp(argv[i], "mappings=on") == 0) {
            mappings = true;
        } else {
            fprintf(stderr, "classify-check: unknown argument %s\n", argv[i]);
            return -1;
        }
    }
    target = strdup(info->target_name);
    classify = classifier_for(target);
    classify_mapping = mapping_classifier_for(target);
    system_emulation = info->system_emulation;
    mappings = mappings && system_emulation;
    exit_group = strcmp(target, "x86_64") == 0 ? 231 : strcmp(target, "i386") == 0 ? 252 : 94;
    missing = api_bind(id, info);
    if (missing) {
        fprintf(stderr, "classify-check: this QEMU has no %s\n", missing);
        return -1;
    }
    api_register(system_emulation ? &system_events : &user_events);
    return 0;
}
