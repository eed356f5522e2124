/* SPDX-License-Identifier: GPL-2.0-or-later */
#define _GNU_SOURCE
#include "writer.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <linux/futex.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/random.h>
#include <sys/statvfs.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

#include "api.h"
#include "control.h"
#include "tally.h"

#ifndef MADV_POPULATE_WRITE
#define MADV_POPULATE_WRITE 23
#endif

#define BUFFER_SIZE (224u * 4096u)
#define BUFFERS_MOST 2048u
/* A forked child's ring starts small: most children are short. Its vCPUs add to it. */
#define CHILD_BUFFERS 4u

/* Room of each column, bytes, in the order of docs/trace-format.md; the rest of the buffer goes to the last one named. */
static const uint32_t full_columns[] = {128 * 1024, 240 * 1024, 448 * 1024, 64 * 1024, 15 * 1024};
static const uint32_t count_columns[] = {544 * 1024, 288 * 1024, 16 * 1024, 47 * 1024};

#define DESCRIPTORS_OFFSET (RING_HEADER_SIZE + (uint64_t)(VCPU_SLOTS + 1) * RING_SLOT_SIZE)
#define BUFFERS_OFFSET ((DESCRIPTORS_OFFSET + (uint64_t)BUFFERS_MOST * RING_DESCRIPTOR_SIZE + 4095) & ~UINT64_C(4095))
#define TALLY_OFFSET (BUFFERS_OFFSET + (uint64_t)BUFFERS_MOST * BUFFER_SIZE)
#define TALLY_VCPUS_OFFSET (TALLY_OFFSET + sizeof(struct tally))
#define RING_SIZE (TALLY_VCPUS_OFFSET + TALLY_VCPUS * sizeof(struct tally_vcpu)) /* sparse: memory is taken when first used */

struct writer writer;

uint64_t writer_now_micros(void) {
    struct timespec now;
    clock_gettime(CLOCK_REALTIME, &now);
    return (uint64_t)now.tv_sec * 1000000u + (uint64_t)now.tv_nsec / 1000u;
}

static uint64_t monotonic_nanos(void) {
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (uint64_t)now.tv_sec * UINT64_C(1000000000) + (uint64_t)now.tv_nsec;
}

struct ring_slot *writer_slot(uint32_t index) {
    return (struct ring_slot *)(writer.map + RING_HEADER_SIZE + (uint64_t)index * RING_SLOT_SIZE);
}

static struct ring_descriptor *descriptor(uint32_t index) {
    return (struct ring_descriptor *)(writer.map + writer.header->descriptors_offset +
                                      (uint64_t)index * RING_DESCRIPTOR_SIZE);
}

struct tally *writer_tally(void) { return (struct tally *)(void *)(writer.map + TALLY_OFFSET); }

struct tally_vcpu *writer_tally_vcpu(uint32_t place) {
    return (struct tally_vcpu *)(void *)(writer.map + TALLY_VCPUS_OFFSET) + place;
}

uint8_t *writer_buffer(uint32_t index) {
    return writer.map + writer.header->buffers_offset + (uint64_t)index * BUFFER_SIZE;
}

/*
 * Touching a page that a full tmpfs cannot give kills the process with SIGBUS; asking for it first does not. Kernels
 * before 5.14 do not know the question: there the first touch is the test.
 */
bool writer_populate(void *at, size_t size) {
    uintptr_t begin = (uintptr_t)at & ~(uintptr_t)4095;
    if (!madvise((void *)begin, (uintptr_t)at + size - begin, MADV_POPULATE_WRITE)) return true;
    return errno == EINVAL;
}

