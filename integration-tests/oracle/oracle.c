/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The oracle: the simplest counter there can be, loaded into the same QEMU process as Tracefleet's plugin, to say what
 * the true numbers are. One callback for every instruction, every block and every access; each adds one. In system
 * emulation every access asks QEMU where it went. It shares no code with the plugin that it judges.
 *
 * Argument: out=FILE. A forked child of user-mode QEMU starts from zero in FILE.PID.
 */
#define _GNU_SOURCE
#include "oracle.h"

#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

/* ---- QEMU's plugin interface, as far as it is used here, API versions 0 to 7 ---- */

#define EXPORT __attribute__((visibility("default")))
typedef uint64_t plugin_id;
struct qemu_plugin_tb;
struct qemu_plugin_insn;
struct qemu_plugin_hwaddr;
struct qemu_info {
    const char *target_name;
    struct {
        int min, cur;
    } version;
    bool system_emulation;
    struct {
        int smp_vcpus, max_vcpus;
    } system;
};
enum { CB_NO_REGS = 0, MEM_RW = 3 };

typedef void vcpu_udata_fn(unsigned int vcpu, void *userdata);
typedef void mem_fn(unsigned int vcpu, uint32_t info, uint64_t vaddr, void *userdata);
typedef void any_fn(void);

/* Declared without the callback's type, which differs between versions; from 7 on each has a user data argument. */
void qemu_plugin_register_vcpu_init_cb(plugin_id, any_fn *, void *);
void qemu_plugin_register_vcpu_idle_cb(plugin_id, any_fn *, void *);
void qemu_plugin_register_vcpu_resume_cb(plugin_id, any_fn *, void *);
void qemu_plugin_register_vcpu_tb_trans_cb(plugin_id, any_fn *, void *);
void qemu_plugin_register_vcpu_syscall_cb(plugin_id, any_fn *, void *);
void qemu_plugin_register_vcpu_syscall_ret_cb(plugin_id, any_fn *, void *);
void qemu_plugin_register_atexit_cb(plugin_id, any_fn *, void *);

void qemu_plugin_register_vcpu_tb_exec_cb(struct qemu_plugin_tb *, vcpu_udata_fn *, int, void *);
void qemu_plugin_register_vcpu_insn_exec_cb(struct qemu_plugin_insn *, vcpu_udata_fn *, int, void *);
void qemu_plugin_register_vcpu_mem_cb(struct qemu_plugin_insn *, mem_fn *, int, int, void *);
size_t qemu_plugin_tb_n_insns(const struct qemu_plugin_tb *);
uint64_t qemu_plugin_tb_vaddr(const struct qemu_plugin_tb *);
struct qemu_plugin_insn *qemu_plugin_tb_get_insn(const struct qemu_plugin_tb *, size_t);
unsigned int qemu_plugin_mem_size_shift(uint32_t);
bool qemu_plugin_mem_is_store(uint32_t);
struct qemu_plugin_hwaddr *qemu_plugin_get_hwaddr(uint32_t, uint64_t);
bool qemu_plugin_hwaddr_is_io(const struct qemu_plugin_hwaddr *);
uint64_t qemu_plugin_hwaddr_phys_addr(const struct qemu_plugin_hwaddr *);
const char *qemu_plugin_hwaddr_device_name(const struct qemu_plugin_hwaddr *);

EXPORT int qemu_plugin_version;
EXPORT int qemu_plugin_install(plugin_id, const struct qemu_info *, int, char **);

/* Runs before QEMU reads qemu_plugin_version. From 11.0 on only the environment can tell which version to claim. */
__attribute__((constructor)) static void claim_version(void)
{
    const char *told = getenv("TRACEFLEET_PLUGIN_API");
    if (told && *told)
        qemu_plugin_version = atoi(told);
    else
        qemu_plugin_version = dlsym(RTLD_DEFAULT, "qemu_plugin_scoreboard_new") ? 2 : 0;
}

/* ---- the counts ---- */

static struct oracle *counts;
static struct life *now[MAX_VCPUS]; /* the life that each vCPU index lives; NULL: not seen in this process */
static char out[4096];
/* Held to change a table. The adding of ones needs no lock: only one thread runs a vCPU. */
static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;

