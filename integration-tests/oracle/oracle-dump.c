/* SPDX-License-Identifier: GPL-2.0-or-later */
/* oracle-dump FILE: prints what the oracle counted, one line each: what, a tab, the counts. */
#include "oracle.h"

#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

static void traffic(const struct traffic *t)
{
    printf("reads=%" PRIu64 " writes=%" PRIu64 " readBytes=%" PRIu64 " writeBytes=%" PRIu64 "\n", t->reads, t->writes,
           t->read_bytes, t->write_bytes);
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
    printf("oracle\tpid=%u parentPid=%u target=%s systemEmulation=%u apiMin=%u apiCurrent=%u overflow=%u exited=%u\n", o->pid,
           o->parent_pid, o->target, o->system, o->api_min, o->api_current, o->overflow, o->exited);
    for (uint32_t i = 0; i < o->lives; i++) {
        const struct life *l = &o->life[i];
        uint64_t n[2] = {0, 0}, bytes[2] = {0, 0};
        for (int s = 0; s < 2; s++)
            for (int k = 0; k < 8; k++) {
                n[s] += l->accesses[s][k];
                bytes[s] += l->accesses[s][k] << k;
            }
        printf("vcpu %u.%u\tinstructions=%" PRIu64 " blocks=%" PRIu64 " loads=%" PRIu64 " stores=%" PRIu64
               " loadBytes=%" PRIu64 " storeBytes=%" PRIu64 " idles=%" PRIu64 " resumes=%" PRIu64 "\n",
               l->vcpu, l->generation, l->instructions, l->blocks, n[0], n[1], bytes[0], bytes[1], l->idles, l->resumes);
    }
    for (uint32_t b = 0; b < o->blocks; b++) {
        uint64_t executions = 0, dispatched = 0;
        for (uint32_t v = 0; v < o->vcpus; v++) {
            executions += o->vcpu[v].executions[b];
            dispatched += o->vcpu[v].dispatched[b];
        }
        if (executions)
            printf("block 0x%" PRIx64 "/%" PRIu64 "\t%" PRIu64 "\n", o->block[b].vaddr, o->block[b].instructions, executions);
        if (dispatched)
            printf("dispatched 0x%" PRIx64 "/%" PRIu64 "\t%" PRIu64 "\n", o->block[b].vaddr, o->block[b].instructions,
                   dispatched);
    }
    for (uint32_t v = 0; o->system && v < o->vcpus; v++) {
        for (uint32_t d = 0; d < o->devices; d++) {
            const struct traffic *t = &o->vcpu[v].devices[d];
            if (!t->reads && !t->writes)
                continue;
            printf("hwaddr %u %s %s\t", v, d ? "IO" : "RAM", o->device[d]);
            traffic(t);
        }
        for (uint32_t i = 0; i < MAX_PAGES; i++) {
            const struct page *p = &o->vcpu[v].pages[i];
            if (!p->key)
                continue;
            printf("page %u 0x%" PRIx64 "\t", v, p->key - 1);
            traffic(&p->traffic);
        }
    }
    for (uint32_t i = 0; i < MAX_SYSCALLS; i++) {
        const struct syscall_count *s = &o->syscall[i];
        if (s->used)
            printf("syscall %" PRId64 "\tcalls=%" PRIu64 " returns=%" PRIu64 " errors=%" PRIu64 "\n", s->number, s->entries,
                   s->returns, s->errors);
    }
    return 0;
}
