/* SPDX-License-Identifier: GPL-2.0-or-later */
#define _DEFAULT_SOURCE
#include "image.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#define RANGES 16u

static struct image_range ranges[RANGES];
static uint32_t next_range;
static uint32_t changes;      /* atomic */
static uint32_t known_changes; /* what ranges are of */

void image_mappings_changed(void) { __atomic_add_fetch(&changes, 1, __ATOMIC_RELEASE); }

void image_untell(void) {
    for (uint32_t i = 0; i < RANGES; i++) ranges[i].told = false;
}

/* One line of /proc/self/maps. True if the range holds the address; range is set then. */
static bool line_holds(const char *line, uint64_t host, struct image_range *range) {
    unsigned long long begin, end, offset;
    int path = 0;
    if (sscanf(line, "%llx-%llx %*4s %llx %*s %*s %n", &begin, &end, &offset, &path) != 3) return false;
    if (host < begin || host >= end) return false;
    range->begin = begin;
    range->end = end;
    range->offset = offset;
    range->told = false;
    range->path[0] = '\0';
    size_t length = path ? strlen(line + path) : 0;
    /* [heap], [stack] and the like are no files. */
    if (length && length <= IMAGE_MOST_PATH && line[path] == '/') memcpy(range->path, line + path, length + 1);
    return true;
}

/* Reads /proc/self/maps up to the range that holds the address. */
static bool look_up(uint64_t host, struct image_range *range) {
    static char text[2 * 4096 + IMAGE_MOST_PATH]; /* more than the longest line, which has a path of 4096 bytes */
    int file = open("/proc/self/maps", O_RDONLY | O_CLOEXEC);
    if (file < 0) return false; /* no descriptor left: the guest has them all */
    size_t held = 0;
    bool found = false;
    while (!found) {
        ssize_t n = read(file, text + held, sizeof text - held - 1);
        if (n < 0 && errno == EINTR) continue;
        if (n <= 0) break;
        held += (size_t)n;
        text[held] = '\0';
        char *line = text;
        for (char *end; !found && (end = strchr(line, '\n')); line = end + 1) {
            *end = '\0';
            found = line_holds(line, host, range);
        }
        held -= (size_t)(line - text);
        if (held >= sizeof text - 1) break;
        memmove(text, line, held);
    }
    close(file);
    return found;
}

struct image_range *image_find(uint64_t host) {
    uint32_t now = __atomic_load_n(&changes, __ATOMIC_ACQUIRE);
    if (now != known_changes) {
        for (uint32_t i = 0; i < RANGES; i++) ranges[i].end = 0;
        known_changes = now;
    }
    for (uint32_t i = 0; i < RANGES; i++)
        if (host >= ranges[i].begin && host < ranges[i].end) return &ranges[i];
    struct image_range *range = &ranges[next_range];
    range->end = 0;
    if (!look_up(host, range)) return NULL;
    next_range = (next_range + 1) % RANGES;
    return range;
}