static uint32_t overflow(const char *table)
{
    if (!counts->overflow)
        fprintf(stderr, "oracle: too many %s\n", table);
    counts->overflow = 1;
    return 0;
}

static void begin_life(unsigned int vcpu)
{
    pthread_mutex_lock(&lock);
    if (vcpu >= MAX_VCPUS || counts->lives >= MAX_LIVES) {
        overflow("vCPUs");
        abort();
    }
    struct life *life = &counts->life[counts->lives];
    life->vcpu = vcpu;
    life->generation = now[vcpu] ? now[vcpu]->generation + 1 : 0;
    counts->lives++;
    if (vcpu >= counts->vcpus)
        counts->vcpus = vcpu + 1;
    now[vcpu] = life;
    pthread_mutex_unlock(&lock);
}

static struct life *life_of(unsigned int vcpu)
{
    /* The thread that forked goes on in the child without an init callback. */
    if (vcpu >= MAX_VCPUS || !now[vcpu])
        begin_life(vcpu);
    return now[vcpu];
}

static uint32_t block_number(uint64_t vaddr, uint64_t instructions)
{
    pthread_mutex_lock(&lock);
    uint64_t hash = (vaddr * 8 + instructions) * UINT64_C(0x9e3779b97f4a7c15);
    uint32_t number = 0;
    for (uint64_t i = hash >> 41;; i = (i + 1) % BLOCK_INDEX) {
        uint32_t entry = counts->block_index[i];
        if (!entry) {
            number = counts->blocks;
            if (number >= MAX_BLOCKS) {
                number = overflow("blocks");
                break;
            }
            counts->block[number].vaddr = vaddr;
            counts->block[number].instructions = instructions;
            counts->blocks++;
            counts->block_index[i] = number + 1;
            break;
        }
        const struct block *b = &counts->block[entry - 1];
        if (b->vaddr == vaddr && b->instructions == instructions) {
            number = entry - 1;
            break;
        }
    }
    pthread_mutex_unlock(&lock);
    return number;
}

static uint32_t device_number(const char *name)
{
    pthread_mutex_lock(&lock);
    uint32_t d = 1;
    while (d < counts->devices && strncmp(counts->device[d], name, 255) != 0)
        d++;
    if (d == MAX_DEVICES) {
        d = overflow("devices");
    } else if (d == counts->devices) {
        strncpy(counts->device[d], name, 255);
        counts->devices++;
    }
    pthread_mutex_unlock(&lock);
    return d;
}

static void add(struct traffic *t, bool store, uint64_t bytes)
{
    if (store) {
        t->writes++;
        t->write_bytes += bytes;
    } else {
        t->reads++;
        t->read_bytes += bytes;
    }
}

static struct traffic *page_of(struct vcpu *v, uint64_t address)
{
    uint64_t key = (address & ~UINT64_C(0xfff)) + 1;
    for (uint64_t i = address >> 12, n = 0; n < MAX_PAGES; i++, n++) {
        struct page *p = &v->pages[i % MAX_PAGES];
        if (!p->key)
            p->key = key;
        if (p->key == key)
            return &p->traffic;
    }
    overflow("pages");
    return &v->pages[0].traffic;
}

/* ---- callbacks ---- */

static void on_instruction(unsigned int vcpu, void *number)
{
    life_of(vcpu)->instructions++;
    counts->vcpu[vcpu].dispatched[(uintptr_t)number]++;
}

static void on_block(unsigned int vcpu, void *number)
{
    life_of(vcpu)->blocks++;
    counts->vcpu[vcpu].executions[(uintptr_t)number]++;
}

static void on_access(unsigned int vcpu, uint32_t info, uint64_t vaddr, void *unused)
{
    (void)unused;
    bool store = qemu_plugin_mem_is_store(info);
    unsigned int shift = qemu_plugin_mem_size_shift(info) & 7;
    life_of(vcpu)->accesses[store][shift]++;
    if (!counts->system)
        return;
    struct vcpu *v = &counts->vcpu[vcpu];
    const struct qemu_plugin_hwaddr *hw = qemu_plugin_get_hwaddr(info, vaddr);
    if (!hw) {
        add(&v->devices[device_number("(no hwaddr)")], store, UINT64_C(1) << shift);
    } else if (qemu_plugin_hwaddr_is_io(hw)) {
        add(&v->devices[device_number(qemu_plugin_hwaddr_device_name(hw))], store, UINT64_C(1) << shift);
    } else {
        add(&v->devices[0], store, UINT64_C(1) << shift);
        add(page_of(v, qemu_plugin_hwaddr_phys_addr(hw)), store, UINT64_C(1) << shift);
    }
}

