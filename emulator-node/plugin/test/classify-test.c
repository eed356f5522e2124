/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * classify-test CASES: the classes and mappings of the instructions in a file, and what must hold for any bytes.
 * Exits with 0 if all is as expected.
 */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "../classify.h"

#define ABOVE_4_GIB UINT64_C(0xffffffff81000000)
#define BELOW_4_GIB UINT64_C(0x401000)

static const char *const answers[] = {"no", "yes"};
static const char *const classes[] = {"other", "plain", "one-access", "load-store", "plain-again", "alike"};
static const char *const kinds[] = {"keeps", "this-vcpu", "all-vcpus", "untrackable"};
static int failures;

static void expect(const char *what, const char *found, const char *expected, const char *where)
{
    if (strcmp(found, expected) != 0) {
        fprintf(stderr, "classify-test: %s: %s is %s, expected %s\n", where, what, found, expected);
        failures++;
    }
}

static size_t bytes_of(const char *hex, uint8_t *to, size_t most)
{
    size_t size = strlen(hex) / 2;

    if (size > most) {
        fprintf(stderr, "classify-test: too many bytes: %s\n", hex);
        exit(2);
    }
    for (size_t i = 0; i < size; i++) {
        unsigned byte = 0;

        sscanf(hex + 2 * i, "%2x", &byte);
        to[i] = (uint8_t)byte;
    }
    return size;
}

static int check_case(char *line)
{
    char mode[16], hex[40], class[16], kind[16];
    int text = 0;
    uint8_t code[16];
    size_t size;
    enum insn_class found;
    const char *target;
    bool narrow;

    if (line[0] == '#') {
        return 0;
    }
    line[strcspn(line, "\n")] = 0;
    if (sscanf(line, "%15s %39s %15s %15s %n", mode, hex, class, kind, &text) != 4) {
        fprintf(stderr, "classify-test: not a case: %s\n", line);
        exit(2);
    }
    size = bytes_of(hex, code, sizeof code);
    narrow = strcmp(mode, "x86_32") == 0 || strcmp(mode, "x86_16") == 0;
    target = narrow ? "x86_64" : mode;
    found = classifier_for(target)(code, size, narrow ? BELOW_4_GIB : ABOVE_4_GIB, true);
    expect("class", classes[found], class, line);
    expect("mapping", kinds[mapping_classifier_for(target)(code, size)], kind, line);
    if (narrow) {
        expect("class on i386", classes[classifier_for("i386")(code, size, BELOW_4_GIB, true)], class, line);
    } else {
        /* Where another mode is possible the answer may be less certain, never another one. */
        enum insn_class low = classifier_for(target)(code, size, BELOW_4_GIB, true);

        if (low != INSN_OTHER) {
            expect("class below 4 GiB", classes[low], class, line);
        }
    }
    return 1;
}

/* Any bytes in any number: no answer that another mode contradicts, and no read past the end (run with a sanitizer). */
static void check_any_bytes(const char *target)
{
    uint64_t random = 88172645463325252u;
    insn_classifier classify = classifier_for(target);
    mapping_classifier mapping = mapping_classifier_for(target);

    for (int i = 0; i < 2000000; i++) {
        uint64_t word[2];
        size_t size = (size_t)(random >> 32) % 16;
        uint8_t *code = malloc(size ? size : 1);
        enum insn_class low, high;

        if (!code) {
            exit(2);
        }
        for (int j = 0; j < 2; j++) {
            random ^= random << 13;
            random ^= random >> 7;
            random ^= random << 17;
            word[j] = random;
        }
        memcpy(code, word, size);
        low = classify(code, size, BELOW_4_GIB, true);
        high = classify(code, size, ABOVE_4_GIB, true);
        if (low != INSN_OTHER && high != INSN_OTHER && low != high) {
            fprintf(stderr, "classify-test: %s: %016" PRIx64 ": %s below 4 GiB, %s above\n", target, word[0], classes[low],
                    classes[high]);
            failures++;
        }
        if (size > 0 && code[0] == 0xf0 && strcmp(target, "x86_64") == 0 && high != INSN_OTHER) {
            fprintf(stderr, "classify-test: a locked instruction is %s\n", classes[high]);
            failures++;
        }
        (void)mapping(code, size);
        free(code);
    }
}

int main(int argc, char **argv)
{
    static const uint8_t thread_pointer[] = {0x40, 0xd0, 0x3b, 0xd5}; /* mrs x0, tpidr_el0 */
    static const uint8_t move[] = {0x48, 0x89, 0xc3};                /* mov %rax, %rbx; as 32-bit code two instructions */
    static const uint8_t add[] = {0x20, 0x40, 0x00, 0x91};           /* add x0, x1, #16; as 32-bit Arm code something else */
    char line[256];
    int cases = 0;
    FILE *file = argc == 2 ? fopen(argv[1], "r") : NULL;

    if (!file) {
        fprintf(stderr, "usage: classify-test CASES\n");
        return 2;
    }
    while (fgets(line, sizeof line, file)) {
        cases += check_case(line);
    }
    fclose(file);

    expect("thread pointer in user mode", classes[classifier_for("aarch64")(thread_pointer, 4, BELOW_4_GIB, false)], "plain",
           "mrs x0, tpidr_el0");
    expect("AArch64 below 4 GiB", classes[classifier_for("aarch64")(add, 4, BELOW_4_GIB, true)], "other", "add");
    expect("REX on i386", classes[classifier_for("i386")(move, 3, BELOW_4_GIB, true)], "other", "mov");
    expect("too short", classes[classifier_for("x86_64")(move, 1, ABOVE_4_GIB, true)], "other", "mov cut after REX");
    expect("unknown target", classes[classifier_for("sparc64")(move, 3, BELOW_4_GIB, false)], "other", "sparc64");
    expect("unknown target", kinds[mapping_classifier_for("sparc64")(move, 3)], "all-vcpus", "sparc64");

    expect("undone", answers[last_may_be_undone("x86_64", 1, 0x401ff2)], "yes", "15 bytes from 0x401ff2 cross a page");
    expect("undone", answers[last_may_be_undone("x86_64", 1, 0x401ff1)], "no", "15 bytes from 0x401ff1 do not");
    expect("undone", answers[last_may_be_undone("x86_64", 0, 0x401fff)], "no", "the first of its block");
    expect("undone", answers[last_may_be_undone("riscv64", 1, 0x401ffe)], "no", "not on RISC-V");

    check_any_bytes("x86_64");
    check_any_bytes("i386");
    check_any_bytes("aarch64");
    check_any_bytes("riscv64");
    check_any_bytes("riscv32");
    fprintf(stderr, "classify-test: %d cases, %d failures\n", cases, failures);
    return failures || cases < 300 ? 1 : 0;
}