static uint64_t process_start(void) {
    char text[1024];
    int fd = open("/proc/self/stat", O_RDONLY | O_CLOEXEC);
    if (fd < 0) return 0;
    ssize_t n = read(fd, text, sizeof text - 1);
    close(fd);
    if (n <= 0) return 0;
    text[n] = '\0';
    char *p = strrchr(text, ')'); /* the command may hold spaces and brackets */
    for (int field = 2; p && field < 22; field++) p = strchr(p + 1, ' ');
    return p ? strtoull(p + 1, NULL, 10) : 0;
}

static void format_uuid(const uint8_t id[16], char to[37]) {
    static const char digits[] = "0123456789abcdef";
    for (int i = 0; i < 16; i++) {
        if (i == 4 || i == 6 || i == 8 || i == 10) *to++ = '-';
        *to++ = digits[id[i] >> 4];
        *to++ = digits[id[i] & 15];
    }
    *to = '\0';
}

static void new_uuid(uint8_t id[16]) {
    uint64_t millis = writer_now_micros() / 1000;
    if (getrandom(id, 16, GRND_NONBLOCK) != 16) {
        uint64_t a = monotonic_nanos() * UINT64_C(0x9e3779b97f4a7c15), b = a ^ (uint64_t)getpid() << 32;
        memcpy(id, &a, 8);
        memcpy(id + 8, &b, 8);
    }
    for (int i = 0; i < 6; i++) id[i] = (uint8_t)(millis >> (40 - 8 * i));
    id[6] = (uint8_t)((id[6] & 0x0f) | 0x70);
    id[8] = (uint8_t)((id[8] & 0x3f) | 0x80);
}

static void lay_out_columns(const uint32_t *room, size_t columns, uint32_t *offset, uint32_t *capacity) {
    uint32_t at = RING_SLOT_SIZE;
    for (size_t c = 0; c < RING_COLUMNS; c++) {
        offset[c] = at;
        capacity[c] = c < columns ? room[c] : 0;
        at += capacity[c];
    }
}