static void translated(struct qemu_plugin_tb *tb)
{
    size_t n = qemu_plugin_tb_n_insns(tb);
    uintptr_t number = block_number(qemu_plugin_tb_vaddr(tb), n);
    qemu_plugin_register_vcpu_tb_exec_cb(tb, on_block, CB_NO_REGS, (void *)number);
    for (size_t i = 0; i < n; i++) {
        struct qemu_plugin_insn *insn = qemu_plugin_tb_get_insn(tb, i);
        qemu_plugin_register_vcpu_insn_exec_cb(insn, on_instruction, CB_NO_REGS, (void *)number);
        qemu_plugin_register_vcpu_mem_cb(insn, on_access, CB_NO_REGS, MEM_RW, NULL);
    }
}

static struct syscall_count *syscall_of(int64_t number)
{
    for (uint64_t i = (uint64_t)number, n = 0; n < MAX_SYSCALLS; i++, n++) {
        struct syscall_count *s = &counts->syscall[i % MAX_SYSCALLS];
        if (!s->used) {
            s->number = number;
            s->used = 1;
        }
        if (s->number == number)
            return s;
    }
    overflow("system calls");
    return &counts->syscall[0];
}

static void entered(int64_t number)
{
    pthread_mutex_lock(&lock);
    syscall_of(number)->entries++;
    pthread_mutex_unlock(&lock);
}

static void returned(int64_t number, int64_t value)
{
    pthread_mutex_lock(&lock);
    struct syscall_count *s = syscall_of(number);
    s->returns++;
    /* -512: will be issued again; -513: a signal handler returned. Both are QEMU's own. */
    if (value >= -4095 && value <= -1 && value != -512 && value != -513)
        s->errors++;
    pthread_mutex_unlock(&lock);
}

/* API 0 to 6 pass the plugin's id first, API 7 our user data last. */
static void init_0(plugin_id id, unsigned int vcpu) { (void)id; begin_life(vcpu); }
static void init_7(unsigned int vcpu, void *u) { (void)u; begin_life(vcpu); }
static void idle_0(plugin_id id, unsigned int vcpu) { (void)id; life_of(vcpu)->idles++; }
static void idle_7(unsigned int vcpu, void *u) { (void)u; life_of(vcpu)->idles++; }
static void resume_0(plugin_id id, unsigned int vcpu) { (void)id; life_of(vcpu)->resumes++; }
static void resume_7(unsigned int vcpu, void *u) { (void)u; life_of(vcpu)->resumes++; }
static void trans_0(plugin_id id, struct qemu_plugin_tb *tb) { (void)id; translated(tb); }
static void trans_7(struct qemu_plugin_tb *tb, void *u) { (void)u; translated(tb); }
static void syscall_0(plugin_id id, unsigned int vcpu, int64_t n) { (void)id; (void)vcpu; entered(n); }
static void syscall_7(unsigned int vcpu, int64_t n) { (void)vcpu; entered(n); }
static void ret_0(plugin_id id, unsigned int vcpu, int64_t n, int64_t v) { (void)id; (void)vcpu; returned(n, v); }
static void ret_7(unsigned int vcpu, int64_t n, int64_t v, void *u) { (void)vcpu; (void)u; returned(n, v); }
static void exit_0(plugin_id id, void *u) { (void)id; (void)u; counts->exited = 1; }
static void exit_7(void *u) { (void)u; counts->exited = 1; }

/* ---- the file ---- */

