/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Prints where ring.h has everything, one "NAME VALUE" per line: what RingLayout.java must say, too. */
#include <inttypes.h>
#include <stdio.h>

#include "ring.h"

#define FIELD(prefix, type, field) printf(prefix ".%s %zu\n", #field, offsetof(type, field))
#define VALUE(name) printf("%s %" PRIu64 "\n", #name, (uint64_t)(name))

int main(void) {
    FIELD("header", struct ring_header, magic);
    FIELD("header", struct ring_header, version);
    FIELD("header", struct ring_header, header_size);
    FIELD("header", struct ring_header, run_id);
    FIELD("header", struct ring_header, parent_run_id);
    FIELD("header", struct ring_header, pid);
    FIELD("header", struct ring_header, vcpu_slots);
    FIELD("header", struct ring_header, process_start);
    FIELD("header", struct ring_header, created_micros);
    FIELD("header", struct ring_header, descriptors_offset);
    FIELD("header", struct ring_header, buffers_offset);
    FIELD("header", struct ring_header, buffer_size);
    FIELD("header", struct ring_header, buffer_count);
    FIELD("header", struct ring_header, target);
    FIELD("header", struct ring_header, api_min);
    FIELD("header", struct ring_header, api_current);
    FIELD("header", struct ring_header, system_emulation);
    FIELD("header", struct ring_header, smp_vcpus);
    FIELD("header", struct ring_header, max_vcpus);
    FIELD("header", struct ring_header, mode);
    FIELD("header", struct ring_header, when_full);
    FIELD("header", struct ring_header, column_offset);
    FIELD("header", struct ring_header, column_capacity);
    FIELD("header", struct ring_header, end);
    FIELD("header", struct ring_header, exit_code);
    FIELD("header", struct ring_header, start_code);
    FIELD("header", struct ring_header, end_code);
    FIELD("header", struct ring_header, entry_code);
    FIELD("header", struct ring_header, buffer_limit);
    FIELD("header", struct ring_header, flushes);
    FIELD("header", struct ring_header, translations);
    FIELD("header", struct ring_header, definitions);
    FIELD("header", struct ring_header, held_nanos);
    FIELD("header", struct ring_header, inline_blocks);
    FIELD("header", struct ring_header, inline_instructions);
    FIELD("header", struct ring_header, inline_accesses);
    FIELD("header", struct ring_header, flush_epoch);
    FIELD("header", struct ring_header, freed);
    FIELD("header", struct ring_header, freed_waiters);
    FIELD("header", struct ring_header, control);
    FIELD("header", struct ring_header, image);
    FIELD("slot", struct ring_slot, state);
    FIELD("slot", struct ring_slot, vcpu);
    FIELD("slot", struct ring_slot, generation);
    FIELD("slot", struct ring_slot, buffer);
    FIELD("slot", struct ring_slot, sequence);
    FIELD("slot", struct ring_slot, opened_micros);
    FIELD("slot", struct ring_slot, sealed_micros);
    FIELD("slot", struct ring_slot, first_instruction);
    FIELD("slot", struct ring_slot, codec);
    FIELD("slot", struct ring_slot, flags);
    FIELD("slot", struct ring_slot, instructions);
    FIELD("slot", struct ring_slot, blocks);
    FIELD("slot", struct ring_slot, accesses);
    FIELD("slot", struct ring_slot, progress);
    FIELD("slot", struct ring_slot, block_instructions);
    FIELD("slot", struct ring_slot, leading);
    FIELD("slot", struct ring_slot, idles);
    FIELD("slot", struct ring_slot, resumes);
    FIELD("slot", struct ring_slot, syscalls);
    FIELD("slot", struct ring_slot, syscall_returns);
    FIELD("slot", struct ring_slot, column_length);
    FIELD("slot", struct ring_slot, counts);
    FIELD("slot", struct ring_slot, dropped_batches);
    FIELD("slot", struct ring_slot, dropped_instructions);
    FIELD("slot", struct ring_slot, dropped_blocks);
    FIELD("slot", struct ring_slot, dropped_accesses);
    FIELD("slot", struct ring_slot, executed_instructions);
    FIELD("slot", struct ring_slot, executed_blocks);
    FIELD("slot", struct ring_slot, executed_accesses);
    FIELD("slot", struct ring_slot, sealed_instructions);
    FIELD("descriptor", struct ring_descriptor, state);
    FIELD("descriptor", struct ring_descriptor, slot);
    FIELD("doorbell", struct doorbell, magic);
    FIELD("doorbell", struct doorbell, word);
    FIELD("doorbell", struct doorbell, waiting);
    FIELD("doorbell", struct doorbell, node_pid);
    FIELD("doorbell", struct doorbell, heartbeat_micros);
    VALUE(RING_MAGIC);
    VALUE(RING_VERSION);
    VALUE(RING_HEADER_SIZE);
    VALUE(RING_SLOT_SIZE);
    VALUE(RING_DESCRIPTOR_SIZE);
    VALUE(RING_COLUMNS);
    VALUE(RING_NO_BUFFER);
    VALUE(BUFFER_FREE);
    VALUE(BUFFER_OPEN);
    VALUE(BUFFER_SEALED);
    VALUE(SLOT_UNUSED);
    VALUE(SLOT_LIVE);
    VALUE(SLOT_EXITED);
    VALUE(MODE_FULL);
    VALUE(MODE_COUNT);
    VALUE(WHEN_FULL_BLOCK);
    VALUE(WHEN_FULL_DROP);
    VALUE(CODEC_FULL_1);
    VALUE(CODEC_COUNT_1);
    VALUE(CODEC_DETAIL_1);
    VALUE(END_NONE);
    VALUE(END_EXIT);
    VALUE(END_EXEC);
    VALUE(END_DETACHED);
    VALUE(SLOT_FLAG_SCRAP);
    VALUE(SLOT_FLAG_UNSEALED);
    VALUE(SLOT_FLAG_SYSTEM);
    VALUE(SLOT_PAYLOAD_BEGIN);
    VALUE(SLOT_PAYLOAD_END);
    VALUE(DOORBELL_MAGIC);
    VALUE(DOORBELL_SIZE);
    printf("header.target.size %zu\n", sizeof ((struct ring_header *)0)->target);
    printf("header.image.size %zu\n", sizeof ((struct ring_header *)0)->image);
    return 0;
}