static bool map_doorbell(const char *dir) {
    char path[PATH_MAX];
    if (snprintf(path, sizeof path, "%s/doorbell", dir) >= (int)sizeof path) return false;
    int fd = open(path, O_RDWR | O_CLOEXEC);
    if (fd < 0) return false;
    void *map = mmap(NULL, DOORBELL_SIZE, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
    close(fd);
    if (map == MAP_FAILED) return false;
    writer.doorbell = map;
    return writer.doorbell->magic == DOORBELL_MAGIC;
}

static void initialise(uint8_t *map, const uint8_t run_id[16], uint32_t buffers, const struct ring_header *model,
                       const uint8_t parent[16]) {
    struct ring_header *h = (struct ring_header *)map;
    *h = *model;
    h->magic = 0;
    h->version = RING_VERSION;
    h->header_size = RING_HEADER_SIZE;
    memcpy(h->run_id, run_id, 16);
    memcpy(h->parent_run_id, parent, 16);
    h->pid = (uint32_t)getpid();
    h->process_start = process_start();
    h->created_micros = writer_now_micros();
    h->vcpu_slots = VCPU_SLOTS;
    h->descriptors_offset = DESCRIPTORS_OFFSET;
    h->buffers_offset = BUFFERS_OFFSET;
    h->buffer_size = BUFFER_SIZE;
    h->buffer_count = BUFFERS_MOST;
    h->buffer_limit = buffers;
    h->tally_offset = TALLY_OFFSET;
    lay_out_columns(full_columns, sizeof full_columns / 4, h->column_offset, h->column_capacity);
    lay_out_columns(count_columns, sizeof count_columns / 4, h->count_column_offset, h->count_column_capacity);
    __atomic_store_n(&h->magic, RING_MAGIC, __ATOMIC_RELEASE);
}

/* Makes and maps the file. Its name ends in .ring only once it is ready to be read. */
static bool make(const char *dir, const uint8_t run_id[16], uint32_t buffers, const struct ring_header *model,
                 const uint8_t parent[16], const char **why) {
    char id[37], temporary[PATH_MAX], path[PATH_MAX];
    format_uuid(run_id, id);
    if (snprintf(temporary, sizeof temporary, "%s/%s.ring.tmp", dir, id) >= (int)sizeof temporary) {
        *why = "the path is too long";
        return false;
    }
    snprintf(path, sizeof path, "%s/%s.ring", dir, id);
    int fd = open(temporary, O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
    if (fd < 0) {
        *why = strerror(errno);
        return false;
    }
    struct statvfs space;
    uint8_t *map = MAP_FAILED;
    if (ftruncate(fd, (off_t)RING_SIZE))
        *why = strerror(errno);
    else if (!fstatvfs(fd, &space) && (uint64_t)space.f_bavail * space.f_frsize < (uint64_t)buffers * BUFFER_SIZE)
        *why = "there is not enough room for the ring; free some, or use fewer ring-buffers or another ring directory";
    else if ((map = mmap(NULL, RING_SIZE, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_NORESERVE, fd, 0)) == MAP_FAILED)
        *why = strerror(errno);
    close(fd);
    if (map == MAP_FAILED || !writer_populate(map, RING_HEADER_SIZE) || !writer_populate(map + DESCRIPTORS_OFFSET, BUFFERS_MOST * RING_DESCRIPTOR_SIZE) ||
        !writer_populate(map + BUFFERS_OFFSET, BUFFER_SIZE)) {
        if (map != MAP_FAILED) {
            *why = "there is not enough room for the ring";
            munmap(map, RING_SIZE);
        }
        unlink(temporary);
        return false;
    }
    initialise(map, run_id, buffers, model, parent);
    if (rename(temporary, path)) {
        *why = strerror(errno);
        munmap(map, RING_SIZE);
        unlink(temporary);
        return false;
    }
    writer.map = map;
    writer.header = (struct ring_header *)map;
    writer_ring_doorbell();
    return true;
}

bool writer_open(const struct options *options, const qemu_info_t *info) {
    static const uint8_t no_parent[16];
    static struct ring_header model;
    writer.options = options;
    writer.discard = options->discard;
    if (!map_doorbell(options->ring_dir)) {
        fprintf(stderr, "tracefleet: ring directory %.500s: no doorbell of an emulator node there; start QEMU with: tracefleet trace -- QEMU...\n",
                options->ring_dir);
        return false;
    }
    snprintf(model.target, sizeof model.target, "%s", info->target_name ? info->target_name : "unknown");
    model.api_min = (uint32_t)info->version.min;
    model.api_current = (uint32_t)info->version.cur;
    model.system_emulation = info->system_emulation;
    int smp, max;
    api_vcpus(info, &smp, &max);
    model.smp_vcpus = (uint32_t)smp;
    model.max_vcpus = (uint32_t)max;
    model.mode = options->mode;
    model.when_full = options->when_full;
    model.wish = control_in_force;
    const char *why = "unknown";
    if (make(options->ring_dir, options->run_id, options->ring_buffers, &model, no_parent, &why)) return true;
    fprintf(stderr, "tracefleet: cannot make a ring in %.500s: %s\n", options->ring_dir, why);
    return false;
}

static void remove_ring(const uint8_t run_id[16]) {
    char id[37], path[PATH_MAX];
    format_uuid(run_id, id);
    snprintf(path, sizeof path, "%s/%s.ring", writer.options->ring_dir, id);
    unlink(path);
    munmap(writer.map, RING_SIZE);
}

void writer_reopen_in_child(void) {
    static struct ring_header model; /* too large for a guest thread's stack to be taken for granted */
    uint8_t *parent_map = writer.map;
    uint8_t id[16], parent_id[16];
    const char *why = "unknown";
    new_uuid(id);
    model = *writer.header;
    memcpy(parent_id, model.run_id, 16);
    model.end = END_NONE;
    model.exit_code = 0;
    model.flushes = model.translations = model.held_nanos = 0;
    model.inline_blocks = model.inline_instructions = model.inline_accesses = 0;
    model.freed = model.freed_waiters = model.control = model.untraced_children = 0;
    control_inherit(&model);
    model.tally_state = TALLY_NONE;
    model.tally_blocks = model.tally_rest = 0;
    bool made = make(writer.options->ring_dir, id, CHILD_BUFFERS, &model, parent_id, &why);
    if (made && !tally_begin_process(parent_map)) {
        made = false;
        why = "there is not enough room for the counters";
        remove_ring(id);
    }
    if (!made) {
        fprintf(stderr, "tracefleet: a forked child is not traced: cannot make a ring in %.500s: %s\n",
                writer.options->ring_dir, why);
        __atomic_add_fetch(&((struct ring_header *)parent_map)->untraced_children, 1, __ATOMIC_RELAXED);
        uint8_t *map = mmap(NULL, RING_SIZE, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
        if (map == MAP_FAILED) abort();
        initialise(map, id, CHILD_BUFFERS, &model, parent_id);
        writer.map = map;
        writer.header = (struct ring_header *)map;
        writer.discard = true;
        if (!tally_begin_process(parent_map)) abort();
    }
    /* At the parent's address: the translated code that the child goes on with may add to the header (inline=on). */
    if (mremap(writer.map, RING_SIZE, RING_SIZE, MREMAP_MAYMOVE | MREMAP_FIXED, parent_map) == MAP_FAILED) abort();
    writer.map = parent_map;
    writer.header = (struct ring_header *)parent_map;
}

struct ring_slot *writer_enter_slot(uint32_t vcpu) {
    struct ring_slot *slot = writer_slot(vcpu);
    if (writer_populate(slot, RING_SLOT_SIZE)) return slot;
    fprintf(stderr, "tracefleet: %.500s is full: vCPU %u cannot be traced; free some room or use another ring directory\n",
            writer.options->ring_dir, vcpu);
    abort();
}

void writer_admit_vcpu(void) {
    struct ring_header *h = writer.header;
    uint32_t limit = __atomic_load_n(&h->buffer_limit, __ATOMIC_RELAXED);
    while (limit < h->buffer_count &&
           !__atomic_compare_exchange_n(&h->buffer_limit, &limit, limit + 1, false, __ATOMIC_RELAXED, __ATOMIC_RELAXED)) {
    }
}

static long futex(uint32_t *word, int operation, uint32_t value, const struct timespec *timeout) {
    return syscall(SYS_futex, word, operation, value, timeout, NULL, 0);
}

void writer_ring_doorbell(void) {
    __atomic_add_fetch(&writer.doorbell->word, 1, __ATOMIC_SEQ_CST);
    if (__atomic_load_n(&writer.doorbell->waiting, __ATOMIC_SEQ_CST)) futex(&writer.doorbell->word, FUTEX_WAKE, 1, NULL);
}

static bool take_free(struct ring_slot *slot, uint32_t slot_index) {
    uint32_t limit = __atomic_load_n(&writer.header->buffer_limit, __ATOMIC_RELAXED);
    for (uint32_t i = 0; i < limit; i++) {
        struct ring_descriptor *d = descriptor(i);
        uint32_t expected = BUFFER_FREE;
        if (__atomic_load_n(&d->state, __ATOMIC_RELAXED) != BUFFER_FREE) continue;
        if (!__atomic_compare_exchange_n(&d->state, &expected, BUFFER_OPEN, false, __ATOMIC_ACQUIRE, __ATOMIC_RELAXED))
            continue;
        if (!writer_populate(writer_buffer(i), BUFFER_SIZE)) {
            __atomic_store_n(&d->state, BUFFER_FREE, __ATOMIC_RELEASE);
            return false; /* the file system is full: what is populated below i is all there is */
        }
        d->slot = slot_index;
        memset(slot->column_length, 0, sizeof slot->column_length);
        slot->flags &= ~SLOT_FLAG_SCRAP;
        __atomic_store_n(&slot->buffer, i, __ATOMIC_RELEASE);
        return true;
    }
    return false;
}

static bool node_is_alive(void) {
    uint64_t beat = __atomic_load_n(&writer.doorbell->heartbeat_micros, __ATOMIC_RELAXED);
    return writer_now_micros() < beat + (uint64_t)writer.options->node_timeout * 1000000u;
}

static bool wait_for_free(struct ring_slot *slot, uint32_t slot_index) {
    struct ring_header *h = writer.header;
    const struct timespec step = {.tv_nsec = 50 * 1000 * 1000};
    uint64_t begin = monotonic_nanos();
    bool got = false;
    __atomic_add_fetch(&h->freed_waiters, 1, __ATOMIC_SEQ_CST);
    for (;;) {
        uint32_t seen = __atomic_load_n(&h->freed, __ATOMIC_SEQ_CST);
        if ((got = take_free(slot, slot_index)) || !node_is_alive()) break;
        writer_ring_doorbell();
        futex(&h->freed, FUTEX_WAIT, seen, &step);
    }
    __atomic_sub_fetch(&h->freed_waiters, 1, __ATOMIC_SEQ_CST);
    __atomic_add_fetch(&h->held_nanos, monotonic_nanos() - begin, __ATOMIC_RELAXED);
    return got;
}

bool writer_acquire(struct ring_slot *slot, uint32_t slot_index) {
    slot->opened_micros = writer_now_micros();
    slot->first_instruction = slot->executed_instructions;
    if (take_free(slot, slot_index)) return true;
    if (writer.options->when_full == WHEN_FULL_BLOCK && wait_for_free(slot, slot_index)) return true;
    memset(slot->column_length, 0, sizeof slot->column_length);
    slot->flags |= SLOT_FLAG_SCRAP;
    return false;
}

/* The counts of the batch that just ended move to the totals; whatever belongs to the next batch stays. */
static void start_over(struct ring_slot *slot, bool dropped) {
    slot->executed_instructions += slot->instructions;
    slot->executed_blocks += slot->blocks;
    slot->executed_accesses += slot->accesses;
    if (dropped) {
        slot->dropped_batches++;
        slot->dropped_instructions += slot->instructions;
        slot->dropped_blocks += slot->blocks;
        slot->dropped_accesses += slot->accesses;
    } else {
        slot->sealed_instructions += slot->instructions;
        slot->dropped_batches = slot->dropped_instructions = slot->dropped_blocks = slot->dropped_accesses = 0;
        slot->sequence++;
    }
    slot->instructions = slot->blocks = slot->accesses = slot->leading = 0;
    slot->idles = slot->resumes = slot->syscalls = slot->syscall_returns = 0;
    memset(slot->counts, 0, sizeof slot->counts);
    memset(slot->column_length, 0, sizeof slot->column_length);
    slot->flags &= ~SLOT_FLAG_SCRAP;
}

void writer_seal(struct ring_slot *slot) {
    if (slot->buffer == RING_NO_BUFFER) {
        if (slot->flags & SLOT_FLAG_SCRAP) start_over(slot, true);
        return;
    }
    struct ring_descriptor *d = descriptor(slot->buffer);
    slot->sealed_micros = writer_now_micros();
    memcpy(writer_buffer(slot->buffer), slot, sizeof *slot);
    /* From here on the batch is the node's; a process killed between these lines leaves a slot that names a sealed buffer. */
    bool discard = writer.discard;
    __atomic_store_n(&d->state, discard ? BUFFER_FREE : BUFFER_SEALED, __ATOMIC_RELEASE);
    __atomic_store_n(&slot->buffer, RING_NO_BUFFER, __ATOMIC_RELEASE);
    start_over(slot, false);
    if (!discard) writer_ring_doorbell();
}
