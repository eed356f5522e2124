/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The table of targets, and the safe answers for those that no classifier knows. */
#include "classify.h"

static enum insn_class classify_unknown(const uint8_t *code, size_t size, bool system)
{
    (void)code;
    (void)size;
    (void)system;
    return INSN_OTHER;
}

static enum insn_mapping mapping_unknown(const uint8_t *code, size_t size)
{
    (void)code;
    (void)size;
    return MAPPING_ALL_VCPUS;
}

insn_classifier classifier_for(const char *target)
{
    (void)target;
    return classify_unknown;
}

mapping_classifier mapping_classifier_for(const char *target)
{
    (void)target;
    return mapping_unknown;
}
