/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "options.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const char known[] =
    "ring-dir, run, mode, count, counters, when-full, ring-buffers, disas, inline, discard, attach-after, detach-after, node-timeout";

static bool refuse(const char *name, const char *value, const char *expected) {
    fprintf(stderr, "tracefleet: plugin argument %s=%.200s: expected %s\n", name, value, expected);
    return false;
}

static bool number(const char *name, const char *value, uint64_t low, uint64_t high, uint64_t *to) {
    char *end;
    errno = 0;
    unsigned long long parsed = strtoull(value, &end, 10);
    if (value[0] < '0' || value[0] > '9' || *end || errno || parsed < low || parsed > high) {
        char expected[80];
        snprintf(expected, sizeof expected, "a whole number from %llu to %llu", (unsigned long long)low,
                 (unsigned long long)high);
        return refuse(name, value, expected);
    }
    *to = parsed;
    return true;
}

static bool choice(const char *name, const char *value, const char *first, const char *second, bool *is_first) {
    *is_first = strcmp(value, first) == 0;
    if (*is_first || strcmp(value, second) == 0) return true;
    char expected[80];
    snprintf(expected, sizeof expected, "%s or %s", first, second);
    return refuse(name, value, expected);
}

static int hex(char c) {
    if (c >= '0' && c <= '9') return c - '0';
    if (c >= 'a' && c <= 'f') return c - 'a' + 10;
    return -1;
}

static bool uuid(const char *name, const char *value, uint8_t to[16]) {
    const char *p = value;
    for (int i = 0; i < 16; i++) {
        if (i == 4 || i == 6 || i == 8 || i == 10)
            if (*p++ != '-') return refuse(name, value, "a UUID in lower case");
        int high = hex(p[0]), low = high < 0 ? -1 : hex(p[1]);
        if (low < 0) return refuse(name, value, "a UUID in lower case");
        to[i] = (uint8_t)(high << 4 | low);
        p += 2;
    }
    return *p ? refuse(name, value, "a UUID in lower case") : true;
}

static bool set(struct options *o, const char *name, const char *value, bool *has_run) {
    bool first;
    uint64_t n;
    if (!strcmp(name, "ring-dir")) {
        if (value[0] != '/') return refuse(name, value, "an absolute path");
        o->ring_dir = value;
    } else if (!strcmp(name, "run")) {
        *has_run = true;
        return uuid(name, value, o->run_id);
    } else if (!strcmp(name, "mode")) {
        if (!strcmp(value, "off")) {
            o->mode = MODE_OFF;
            return true;
        }
        if (strcmp(value, "full") && strcmp(value, "count")) return refuse(name, value, "full, count or off");
        o->mode = !strcmp(value, "full") ? MODE_FULL : MODE_COUNT;
    } else if (!strcmp(name, "count")) {
        return choice(name, value, "all", "blocks", &o->count_accesses);
    } else if (!strcmp(name, "counters")) {
        return choice(name, value, "inline", "callbacks", &o->count_in_line);
    } else if (!strcmp(name, "when-full")) {
        if (!choice(name, value, "block", "drop", &first)) return false;
        o->when_full = first ? WHEN_FULL_BLOCK : WHEN_FULL_DROP;
    } else if (!strcmp(name, "ring-buffers")) {
        if (!number(name, value, 2, 512, &n)) return false;
        o->ring_buffers = (uint32_t)n;
    } else if (!strcmp(name, "disas")) {
        return choice(name, value, "on", "off", &o->disassemble);
    } else if (!strcmp(name, "inline")) {
        return choice(name, value, "on", "off", &o->inline_totals);
    } else if (!strcmp(name, "discard")) {
        return choice(name, value, "on", "off", &o->discard);
    } else if (!strcmp(name, "attach-after")) {
        return number(name, value, 0, INT64_MAX, &o->attach_after);
    } else if (!strcmp(name, "detach-after")) {
        return number(name, value, 0, INT64_MAX, &o->detach_after);
    } else if (!strcmp(name, "node-timeout")) {
        if (!number(name, value, 1, 86400, &n)) return false;
        o->node_timeout = (uint32_t)n;
    } else {
        fprintf(stderr, "tracefleet: unknown plugin argument %.200s; known are %s\n", name, known);
        return false;
    }
    return true;
}

bool options_parse(struct options *options, int argc, char **argv) {
    *options = (struct options){
        .mode = MODE_FULL,
        .count_accesses = true,
        .count_in_line = true,
        .when_full = WHEN_FULL_BLOCK,
        .ring_buffers = 32,
        .disassemble = true,
        .node_timeout = 60,
    };
    bool has_run = false;
    for (int i = 0; i < argc; i++) {
        char name[32];
        const char *equals = strchr(argv[i], '=');
        if (!equals || equals == argv[i] || (size_t)(equals - argv[i]) >= sizeof name) {
            fprintf(stderr, "tracefleet: plugin argument %.200s: expected name=value; known names are %s\n", argv[i], known);
            return false;
        }
        memcpy(name, argv[i], (size_t)(equals - argv[i]));
        name[equals - argv[i]] = '\0';
        if (!set(options, name, equals + 1, &has_run)) return false;
    }
    if (!options->ring_dir || !has_run) {
        fprintf(stderr, "tracefleet: plugin argument %s is missing; start QEMU with: tracefleet trace -- QEMU...\n",
                options->ring_dir ? "run=UUID" : "ring-dir=DIR");
        return false;
    }
    return true;
}
