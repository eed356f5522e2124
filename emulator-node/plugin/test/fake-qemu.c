/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Just enough of QEMU to load the plugin: the plugin interface of one version, LEVEL, with the functions and signatures
 * that this version has and none of the others. It translates and executes a few blocks of its own making and looks at
 * what comes out in the ring. So versions and moments can be tried for which no QEMU is at hand.
 *
 * Usage: fake-qemu-LEVEL PLUGIN DIRECTORY. LEVEL 0: QEMU 4.2 to 5.2, 1: 6.1 to 8.2, 2: 9.0, 3: 9.1 to 10.2, 7: 11.1.
 */
#define _GNU_SOURCE
#include <dirent.h>
#include <dlfcn.h>
#include <fcntl.h>
#include <inttypes.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "../ring.h"

#define API __attribute__((visibility("default")))
#define CHECK(good)                                                                                                    \
    do {                                                                                                               \
        if (!(good)) {                                                                                                 \
            fprintf(stderr, "fake-qemu %d: line %d: %s\n", LEVEL, __LINE__, #good);                                     \
            exit(1);                                                                                                   \
        }                                                                                                              \
    } while (0)
#define EQUAL(a, b)                                                                                                    \
    do {                                                                                                               \
        uint64_t a_ = (uint64_t)(a), b_ = (uint64_t)(b);                                                               \
        if (a_ != b_) {                                                                                                \
            fprintf(stderr, "fake-qemu %d: line %d: %s is %" PRIu64 ", not %s = %" PRIu64 "\n", LEVEL, __LINE__, #a, a_, #b, b_); \
            exit(1);                                                                                                   \
        }                                                                                                              \
    } while (0)

typedef uint64_t plugin_id;
typedef void any_fn(void);
typedef void exec_fn(unsigned int vcpu, void *userdata);
typedef void mem_fn(unsigned int vcpu, uint32_t info, uint64_t vaddr, void *userdata);

struct qemu_info {
    const char *target_name;
    struct {
        int min, cur;
    } version;
    _Bool system_emulation;
    struct {
        int smp_vcpus, max_vcpus;
    } system;
};

/* ---- the machine ---- */

enum { VCPUS = 2, MOST = 8 };
static const plugin_id id = UINT64_C(0x9f3c5a7701e2d4b8);
static _Bool is_system;
static int created; /* vCPUs */

/* A meminfo of our own: size shift, then flags. */
enum { SIGNED = 8, BIG = 16, STORE = 32, DEVICE = 64 };

/* As QEMU's: an array of one element for each vCPU that there may be, wherever malloc puts it. */
struct score {
    size_t element;
    uint8_t *data;
};
typedef struct {
    struct score *score;
    size_t offset;
} u64_entry;
struct inline_op {
    uint64_t *at;
    u64_entry entry;
    uint64_t add;
};
struct inline_ops {
    struct inline_op op[MOST];
    int count;
};
struct qemu_plugin_insn {
    uint64_t vaddr;
    const char *code;
    size_t size;
    uint32_t info; /* of its access */
    _Bool accesses;
    exec_fn *exec[MOST];
    void *exec_data[MOST];
    int execs;
    mem_fn *mem;
    void *mem_data;
    struct inline_ops inlines[2]; /* executions, accesses */
};
struct qemu_plugin_tb {
    struct qemu_plugin_insn *insn;
    size_t n;
    exec_fn *exec;
    void *exec_data;
    struct inline_ops inlines;
    _Bool translated;
};

/* Two blocks; the addresses of their instructions follow each other. */
static struct qemu_plugin_insn first_code[] = {
    {.vaddr = 0x401000, .code = "\x90", .size = 1},
    {.vaddr = 0x401001, .code = "\x8b\x03", .size = 2, .accesses = 1, .info = 2 | DEVICE}, /* mov (%rbx), %eax */
    {.vaddr = 0x401003, .code = "\xeb\xfb", .size = 2},
};
static struct qemu_plugin_insn second_code[] = {
    {.vaddr = 0x402000, .code = "\x89\x03", .size = 2, .accesses = 1, .info = 2 | STORE}, /* mov %eax, (%rbx) */
    {.vaddr = 0x402002, .code = "\xc3", .size = 1},
};
static struct qemu_plugin_tb blocks[] = {{.insn = first_code, .n = 3}, {.insn = second_code, .n = 2}};

static struct {
    any_fn *init, *exit, *idle, *resume, *trans, *flush, *at_exit, *syscall, *syscall_ret;
} cb;
static char said[512];
static any_fn *done; /* of a reset or uninstall that waits for the next exclusive moment */

/* ---- the interface ---- */

#if LEVEL >= 7
#define REGISTER(name, member)                                                                                         \
    API void qemu_plugin_register_##name##_cb(plugin_id given, any_fn *function, void *userdata);                      \
    void qemu_plugin_register_##name##_cb(plugin_id given, any_fn *function, void *userdata)                           \
    {                                                                                                                  \
        EQUAL(given, id);                                                                                              \
        CHECK(!userdata);                                                                                              \
        cb.member = function;                                                                                          \
    }
#else
#define REGISTER(name, member)                                                                                         \
    API void qemu_plugin_register_##name##_cb(plugin_id given, any_fn *function);                                      \
    void qemu_plugin_register_##name##_cb(plugin_id given, any_fn *function)                                           \
    {                                                                                                                  \
        EQUAL(given, id);                                                                                              \
        cb.member = function;                                                                                          \
    }
#endif
REGISTER(vcpu_init, init)
REGISTER(vcpu_exit, exit)
REGISTER(vcpu_idle, idle)
REGISTER(vcpu_resume, resume)
REGISTER(vcpu_tb_trans, trans)
REGISTER(flush, flush)
REGISTER(atexit, at_exit)
REGISTER(vcpu_syscall, syscall)
REGISTER(vcpu_syscall_ret, syscall_ret)

/* One callback of a vCPU: (id, vCPU), and from 7 on (vCPU, userdata). */
static void tell(any_fn *function, unsigned int vcpu)
{
    if (!function)
        return;
#if LEVEL >= 7
    ((void (*)(unsigned int, void *))function)(vcpu, NULL);
#else
    ((void (*)(plugin_id, unsigned int))function)(id, vcpu);
#endif
}

#if LEVEL >= 7
API void qemu_plugin_vcpu_for_each(plugin_id given, any_fn *function, void *userdata);
void qemu_plugin_vcpu_for_each(plugin_id given, any_fn *function, void *userdata)
{
    CHECK(!userdata);
#else
API void qemu_plugin_vcpu_for_each(plugin_id given, any_fn *function);
void qemu_plugin_vcpu_for_each(plugin_id given, any_fn *function)
{
#endif
    EQUAL(given, id);
    for (int v = 0; v < created; v++)
        tell(function, (unsigned int)v);
}

API void qemu_plugin_reset(plugin_id given, any_fn *function);
void qemu_plugin_reset(plugin_id given, any_fn *function)
{
    EQUAL(given, id);
    done = function;
}
API void qemu_plugin_uninstall(plugin_id given, any_fn *function);
void qemu_plugin_uninstall(plugin_id given, any_fn *function)
{
    EQUAL(given, id);
    done = function;
}

API void qemu_plugin_register_vcpu_tb_exec_cb(struct qemu_plugin_tb *tb, exec_fn *function, int flags, void *userdata);
void qemu_plugin_register_vcpu_tb_exec_cb(struct qemu_plugin_tb *tb, exec_fn *function, int flags, void *userdata)
{
    EQUAL(flags, 0);
    CHECK(!tb->exec);
    tb->exec = function;
    tb->exec_data = userdata;
}
API void qemu_plugin_register_vcpu_insn_exec_cb(struct qemu_plugin_insn *insn, exec_fn *function, int flags, void *userdata);
void qemu_plugin_register_vcpu_insn_exec_cb(struct qemu_plugin_insn *insn, exec_fn *function, int flags, void *userdata)
{
    EQUAL(flags, 0);
    insn->exec[insn->execs] = function;
    insn->exec_data[insn->execs++] = userdata;
}
API void qemu_plugin_register_vcpu_mem_cb(struct qemu_plugin_insn *insn, mem_fn *function, int flags, int rw, void *userdata);
void qemu_plugin_register_vcpu_mem_cb(struct qemu_plugin_insn *insn, mem_fn *function, int flags, int rw, void *userdata)
{
    EQUAL(flags, 0);
    EQUAL(rw, 3);
    insn->mem = function;
    insn->mem_data = userdata;
}
API size_t qemu_plugin_tb_n_insns(const struct qemu_plugin_tb *tb);
size_t qemu_plugin_tb_n_insns(const struct qemu_plugin_tb *tb) { return tb->n; }
API uint64_t qemu_plugin_tb_vaddr(const struct qemu_plugin_tb *tb);
uint64_t qemu_plugin_tb_vaddr(const struct qemu_plugin_tb *tb) { return tb->insn[0].vaddr; }
API struct qemu_plugin_insn *qemu_plugin_tb_get_insn(const struct qemu_plugin_tb *tb, size_t i);
struct qemu_plugin_insn *qemu_plugin_tb_get_insn(const struct qemu_plugin_tb *tb, size_t i)
{
    CHECK(i < tb->n);
    return &tb->insn[i];
}
API size_t qemu_plugin_insn_size(const struct qemu_plugin_insn *insn);
size_t qemu_plugin_insn_size(const struct qemu_plugin_insn *insn) { return insn->size; }
API uint64_t qemu_plugin_insn_vaddr(const struct qemu_plugin_insn *insn);
uint64_t qemu_plugin_insn_vaddr(const struct qemu_plugin_insn *insn) { return insn->vaddr; }
API void *qemu_plugin_insn_haddr(const struct qemu_plugin_insn *insn);
void *qemu_plugin_insn_haddr(const struct qemu_plugin_insn *insn) { return (void *)(uintptr_t)(insn->vaddr | 0x7f0000000000); }
API char *qemu_plugin_insn_disas(const struct qemu_plugin_insn *insn);
char *qemu_plugin_insn_disas(const struct qemu_plugin_insn *insn)
{
    char *text = NULL;
    CHECK(asprintf(&text, "at %" PRIx64, insn->vaddr) > 0);
    return text;
}
#if LEVEL >= 3
API size_t qemu_plugin_insn_data(const struct qemu_plugin_insn *insn, void *to, size_t size);
size_t qemu_plugin_insn_data(const struct qemu_plugin_insn *insn, void *to, size_t size)
{
    if (size > insn->size)
        size = insn->size;
    memcpy(to, insn->code, size);
    return size;
}
#else
API const void *qemu_plugin_insn_data(const struct qemu_plugin_insn *insn);
const void *qemu_plugin_insn_data(const struct qemu_plugin_insn *insn) { return insn->code; }
#endif
API unsigned int qemu_plugin_mem_size_shift(uint32_t info);
unsigned int qemu_plugin_mem_size_shift(uint32_t info) { return info & 7; }
API _Bool qemu_plugin_mem_is_sign_extended(uint32_t info);
_Bool qemu_plugin_mem_is_sign_extended(uint32_t info) { return info & SIGNED; }
API _Bool qemu_plugin_mem_is_big_endian(uint32_t info);
_Bool qemu_plugin_mem_is_big_endian(uint32_t info) { return info & BIG; }
API _Bool qemu_plugin_mem_is_store(uint32_t info);
_Bool qemu_plugin_mem_is_store(uint32_t info) { return info & STORE; }

struct qemu_plugin_hwaddr {
    _Bool io;
    const void *section; /* of a device, as up to 8.2: { Int128 size; MemoryRegion *mr; ... } */
    uint64_t address;
};
API struct qemu_plugin_hwaddr *qemu_plugin_get_hwaddr(uint32_t info, uint64_t vaddr);
struct qemu_plugin_hwaddr *qemu_plugin_get_hwaddr(uint32_t info, uint64_t vaddr)
{
    static struct qemu_plugin_hwaddr at;
    if (!is_system)
        return NULL;
    static const uint8_t region[256];
    static const struct {
        uint64_t size[2];
        const void *region;
    } section = {.region = region};
    at = (struct qemu_plugin_hwaddr){.address = vaddr & 0xfff, .io = info & DEVICE, .section = &section};
    return &at;
}
API _Bool qemu_plugin_hwaddr_is_io(const struct qemu_plugin_hwaddr *at);
_Bool qemu_plugin_hwaddr_is_io(const struct qemu_plugin_hwaddr *at) { return at->io; }
#if LEVEL == 0
API uint64_t qemu_plugin_hwaddr_device_offset(const struct qemu_plugin_hwaddr *at);
uint64_t qemu_plugin_hwaddr_device_offset(const struct qemu_plugin_hwaddr *at) { return at->address; }
#define DEVICE_NAME "device"
#define DEVICE_BASE 0
#else
#define DEVICE_NAME "uart"
#define DEVICE_BASE 0x10000000
API uint64_t qemu_plugin_hwaddr_phys_addr(const struct qemu_plugin_hwaddr *at);
uint64_t qemu_plugin_hwaddr_phys_addr(const struct qemu_plugin_hwaddr *at) { return at->address + DEVICE_BASE; }
API const char *qemu_plugin_hwaddr_device_name(const struct qemu_plugin_hwaddr *at);
const char *qemu_plugin_hwaddr_device_name(const struct qemu_plugin_hwaddr *at) { return at->io ? DEVICE_NAME : "RAM"; }
API const char *qemu_plugin_insn_symbol(const struct qemu_plugin_insn *insn);
const char *qemu_plugin_insn_symbol(const struct qemu_plugin_insn *insn) { return insn == first_code ? "begin" : NULL; }
API const char *qemu_plugin_path_to_binary(void);
const char *qemu_plugin_path_to_binary(void) { return is_system ? NULL : strdup("/bin/guest"); }
API uint64_t qemu_plugin_start_code(void);
uint64_t qemu_plugin_start_code(void) { return 0x401000; }
API uint64_t qemu_plugin_end_code(void);
uint64_t qemu_plugin_end_code(void) { return 0x403000; }
API uint64_t qemu_plugin_entry_code(void);
uint64_t qemu_plugin_entry_code(void) { return 0x401001; }
#endif
API void qemu_plugin_outs(const char *string);
void qemu_plugin_outs(const char *string) { snprintf(said, sizeof said, "%s", string); }

static void put(struct inline_ops *ops, struct inline_op op)
{
    CHECK(ops->count < MOST);
    ops->op[ops->count++] = op;
}

#if LEVEL < 2
API int qemu_plugin_n_vcpus(void);
int qemu_plugin_n_vcpus(void) { return is_system ? VCPUS : -1; }
API int qemu_plugin_n_max_vcpus(void);
int qemu_plugin_n_max_vcpus(void) { return is_system ? VCPUS + 1 : -1; }
API void qemu_plugin_register_vcpu_tb_exec_inline(struct qemu_plugin_tb *tb, int op, void *at, uint64_t add);
void qemu_plugin_register_vcpu_tb_exec_inline(struct qemu_plugin_tb *tb, int op, void *at, uint64_t add)
{
    EQUAL(op, 0);
    put(&tb->inlines, (struct inline_op){.at = at, .add = add});
}
API void qemu_plugin_register_vcpu_insn_exec_inline(struct qemu_plugin_insn *insn, int op, void *at, uint64_t add);
void qemu_plugin_register_vcpu_insn_exec_inline(struct qemu_plugin_insn *insn, int op, void *at, uint64_t add)
{
    EQUAL(op, 0);
    put(&insn->inlines[0], (struct inline_op){.at = at, .add = add});
}
API void qemu_plugin_register_vcpu_mem_inline(struct qemu_plugin_insn *insn, int rw, int op, void *at, uint64_t add);
void qemu_plugin_register_vcpu_mem_inline(struct qemu_plugin_insn *insn, int rw, int op, void *at, uint64_t add)
{
    EQUAL(op, 0);
    EQUAL(rw, 3);
    put(&insn->inlines[1], (struct inline_op){.at = at, .add = add});
}
#else
static struct score scores[MOST];
static size_t score_places = 16;
API struct score *qemu_plugin_scoreboard_new(size_t size);
struct score *qemu_plugin_scoreboard_new(size_t size)
{
    struct score *score = scores;
    while (score->data)
        score++;
    CHECK(score < scores + MOST);
    *score = (struct score){size, calloc(score_places, size)};
    CHECK(score->data);
    return score;
}
static void flush_now(void);
/* With all vCPUs stopped, for one more than there are places. */
static void grow_scores(void)
{
    for (struct score *score = scores; score->data; score++) {
        uint8_t *data = calloc(2 * score_places, score->element);
        CHECK(data);
        memcpy(data, score->data, score_places * score->element);
        score->data = data;
    }
    score_places *= 2;
    flush_now();
}
API void *qemu_plugin_scoreboard_find(struct score *score, unsigned int vcpu);
void *qemu_plugin_scoreboard_find(struct score *score, unsigned int vcpu)
{
    CHECK((int)vcpu < created); /* as QEMU does */
    return score->data + vcpu * score->element;
}
static uint64_t *value(u64_entry entry, unsigned int vcpu)
{
    return (uint64_t *)(void *)(entry.score->data + vcpu * entry.score->element + entry.offset);
}
API uint64_t qemu_plugin_u64_get(u64_entry entry, unsigned int vcpu);
uint64_t qemu_plugin_u64_get(u64_entry entry, unsigned int vcpu)
{
    CHECK((int)vcpu < created); /* as QEMU does */
    return *value(entry, vcpu);
}
API void qemu_plugin_u64_set(u64_entry entry, unsigned int vcpu, uint64_t to);
void qemu_plugin_u64_set(u64_entry entry, unsigned int vcpu, uint64_t to)
{
    CHECK((int)vcpu < created);
    *value(entry, vcpu) = to;
}
API int qemu_plugin_num_vcpus(void);
int qemu_plugin_num_vcpus(void) { return created; }
API void qemu_plugin_register_vcpu_tb_exec_inline_per_vcpu(struct qemu_plugin_tb *tb, int op, u64_entry entry, uint64_t add);
void qemu_plugin_register_vcpu_tb_exec_inline_per_vcpu(struct qemu_plugin_tb *tb, int op, u64_entry entry, uint64_t add)
{
    EQUAL(op, 0);
    put(&tb->inlines, (struct inline_op){.entry = entry, .add = add});
}
API void qemu_plugin_register_vcpu_insn_exec_inline_per_vcpu(struct qemu_plugin_insn *insn, int op, u64_entry entry, uint64_t add);
void qemu_plugin_register_vcpu_insn_exec_inline_per_vcpu(struct qemu_plugin_insn *insn, int op, u64_entry entry, uint64_t add)
{
    EQUAL(op, 0);
    put(&insn->inlines[0], (struct inline_op){.entry = entry, .add = add});
}
API void qemu_plugin_register_vcpu_mem_inline_per_vcpu(struct qemu_plugin_insn *insn, int rw, int op, u64_entry entry, uint64_t add);
void qemu_plugin_register_vcpu_mem_inline_per_vcpu(struct qemu_plugin_insn *insn, int rw, int op, u64_entry entry, uint64_t add)
{
    EQUAL(op, 0);
    EQUAL(rw, 3);
    put(&insn->inlines[1], (struct inline_op){.entry = entry, .add = add});
}
#endif

/* ---- running it ---- */

static void add(const struct inline_ops *ops, int vcpu)
{
    for (int i = 0; i < ops->count; i++) {
        const struct inline_op *op = &ops->op[i];
        uint64_t *at = op->at;
        if (op->entry.score)
            at = (uint64_t *)(void *)(op->entry.score->data + (size_t)vcpu * op->entry.score->element + op->entry.offset);
        *at += op->add;
    }
}

static void forget_code(void)
{
    for (size_t b = 0; b < sizeof blocks / sizeof *blocks; b++) {
        struct qemu_plugin_tb *tb = &blocks[b];
        tb->translated = 0;
        tb->exec = NULL;
        memset(&tb->inlines, 0, sizeof tb->inlines);
        for (size_t i = 0; i < tb->n; i++) {
            tb->insn[i].execs = 0;
            tb->insn[i].mem = NULL;
            memset(tb->insn[i].inlines, 0, sizeof tb->insn[i].inlines);
        }
    }
}

static void done_now(void)
{
    any_fn *function = done;
    done = NULL;
#if LEVEL >= 7
    ((void (*)(void *))function)(NULL);
#else
    ((void (*)(plugin_id))function)(id);
#endif
}

static void flush_now(void)
{
    forget_code();
    if (!cb.flush)
        return;
#if LEVEL >= 7
    ((void (*)(void *))cb.flush)(NULL);
#else
    ((void (*)(plugin_id))cb.flush)(id);
#endif
}

/* The exclusive moment of a reset or uninstall; a vCPU may come to be between the end of the old callbacks and the new. */
static void exclusive(_Bool new_vcpu)
{
    CHECK(done);
    flush_now();
    memset(&cb, 0, sizeof cb);
    if (new_vcpu)
        created++;
    done_now();
}

static void *initialise(void *vcpu)
{
    tell(cb.init, *(unsigned int *)vcpu);
    return NULL;
}

/* In system emulation each has a thread of its own. */
static void new_vcpu(void)
{
    unsigned int vcpu = (unsigned int)created++;
    pthread_t thread;
    if (is_system)
        CHECK(!pthread_create(&thread, NULL, initialise, &vcpu) && !pthread_join(thread, NULL));
    else
        initialise(&vcpu);
}

/* Executes a block, with its access at vaddr. */
static void execute(int vcpu, int block, uint64_t vaddr)
{
    struct qemu_plugin_tb *tb = &blocks[block];
    if (!tb->translated && cb.trans) {
#if LEVEL >= 7
        ((void (*)(struct qemu_plugin_tb *, void *))cb.trans)(tb, NULL);
#else
        ((void (*)(plugin_id, struct qemu_plugin_tb *))cb.trans)(id, tb);
#endif
    }
    tb->translated = 1;
    if (tb->exec)
        tb->exec((unsigned int)vcpu, tb->exec_data);
    add(&tb->inlines, vcpu);
    for (size_t i = 0; i < tb->n; i++) {
        struct qemu_plugin_insn *insn = &tb->insn[i];
        for (int k = 0; k < insn->execs; k++)
            insn->exec[k]((unsigned int)vcpu, insn->exec_data[k]);
        add(&insn->inlines[0], vcpu);
        if (!insn->accesses)
            continue;
        if (insn->mem)
            insn->mem((unsigned int)vcpu, insn->info, vaddr, insn->mem_data);
        add(&insn->inlines[1], vcpu);
    }
}

static void system_call(any_fn *entry, any_fn *ret, int vcpu, int64_t number, uint64_t argument, int64_t value)
{
#if LEVEL >= 7
    if (entry)
        ((void (*)(unsigned int, int64_t, uint64_t, uint64_t, uint64_t, uint64_t, uint64_t, uint64_t, uint64_t, uint64_t, void *))entry)(
            (unsigned int)vcpu, number, argument, 2, 3, 4, 5, 6, 7, 8, NULL);
    if (ret)
        ((void (*)(unsigned int, int64_t, int64_t, void *))ret)((unsigned int)vcpu, number, value, NULL);
#else
    if (entry)
        ((void (*)(plugin_id, unsigned int, int64_t, uint64_t, uint64_t, uint64_t, uint64_t, uint64_t, uint64_t, uint64_t, uint64_t))entry)(
            id, (unsigned int)vcpu, number, argument, 2, 3, 4, 5, 6, 7, 8);
    if (ret)
        ((void (*)(plugin_id, unsigned int, int64_t, int64_t))ret)(id, (unsigned int)vcpu, number, value);
#endif
}

/* ---- the ring ---- */

#define RUN "018f4ebd-7d3c-7a3f-8000-0123456789ab"
static const char *directory;

static uint8_t *map(const char *name, size_t size)
{
    char path[4096];
    snprintf(path, sizeof path, "%s/%s", directory, name);
    int fd = open(path, O_RDWR | O_CREAT, 0600);
    CHECK(fd >= 0);
    if (size)
        CHECK(!ftruncate(fd, (off_t)size));
    size = (size_t)lseek(fd, 0, SEEK_END);
    uint8_t *at = mmap(NULL, size, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
    CHECK(at != MAP_FAILED);
    close(fd);
    return at;
}

/* How many there are, and the name of one that is not the first process's, if there is one. */
static int rings(char *name)
{
    int n = 0;
    DIR *files = opendir(directory);
    CHECK(files);
    for (struct dirent *file; (file = readdir(files));) {
        size_t length = strlen(file->d_name);
        if (length < 5 || strcmp(file->d_name + length - 5, ".ring"))
            continue;
        n++;
        if (name && (n == 1 || strncmp(file->d_name, RUN, strlen(RUN))))
            strcpy(name, file->d_name);
    }
    closedir(files);
    return n;
}

static uint8_t *ring;
static struct ring_header *header;

static struct ring_slot *slot(int index) { return (struct ring_slot *)(void *)(ring + RING_HEADER_SIZE + (size_t)index * RING_SLOT_SIZE); }

/* The open batch's column. */
static const uint8_t *column(int index, int number)
{
    CHECK(slot(index)->buffer != RING_NO_BUFFER);
    return ring + header->buffers_offset + (size_t)slot(index)->buffer * header->buffer_size + header->column_offset[number];
}

static uint64_t instructions(int index)
{
    const struct ring_slot *s = slot(index);
    return s->executed_instructions + s->instructions + s->progress;
}

static void wake_node(void) { header->flush_epoch++; }

static void install(const char *plugin, const char *mode)
{
    static char ring_dir[4200]; /* QEMU keeps the arguments */
    char name[256];
    static char mode_argument[32];
    static char *arguments[] = {ring_dir, "run=" RUN, "inline=on", "ring-buffers=8", mode_argument};
    struct doorbell *doorbell = (struct doorbell *)(void *)map("doorbell", DOORBELL_SIZE);
    doorbell->magic = DOORBELL_MAGIC;
    doorbell->heartbeat_micros = INT64_MAX;
    snprintf(ring_dir, sizeof ring_dir, "ring-dir=%s", directory);
    snprintf(mode_argument, sizeof mode_argument, "mode=%s", mode);
    static const char *claims[] = {"0", "0", "2", "2", "", "", "", "7"};
    if (LEVEL >= 7)
        setenv("TRACEFLEET_PLUGIN_API", "7", 1); /* the launcher does */
    void *library = dlopen(plugin, RTLD_NOW | RTLD_LOCAL);
    if (!library)
        fprintf(stderr, "%s\n", dlerror());
    CHECK(library);
    const int *version = dlsym(library, "qemu_plugin_version");
    EQUAL(*version, atoi(claims[LEVEL]));
    int (*start)(plugin_id, const struct qemu_info *, int, char **) =
        (int (*)(plugin_id, const struct qemu_info *, int, char **))dlsym(library, "qemu_plugin_install");
    struct qemu_info info = {
        .target_name = "x86_64",
        .version = {LEVEL >= 7 ? 7 : LEVEL >= 2 ? 2 : 0, LEVEL},
        .system_emulation = is_system,
    };
    if (is_system) {
        info.system.smp_vcpus = VCPUS;
        info.system.max_vcpus = VCPUS + 1;
    }
    EQUAL(start(id, &info, 5, arguments), 0);
    EQUAL(rings(name), 1);
    ring = map(name, 0);
    header = (struct ring_header *)(void *)ring;
    EQUAL(header->magic, RING_MAGIC);
    CHECK(!strcmp(header->target, "x86_64"));
    EQUAL(header->api_min, info.version.min);
    EQUAL(header->api_current, LEVEL);
    EQUAL(header->system_emulation, is_system);
    EQUAL(header->smp_vcpus, is_system ? VCPUS : 0);
    EQUAL(header->max_vcpus, is_system ? VCPUS + 1 : 0);
}

/* What one execution of each block adds up to. */
enum { BLOCKS = 2, INSTRUCTIONS = 5, ACCESSES = 2 };

static void check_inline(uint64_t rounds)
{
    EQUAL(header->inline_blocks, rounds * BLOCKS);
    EQUAL(header->inline_instructions, rounds * INSTRUCTIONS);
    EQUAL(header->inline_accesses, rounds * ACCESSES);
}

static void at_exit(void)
{
    CHECK(cb.at_exit);
#if LEVEL >= 7
    ((void (*)(void *))cb.at_exit)(NULL);
#else
    ((void (*)(plugin_id, void *))cb.at_exit)(id, NULL);
#endif
}

static void try_system(const char *plugin)
{
    is_system = 1;
    install(plugin, "full");
    new_vcpu();
    execute(0, 0, 0x5008);
    execute(0, 1, 0x6010);
    EQUAL(instructions(0), INSTRUCTIONS);
    EQUAL(slot(0)->blocks, BLOCKS);
    EQUAL(slot(0)->accesses, ACCESSES);

    /* Device: run 0, code 1, its name, zigzag of its offset or address. RAM: run 0, code 0, zigzag of mapping - page. */
    uint8_t expected[64];
    size_t n = 0;
    expected[n++] = 0, expected[n++] = 1, expected[n++] = (uint8_t)strlen(DEVICE_NAME);
    memcpy(expected + n, DEVICE_NAME, strlen(DEVICE_NAME));
    n += strlen(DEVICE_NAME);
    int64_t numbers[2] = {8 + DEVICE_BASE, 0 + DEVICE_BASE - 0x6000};
    for (int k = 0; k < 2; k++) {
        if (k == 1)
            expected[n++] = 0, expected[n++] = 0;
        uint64_t zigzag = (uint64_t)numbers[k] << 1 ^ (uint64_t)(numbers[k] >> 63);
        for (; zigzag >= 128; zigzag >>= 7)
            expected[n++] = (uint8_t)(zigzag | 128);
        expected[n++] = (uint8_t)zigzag;
    }
    EQUAL(slot(0)->column_length[3], n);
    CHECK(!memcmp(column(0, 3), expected, n));

    /* The run's own slot: symbol and disassembly. */
    uint32_t length = slot((int)header->vcpu_slots)->column_length[0];
    const uint8_t *details = column((int)header->vcpu_slots, 0);
    CHECK(memmem(details, length, "at 401003", 9));
    CHECK(memmem(details, length, "\x8b\x03", 2));
    EQUAL(memmem(details, length, "begin", 5) != NULL, LEVEL > 0);

    tell(cb.idle, 0);
    tell(cb.resume, 0);
    EQUAL(slot(0)->idles, 1);
    EQUAL(slot(0)->resumes, 1);

    /* Re-instrument, and a vCPU that is initialised when nobody listens: it is found by for_each. */
    header->control = 2;
    wake_node();
    execute(0, 0, 0x5008);
    exclusive(1);
    EQUAL(header->control, 0);
    EQUAL(header->flushes, 1);
    EQUAL(slot(1)->state, SLOT_LIVE);
    EQUAL(created, 2);
    execute(1, 1, 0x6010);
    EQUAL(instructions(0), INSTRUCTIONS + 3);
    EQUAL(instructions(1), 2);
    EQUAL(header->translations, 3);
    EQUAL(header->definitions, 2);

    at_exit();
    CHECK(!strncmp(said, "tracefleet: 3 translations of 2 blocks, 1 flushes", 49));
    check_inline(2);
    tell(cb.exit, 1);
    EQUAL(slot(1)->state, SLOT_EXITED);
}

/* A forked child goes on with the translated code of its parent, in a ring of its own. */
static void child_counts_its_own(void)
{
    system_call(cb.syscall, NULL, 0, 57, 0, 0);
    struct ring_slot before = *slot(0);
    pid_t child = fork();
    if (!child) {
        char name[256];
        system_call(NULL, cb.syscall_ret, 0, 57, 0, 0);
        execute(0, 1, 0x6010);
        at_exit();
        EQUAL(rings(name), 2);
        ring = map(name, 0); /* only now: it may come to lie where the parent's was */
        header = (struct ring_header *)(void *)ring;
        EQUAL(header->pid, getpid());
        EQUAL(instructions(0), 2);
        EQUAL(slot(0)->syscalls, 0);
        EQUAL(slot(0)->syscall_returns, 1);
        EQUAL(header->inline_blocks, 1);
        EQUAL(header->inline_instructions, 2);
        EQUAL(header->inline_accesses, 1);
        _exit(0);
    }
    int status;
    CHECK(waitpid(child, &status, 0) == child && !status);
    CHECK(!memcmp(&before, slot(0), sizeof before));
    EQUAL(rings(NULL), 2);
}

static void try_user(const char *plugin)
{
    install(plugin, "full");
    new_vcpu();
    for (int k = 0; k < 10; k++) {
        execute(0, 0, 0x5008 + (uint64_t)k);
        execute(0, 1, 0x6010);
    }
    EQUAL(instructions(0), 10 * INSTRUCTIONS);
    EQUAL(slot(0)->column_length[3], 0);
    CHECK(!strcmp(header->image, LEVEL > 0 ? "/bin/guest" : ""));
    EQUAL(header->start_code, LEVEL > 0 ? 0x401000 : 0);
    EQUAL(header->end_code, LEVEL > 0 ? 0x403000 : 0);
    EQUAL(header->entry_code, LEVEL > 0 ? 0x401001 : 0);

    /* Entry after 20 blocks of write (1), return of -11; number and value as zigzag. */
    system_call(cb.syscall, cb.syscall_ret, 0, 1, 5, -11);
    static const uint8_t expected[] = {20, 0, 2, 0, 1, 2, 21};
    EQUAL(slot(0)->syscalls, 1);
    EQUAL(slot(0)->syscall_returns, 1);
    EQUAL(slot(0)->column_length[4], sizeof expected);
    CHECK(!memcmp(column(0, 4), expected, sizeof expected));
    child_counts_its_own();

    /* Uninstall. The last block before the exclusive moment is traced; a callback that was on its way changes nothing. */
    any_fn *late[] = {cb.syscall, cb.syscall_ret, cb.exit};
    header->control = 1;
    wake_node();
    execute(0, 0, 0x5008);
    exclusive(0);
    EQUAL(header->end, END_DETACHED);
    EQUAL(slot(0)->buffer, RING_NO_BUFFER);
    EQUAL(slot(0)->executed_instructions, 10 * INSTRUCTIONS + 3);
    struct ring_slot before = *slot(0);
    system_call(late[0], late[1], 0, 231, 1, 0);
    tell(late[2], 0);
    execute(0, 1, 0x6010);
    EQUAL(header->end, END_DETACHED);
    CHECK(!memcmp(&before, slot(0), sizeof before));
    EQUAL(header->inline_instructions, 10 * INSTRUCTIONS + 3);

    /* Nobody traces a child that is forked now. */
    pid_t child = fork();
    if (!child)
        _exit(0);
    int status;
    CHECK(waitpid(child, &status, 0) == child && !status);
    EQUAL(rings(NULL), 2);
}

/* The process says how it ends; from then on QEMU is asked for nothing: it holds a lock that it would need. */
static void try_exit(const char *plugin)
{
    install(plugin, "full");
    new_vcpu();
    execute(0, 0, 0x5008);
    system_call(cb.syscall, NULL, 0, 231, 0x2a, 0);
    EQUAL(header->end, END_EXIT);
    EQUAL(header->exit_code, 0x2a);
    header->control = 1;
    wake_node();
    execute(0, 0, 0x5008);
    CHECK(!done);
}

/* ---- what the node wants ---- */

static void want(uint32_t mode)
{
    header->wish.wanted++;
    header->wish.mode = mode;
    header->wish.wanted++;
}

/* Full, count, off and full again: each part in batches of its own codec, in one sequence. */
static void try_control(const char *plugin)
{
    install(plugin, "full");
    new_vcpu();
    EQUAL(header->wish.version, CONTROL_VERSION);
    execute(0, 0, 0x5008);
    execute(0, 1, 0x6010);
    EQUAL(slot(0)->codec, CODEC_FULL_1);
    want(MODE_COUNT);
    system_call(cb.syscall, cb.syscall_ret, 0, 1, 5, 0);
    EQUAL(header->wish.applied, 0);
    exclusive(0);
    EQUAL(header->wish.applied, 2);
    CHECK(header->wish.applied_micros >= header->created_micros);
    EQUAL(slot(0)->changed_at, INSTRUCTIONS);
    EQUAL(slot(0)->sequence, 1);
    execute(0, 0, 0x5008);
    EQUAL(slot(0)->codec, CODEC_COUNT_1);
    EQUAL(instructions(0), INSTRUCTIONS + 3);
    want(MODE_OFF);
    system_call(cb.syscall, cb.syscall_ret, 0, 1, 5, 0);
    exclusive(0);
    EQUAL(header->wish.applied, 4);
    EQUAL(slot(0)->changed_at, INSTRUCTIONS + 3);
    EQUAL(slot(0)->sequence, 2);
    CHECK(!cb.trans && cb.syscall && cb.syscall_ret);
    execute(0, 1, 0x6010);
    system_call(cb.syscall, cb.syscall_ret, 0, 1, 5, 0);
    EQUAL(slot(0)->buffer, RING_NO_BUFFER);
    EQUAL(instructions(0), INSTRUCTIONS + 3);
    /* A wish that is being written is none yet; address ranges choose blocks. */
    header->wish.wanted++;
    header->wish.mode = MODE_FULL;
    header->wish.range_count = 1;
    header->wish.ranges[0][0] = second_code[0].vaddr;
    header->wish.ranges[0][1] = second_code[0].vaddr + 1;
    system_call(cb.syscall, cb.syscall_ret, 0, 1, 5, 0);
    CHECK(!done);
    header->wish.wanted++;
    system_call(cb.syscall, cb.syscall_ret, 0, 1, 5, 0);
    exclusive(0);
    EQUAL(header->wish.applied, 6);
    execute(0, 0, 0x5008);
    execute(0, 1, 0x6010);
    EQUAL(instructions(0), INSTRUCTIONS + 3 + 2);
    EQUAL(slot(0)->accesses, 1);
    EQUAL(slot(0)->codec, CODEC_FULL_1);
    EQUAL(slot(0)->sequence, 2);

    /* A forked child begins with what is in force, and with no wish. */
    pid_t child = fork();
    if (!child) {
        char name[256];
        system_call(NULL, cb.syscall_ret, 0, 57, 0, 0);
        execute(0, 0, 0x5008);
        execute(0, 1, 0x6010);
        EQUAL(rings(name), 2);
        ring = map(name, 0);
        header = (struct ring_header *)(void *)ring;
        EQUAL(header->mode, MODE_FULL);
        EQUAL(header->wish.wanted, 0);
        EQUAL(header->wish.applied, 0);
        EQUAL(header->wish.range_count, 1);
        EQUAL(instructions(0), 2);
        _exit(0);
    }
    int status;
    CHECK(waitpid(child, &status, 0) == child && !status);
}

/* Nothing of ours is in the code that QEMU makes of these blocks: no call, no addition. */
static void translates_as_without_us(void)
{
    for (size_t b = 0; b < sizeof blocks / sizeof *blocks; b++) {
        const struct qemu_plugin_tb *tb = &blocks[b];
        CHECK(tb->translated);
        CHECK(!tb->exec);
        EQUAL(tb->inlines.count, 0);
        for (size_t i = 0; i < tb->n; i++) {
            EQUAL(tb->insn[i].execs, 0);
            CHECK(!tb->insn[i].mem);
            EQUAL(tb->insn[i].inlines[0].count, 0);
            EQUAL(tb->insn[i].inlines[1].count, 0);
        }
    }
}

/* Executes both blocks, INSTRUCTIONS in all. */
static void round_of(int vcpu)
{
    execute(vcpu, 0, 0x5008);
    execute(vcpu, 1, 0x6010);
}

/* Off costs nothing where the guest's time goes, from the start as after a change, in user mode as in system emulation. */
static void try_off(const char *plugin)
{
    install(plugin, "off");
    new_vcpu();
    round_of(0);
    translates_as_without_us();
    CHECK(!cb.trans);
    want(MODE_FULL);
    system_call(cb.syscall, cb.syscall_ret, 0, 1, 5, 0);
    exclusive(0);
    round_of(0);
    CHECK(blocks[0].exec);
    EQUAL(instructions(0), INSTRUCTIONS);
    want(MODE_OFF);
    system_call(cb.syscall, cb.syscall_ret, 0, 1, 5, 0);
    exclusive(0);
    round_of(0);
    translates_as_without_us();
    CHECK(!cb.trans);
    EQUAL(instructions(0), INSTRUCTIONS);
}

static void try_system_off(const char *plugin)
{
    is_system = 1;
    install(plugin, "off");
    new_vcpu();
    round_of(0);
    translates_as_without_us();
    CHECK(!cb.trans);
    EQUAL(slot(0)->buffer, RING_NO_BUFFER);
}

static uint64_t recorded(int vcpu)
{
    const struct ring_slot *s = slot(vcpu);
    return s->executed_instructions + s->instructions + s->progress;
}

static void want_now(void)
{
    want(MODE_FULL);
    system_call(cb.syscall, cb.syscall_ret, 0, 1, 5, 0);
    exclusive(0);
    EQUAL(header->wish.applied, header->wish.wanted);
}

/* Every instruction is recorded or passed over, as the windows say by its number; of a vCPU that is not asked for, neither. */
static void try_windows(const char *plugin)
{
    struct ring_control *wish;
    install(plugin, "full");
    wish = &header->wish;
    new_vcpu();
    new_vcpu();
    round_of(0); /* 0 to 4 */
    wish->window_count = 1;
    wish->windows[0][0] = 2 * INSTRUCTIONS;
    wish->windows[0][1] = INSTRUCTIONS;
    want_now();
    round_of(0);
    EQUAL(recorded(0), INSTRUCTIONS);
    EQUAL(slot(0)->passed_instructions, INSTRUCTIONS);
    EQUAL(slot(0)->accesses, 0);
    round_of(0);
    EQUAL(recorded(0), 2 * INSTRUCTIONS);
    EQUAL(slot(0)->accesses, ACCESSES);
    round_of(0);
    round_of(1);
    EQUAL(recorded(0), 2 * INSTRUCTIONS);
    EQUAL(slot(0)->passed_instructions, 2 * INSTRUCTIONS);
    EQUAL(recorded(1), 0);
    EQUAL(slot(1)->passed_instructions, INSTRUCTIONS);
    /* What was recorded leaves when the node asks for it, though no block is recorded any more. */
    EQUAL(slot(0)->sequence, 1);
    header->flush_epoch++;
    execute(0, 0, 0x5008);
    execute(0, 1, 0x6010);
    EQUAL(slot(0)->sequence, 2);
    EQUAL(slot(0)->passed_instructions, 3 * INSTRUCTIONS);

    /* The first of every three rounds; vCPU 0 is at number 5 rounds, vCPU 1 at 1. */
    wish->windows[0][0] = 0;
    wish->windows[0][2] = 3 * INSTRUCTIONS;
    want_now();
    round_of(0);
    EQUAL(slot(0)->passed_instructions, 4 * INSTRUCTIONS);
    for (int i = 0; i < 6; i++)
        round_of(0);
    EQUAL(recorded(0), 4 * INSTRUCTIONS);
    EQUAL(slot(0)->passed_instructions, 8 * INSTRUCTIONS);
    for (int i = 0; i < 3; i++)
        round_of(1);
    EQUAL(recorded(1), INSTRUCTIONS);
    EQUAL(slot(1)->passed_instructions, 3 * INSTRUCTIONS);

    wish->window_count = 0;
    wish->vcpu_count = 1;
    wish->vcpus[0] = 1;
    want_now();
    round_of(0);
    round_of(1);
    system_call(cb.syscall, cb.syscall_ret, 0, 1, 5, 0);
    EQUAL(slot(0)->buffer, RING_NO_BUFFER);
    EQUAL(recorded(0), 4 * INSTRUCTIONS);
    EQUAL(slot(0)->passed_instructions, 8 * INSTRUCTIONS);
    EQUAL(recorded(1), 2 * INSTRUCTIONS);
    EQUAL(slot(1)->passed_instructions, 3 * INSTRUCTIONS);
}

/* ---- counting in line ---- */

struct sums {
    uint64_t instructions, loads, stores;
};

static const struct tally_vcpu *tally_vcpu(unsigned int place)
{
    return (const struct tally_vcpu *)(const void *)(ring + header->tally_offset + sizeof(struct tally)) + place;
}

/* What a vCPU's counters stand for, told by their descriptions alone. */
static struct sums tally_sums(unsigned int place)
{
    const struct tally *t = (const struct tally *)(const void *)(ring + header->tally_offset);
    const uint64_t *counts = tally_vcpu(place)->counts;
    struct sums sums = {0};
    for (uint32_t k = 0; k < TALLY_COUNTERS; k++) {
        sums.instructions += counts[k] * t->counters[k].weight;
        sums.loads += counts[k] * (uint64_t)(int64_t)t->counters[k].loads;
        sums.stores += counts[k] * (uint64_t)(int64_t)t->counters[k].stores;
    }
    return sums;
}

static void check_tally(uint64_t first, uint64_t second)
{
    struct sums sums = tally_sums(0);
    EQUAL(sums.instructions, 3 * first + 2 * second);
    EQUAL(sums.loads, first);
    EQUAL(sums.stores, second);
}

static void try_count(const char *plugin)
{
    const uint64_t rounds = 40000; /* enough for the plugin to have learned what it can */
    install(plugin, "count");
    new_vcpu();
    for (uint64_t k = 0; k < rounds; k++) {
        execute(0, 0, 0x5008);
        execute(0, 1, 0x6010);
    }
    EQUAL(header->tally_state, TALLY_OPEN);
    EQUAL(header->tally_blocks, 2);
    check_tally(rounds, rounds);
    CHECK(first_code[1].mem && second_code[0].mem);
    exclusive(0);
    execute(0, 0, 0x5008);
    execute(0, 1, 0x6010);
    CHECK(!first_code[1].mem && !second_code[0].mem); /* no callback is left */
    EQUAL(header->tally_blocks, 2);
    check_tally(rounds + 1, rounds + 1);
    system_call(cb.syscall, cb.syscall_ret, 0, 1, 5, -11);
    const struct tally_vcpu *t = tally_vcpu(0);
    EQUAL(t->syscalls[0].number, 1);
    EQUAL(t->syscalls[0].counts[0], 1);
    EQUAL(t->syscalls[0].counts[2], 1);
    EQUAL(slot(0)->buffer, RING_NO_BUFFER);

    /* A forked child goes on with the same code and counts its own. */
    pid_t child = fork();
    if (!child) {
        char name[256];
        execute(0, 1, 0x6010);
        EQUAL(rings(name), 2);
        ring = map(name, 0);
        header = (struct ring_header *)(void *)ring;
        EQUAL(header->tally_state, TALLY_OPEN);
        struct sums sums = tally_sums(0);
        EQUAL(sums.instructions, 2);
        EQUAL(sums.loads, 0);
        EQUAL(sums.stores, 1);
        _exit(0);
    }
    int status;
    CHECK(waitpid(child, &status, 0) == child && !status);
    check_tally(rounds + 1, rounds + 1);

#if LEVEL < 2
    /* A second vCPU ends it; what the first one does from now on is in batches that follow. */
    new_vcpu();
    EQUAL(header->tally_state, TALLY_CLOSED);
    EQUAL(header->tally_rest, 1);
    EQUAL(slot(0)->sequence, 1);
    EQUAL(instructions(0), (rounds + 1) * INSTRUCTIONS);
    flush_now();
    execute(0, 0, 0x5008);
    execute(1, 1, 0x6010);
    check_tally(rounds + 1, rounds + 1);
    EQUAL(instructions(0), (rounds + 1) * INSTRUCTIONS + 3);
    EQUAL(instructions(1), 2);
#endif
}

#if LEVEL < 2
/* QEMU flushes its code before it translates for several threads, which counting in line could not bear. */
static void try_count_flush(const char *plugin)
{
    install(plugin, "count");
    new_vcpu();
    execute(0, 0, 0x5008);
    flush_now();
    execute(0, 0, 0x5008);
    EQUAL(header->tally_state, TALLY_CLOSED);
    EQUAL(instructions(0), 6);
}
#else
static void round_of_both(int vcpu)
{
    execute(vcpu, 0, 0x5008);
    execute(vcpu, 1, 0x6010);
}

/* Threads count on scoreboards, each its own, and what one thread counted is not the next one's. */
static void try_count_threads(const char *plugin)
{
    const uint64_t rounds = 40000;
    install(plugin, "count");
    new_vcpu();
    for (uint64_t k = 0; k < rounds; k++)
        round_of_both(0);
    exclusive(0);
    round_of_both(0);
    CHECK(!first_code[1].mem && !second_code[0].mem);
    EQUAL(header->tally_blocks, 2);

    /* QEMU flushes its code before it translates for several threads; it is another translation, of which nothing is known yet. */
    flush_now();
    round_of_both(0);
    CHECK(first_code[1].mem && second_code[0].mem);
    EQUAL(header->tally_blocks, 4);
    /* The thread may begin before the flush. */
    new_vcpu();
    forget_code();
    EQUAL(header->tally_state, TALLY_OPEN);
    for (uint64_t k = 0; k < rounds; k++)
        round_of_both(1);
    CHECK(first_code[1].mem && second_code[0].mem);
    EQUAL(header->tally_blocks, 6);
    exclusive(0);
    round_of_both(1);
    round_of_both(0);
    CHECK(!first_code[1].mem && !second_code[0].mem);
    EQUAL(header->tally_blocks, 6);
    EQUAL(tally_sums(0).instructions, (rounds + 3) * INSTRUCTIONS);
    EQUAL(tally_sums(0).loads, rounds + 3);
    EQUAL(tally_sums(1).instructions, (rounds + 1) * INSTRUCTIONS);
    EQUAL(tally_sums(1).stores, rounds + 1);

    /* The node has what the exited thread counted: the next one goes on. */
    struct tally_vcpu *place = (struct tally_vcpu *)(uintptr_t)tally_vcpu(1);
    EQUAL(place->generation, 0);
    tell(cb.exit, 1);
    EQUAL(place->ended, 1);
    place->settled = 1;
    tell(cb.init, 1);
    EQUAL(place->generation, 1);
    EQUAL(slot(1)->generation, 1);
    EQUAL(header->tally_state, TALLY_OPEN);
    CHECK(!done);
    round_of_both(1);
    EQUAL(tally_sums(1).instructions, (rounds + 2) * INSTRUCTIONS);

    /* It has not: the tally closes before the next thread executes anything. */
    tell(cb.exit, 1);
    EQUAL(place->ended, 2);
    tell(cb.init, 1);
    exclusive(0);
    EQUAL(header->tally_state, TALLY_CLOSED);
    EQUAL(place->generation, 1);
    EQUAL(slot(1)->generation, 2);
    EQUAL(slot(1)->sequence, 1);
    round_of_both(1);
    EQUAL(tally_sums(1).instructions, (rounds + 2) * INSTRUCTIONS);
    EQUAL(instructions(1), (rounds + 3) * INSTRUCTIONS);
    EQUAL(instructions(0), (rounds + 3) * INSTRUCTIONS);
}

/* There are places for 16 threads at a time; for one more QEMU moves its scoreboards, of which the ring has only the old ones. */
static void try_count_many(const char *plugin)
{
    install(plugin, "count");
    for (int vcpu = 0; vcpu < (int)TALLY_VCPUS; vcpu++) {
        new_vcpu();
        round_of_both(vcpu);
    }
    EQUAL(header->tally_state, TALLY_OPEN);
    flush_now();
    round_of_both(15);
    EQUAL(header->tally_state, TALLY_OPEN);
    EQUAL(tally_sums(15).instructions, 2 * INSTRUCTIONS);
    created++;
    grow_scores();
    EQUAL(header->tally_state, TALLY_CLOSED);
    tell(cb.init, TALLY_VCPUS);
    round_of_both(15);
    round_of_both(16);
    EQUAL(tally_sums(15).instructions, 2 * INSTRUCTIONS);
    EQUAL(instructions(15), 3 * INSTRUCTIONS);
    EQUAL(instructions(16), INSTRUCTIONS);
}
#endif

/* One thread for all vCPUs: from 10.0 on plugins are told wrong ones. */
static void try_one_thread(const char *plugin)
{
    pid_t child = fork();
    if (!child) {
        is_system = 1;
        install(plugin, "full");
        created = VCPUS;
        tell(cb.init, 0);
        tell(cb.init, 1);
        _exit(0);
    }
    int status;
    CHECK(waitpid(child, &status, 0) == child && WIFEXITED(status));
    EQUAL(WEXITSTATUS(status), LEVEL >= 4);
}

/* Each part in a process and a directory of its own. */
static int part(void (*what)(const char *), const char *name, const char *plugin, const char *parent)
{
    char path[4096];
    fflush(NULL);
    pid_t child = fork();
    if (!child) {
        snprintf(path, sizeof path, "%s/%s-%d", parent, name, LEVEL);
        CHECK(!mkdir(path, 0700));
        directory = path;
        what(plugin);
        exit(0);
    }
    int status;
    CHECK(waitpid(child, &status, 0) == child);
    if (status)
        fprintf(stderr, "fake-qemu %d: %s: %s %d\n", LEVEL, name, WIFSIGNALED(status) ? "signal" : "exit code",
                WIFSIGNALED(status) ? WTERMSIG(status) : WEXITSTATUS(status));
    return status != 0;
}

int main(int argc, char **argv)
{
    CHECK(argc == 3);
    char *plugin = realpath(argv[1], NULL), *parent = realpath(argv[2], NULL);
    CHECK(plugin && parent);
    return part(try_system, "system", plugin, parent) | part(try_user, "user", plugin, parent) |
           part(try_exit, "exit", plugin, parent) | part(try_control, "control", plugin, parent) | part(try_windows, "windows", plugin, parent) |
           part(try_one_thread, "one-thread", plugin, parent) | part(try_off, "off", plugin, parent) | part(try_system_off, "system-off", plugin, parent) |
           part(try_count, "count", plugin, parent) |
#if LEVEL < 2
           part(try_count_flush, "count-flush", plugin, parent);
#else
           part(try_count_threads, "count-threads", plugin, parent) | part(try_count_many, "count-many", plugin, parent);
#endif
}
