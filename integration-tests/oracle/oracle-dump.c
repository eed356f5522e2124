/* SPDX-License-Identifier: GPL-2.0-or-later */
/* oracle-dump FILE: prints what the oracle counted, as one JSON object. Addresses are "0x..." strings. */
#include "oracle.h"

#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

static const char *comma;

static void item(void)
{
    printf("%s\n  ", comma);
    comma = ",";
}

static void begin(const char *name)
{
    printf(",\n \"%s\": [", name);
    comma = "";
}

static void string(const char *s)
{
    putchar('"');
    for (; *s; s++) {
        if (*s == '"' || *s == '\\')
            printf("\\%c", *s);
        else if ((unsigned char)*s < 0x20)
            printf("\\u%04x", (unsigned char)*s);
        else
            putchar(*s);
    }
    putchar('"');
}

static void traffic(const struct traffic *t)
{
    printf("\"reads\":%" PRIu64 ",\"writes\":%" PRIu64 ",\"readBytes\":%" PRIu64 ",\"writeBytes\":%" PRIu64 "}",
           t->reads, t->writes, t->read_bytes, t->write_bytes);
}

int main(int argc, char **argv)
{
    if (argc != 2) {
        fprintf(stderr, "usage: oracle-dump FILE\n");
        return 2;
    }
    int fd = open(argv[1], O_RDONLY);
    struct stat st;
    if (fd < 0 || fstat(fd, &st) < 0) {
        perror(argv[1]);
        return 1;
    }
    if ((uint64_t)st.st_size < sizeof(struct oracle)) {
        fprintf(stderr, "%s: not an oracle file\n", argv[1]);
        return 1;
    }
    const struct oracle *o = mmap(NULL, sizeof *o, PROT_READ, MAP_SHARED | MAP_NORESERVE, fd, 0);
    if (o == MAP_FAILED) {
        perror(argv[1]);
        return 1;
    }
    if (o->magic != ORACLE_MAGIC) {
        fprintf(stderr, "%s: not an oracle file\n", argv[1]);
        return 1;
    }
    printf("{\"pid\":%u,\"parentPid\":%u,\"target\":\"%s\",\"systemEmulation\":%s,\"pluginApi\":{\"min\":%u,\"current\":%u},"
           "\"overflow\":%s,\"exited\":%s",
           o->pid, o->parent_pid, o->target, o->system ? "true" : "false", o->api_min, o->api_current,
           o->overflow ? "true" : "false", o->exited ? "true" : "false");

    begin("vcpus");
    for (uint32_t i = 0; i < o->lives; i++) {
        const struct life *l = &o->life[i];
        uint64_t n[2] = {0, 0}, bytes[2] = {0, 0};
        for (int s = 0; s < 2; s++)
            for (int k = 0; k < 8; k++) {
                n[s] += l->accesses[s][k];
                bytes[s] += l->accesses[s][k] << k;
            }
        item();
        printf("{\"vcpu\":%u,\"generation\":%u,\"instructions\":%" PRIu64 ",\"blocks\":%" PRIu64 ",\"loads\":%" PRIu64
               ",\"stores\":%" PRIu64 ",\"loadBytes\":%" PRIu64 ",\"storeBytes\":%" PRIu64 ",\"idles\":%" PRIu64
               ",\"resumes\":%" PRIu64 "}",
               l->vcpu, l->generation, l->instructions, l->blocks, n[0], n[1], bytes[0], bytes[1], l->idles, l->resumes);
    }
    printf("]");

    begin("blocks");
    for (uint32_t b = 0; b < o->blocks; b++) {
        uint64_t executions = 0;
        for (uint32_t v = 0; v < o->vcpus; v++)
            executions += o->vcpu[v].executions[b];
        if (!executions)
            continue;
        item();
        printf("{\"vaddr\":\"0x%" PRIx64 "\",\"instructions\":%" PRIu64 ",\"executions\":%" PRIu64 "}", o->block[b].vaddr,
               o->block[b].instructions, executions);
    }
    printf("]");

    begin("hwaddr");
    for (uint32_t v = 0; v < o->vcpus; v++)
        for (uint32_t d = 0; d < o->devices; d++) {
            const struct traffic *t = &o->vcpu[v].devices[d];
            if (!t->reads && !t->writes)
                continue;
            item();
            printf("{\"vcpu\":%u,\"kind\":\"%s\",\"device\":", v, d ? "IO" : "RAM");
            string(o->device[d]);
            printf(",");
            traffic(t);
        }
    printf("]");

    begin("pages");
    for (uint32_t v = 0; o->system && v < o->vcpus; v++)
        for (uint32_t i = 0; i < MAX_PAGES; i++) {
            const struct page *p = &o->vcpu[v].pages[i];
            if (!p->key)
                continue;
            item();
            printf("{\"vcpu\":%u,\"page\":\"0x%" PRIx64 "\",", v, p->key - 1);
            traffic(&p->traffic);
        }
    printf("]");

    begin("syscalls");
    for (uint32_t i = 0; i < MAX_SYSCALLS; i++) {
        const struct syscall_count *s = &o->syscall[i];
        if (!s->used)
            continue;
        item();
        printf("{\"number\":%" PRId64 ",\"calls\":%" PRIu64 ",\"returns\":%" PRIu64 ",\"errors\":%" PRIu64 "}", s->number,
               s->entries, s->returns, s->errors);
    }
    printf("]}\n");
    return 0;
}
