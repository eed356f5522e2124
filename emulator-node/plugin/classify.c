/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The table of targets, and the safe answers for those that no classifier knows. */
#include "classify.h"

#include <string.h>

#include "classify-targets.h"

static enum insn_class classify_unknown(const uint8_t *code, size_t size, uint64_t vaddr, bool system)
{
    (void)code;
    (void)size;
    (void)vaddr;
    (void)system;
    return INSN_OTHER;
}

static enum insn_mapping mapping_unknown(const uint8_t *code, size_t size)
{
    (void)code;
    (void)size;
    return MAPPING_ALL_VCPUS;
}

static const struct {
    const char *target;
    insn_classifier classify;
    mapping_classifier mapping;
} classifiers[] = {
    {"x86_64", classify_x86_64, mapping_x86},
    {"i386", classify_i386, mapping_x86},
    {"aarch64", classify_aarch64, mapping_aarch64},
    {"riscv64", classify_riscv64, mapping_riscv},
    {"riscv32", classify_riscv32, mapping_riscv},
};

bool last_may_be_undone(const char *target, size_t index, uint64_t vaddr)
{
    enum { PAGE = 4096, LONGEST = 15 };

    return index > 0 && vaddr % PAGE > PAGE - LONGEST && (strcmp(target, "x86_64") == 0 || strcmp(target, "i386") == 0);
}

insn_classifier classifier_for(const char *target)
{
    for (size_t i = 0; i < sizeof classifiers / sizeof *classifiers; i++) {
        if (strcmp(classifiers[i].target, target) == 0) {
            return classifiers[i].classify;
        }
    }
    return classify_unknown;
}

mapping_classifier mapping_classifier_for(const char *target)
{
    for (size_t i = 0; i < sizeof classifiers / sizeof *classifiers; i++) {
        if (strcmp(classifiers[i].target, target) == 0) {
            return classifiers[i].mapping;
        }
    }
    return mapping_unknown;
}