static int map_file(const char *path, void *where)
{
    int fd = open(path, O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
    if (fd < 0)
        return errno;
    int error = 0;
    if (ftruncate(fd, sizeof *counts) < 0) {
        error = errno;
    } else {
        void *p = mmap(where, sizeof *counts, PROT_READ | PROT_WRITE,
                       MAP_SHARED | MAP_NORESERVE | (where ? MAP_FIXED : 0), fd, 0);
        if (p == MAP_FAILED)
            error = errno;
        else
            counts = p;
    }
    close(fd); /* the guest must not find a descriptor of ours */
    return error;
}

static void before_fork(void) { pthread_mutex_lock(&lock); }
static void in_parent(void) { pthread_mutex_unlock(&lock); }

static void in_child(void)
{
    /* Translated code keeps the numbers of the blocks, so those are copied; nothing else is. */
    uint32_t blocks = counts->blocks, devices = counts->devices;
    struct oracle *old = counts;
    char path[sizeof out + 16];
    snprintf(path, sizeof path, "%s.%d", out, (int)getpid());
    int error = map_file(path, NULL);
    if (error) {
        fprintf(stderr, "oracle: %s: %s\n", path, strerror(error));
        abort();
    }
    memcpy(counts->block, old->block, blocks * sizeof counts->block[0]);
    counts->blocks = blocks;
    for (uint32_t n = 0; n < blocks; n++) {
        uint64_t hash = (counts->block[n].vaddr * 8 + counts->block[n].instructions) * UINT64_C(0x9e3779b97f4a7c15);
        uint64_t i = hash >> 41;
        while (counts->block_index[i])
            i = (i + 1) % BLOCK_INDEX;
        counts->block_index[i] = n + 1;
    }
    memcpy(counts->device, old->device, devices * sizeof counts->device[0]);
    counts->devices = devices;
    memcpy(counts->target, old->target, sizeof counts->target);
    counts->api_min = old->api_min;
    counts->api_current = old->api_current;
    counts->system = old->system;
    counts->parent_pid = old->pid;
    counts->pid = (uint32_t)getpid();
    counts->magic = ORACLE_MAGIC;
    munmap(old, sizeof *old);
    memset(now, 0, sizeof now);
    pthread_mutex_unlock(&lock);
}

int qemu_plugin_install(plugin_id id, const struct qemu_info *info, int argc, char **argv)
{
    for (int i = 0; i < argc; i++) {
        if (strncmp(argv[i], "out=", 4) == 0 && strlen(argv[i]) - 4 < sizeof out) {
            strcpy(out, argv[i] + 4);
        } else {
            fprintf(stderr, "oracle: bad argument %s; only out=FILE is known\n", argv[i]);
            return 1;
        }
    }
    if (!*out) {
        fprintf(stderr, "oracle: out=FILE is missing\n");
        return 1;
    }
    int error = map_file(out, NULL);
    if (error) {
        fprintf(stderr, "oracle: %s: %s\n", out, strerror(error));
        return 1;
    }
    /* A guest may change directory before it forks. */
    char *absolute = realpath(out, NULL);
    if (absolute && strlen(absolute) < sizeof out)
        strcpy(out, absolute);
    free(absolute);
    counts->pid = (uint32_t)getpid();
    counts->api_min = (uint32_t)info->version.min;
    counts->api_current = (uint32_t)info->version.cur;
    counts->system = info->system_emulation;
    counts->devices = 1;
    strcpy(counts->device[0], "RAM");
    strncpy(counts->target, info->target_name, sizeof counts->target - 1);
    counts->magic = ORACLE_MAGIC;

    bool seven = info->version.cur >= 7;
#define PICK(name) (seven ? (any_fn *)name##_7 : (any_fn *)name##_0)
    qemu_plugin_register_vcpu_init_cb(id, PICK(init), NULL);
    qemu_plugin_register_vcpu_idle_cb(id, PICK(idle), NULL);
    qemu_plugin_register_vcpu_resume_cb(id, PICK(resume), NULL);
    qemu_plugin_register_vcpu_tb_trans_cb(id, PICK(trans), NULL);
    qemu_plugin_register_vcpu_syscall_cb(id, PICK(syscall), NULL);
    qemu_plugin_register_vcpu_syscall_ret_cb(id, PICK(ret), NULL);
    qemu_plugin_register_atexit_cb(id, PICK(exit), NULL);
    if (!info->system_emulation)
        pthread_atfork(before_fork, in_parent, in_child);
    return 0;
}
