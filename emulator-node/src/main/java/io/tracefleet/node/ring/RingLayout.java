// SPDX-License-Identifier: Apache-2.0
package io.tracefleet.node.ring;

/**
 * Where everything is in a ring and in a doorbell: the Java side of {@code plugin/ring.h}, compared
 * with it by a test.
 *
 * <p>Everything is little-endian. Offsets are in bytes.
 *
 * <pre>
 *        0 +--------------------------------+
 *          | header                         |  HEADER_SIZE
 *     4096 +--------------------------------+
 *          | slot 0                         |  SLOT_SIZE each; slot i belongs to vCPU index i
 *          | ...                            |
 *          | slot vcpu_slots - 1            |
 *          | slot vcpu_slots                |  the run's own stream: block details
 *          +--------------------------------+  descriptors_offset
 *          | descriptor 0 .. buffer_count-1 |  DESCRIPTOR_SIZE each
 *          +--------------------------------+  buffers_offset, a multiple of 4096
 *          | buffer 0 .. buffer_count-1     |  buffer_size each
 *          +--------------------------------+  tally_offset, a multiple of 4096
 *          | tally                          |  what counters that are added to in line stand for
 *          | counts of a vCPU               |  tally_vcpus of them
 *          | ...                            |
 *          +--------------------------------+
 * </pre>
 *
 * <p>A buffer is a snapshot of its writer's slot (SLOT_SIZE bytes, valid once SEALED) and then the
 * columns, each at column_offset[c] from the buffer's start, its length in the slot's
 * column_length[c].
 *
 * <p>While a batch is open its header lives in the slot and its columns grow in the buffer, so that
 * a process killed at any instant leaves a readable batch: a column's bytes are written before its
 * length, and an event's bytes before its count. Only the vCPU's thread writes its slot and its
 * open buffer. Only the node turns SEALED into FREE.
 */
final class RingLayout {
  /** "TFRING\0\1". */
  static final long MAGIC = 0x0100474e49524654L;

  /**
   * 1: first released layout. 2: columns by codec, and a control block: one run may have batches of
   * both codecs.
   */
  static final int VERSION = 2;

  static final int HEADER_SIZE = 4096;
  static final int SLOT_SIZE = 512;
  static final int DESCRIPTOR_SIZE = 64;
  static final int COLUMNS = 8;
  static final int NO_BUFFER = -1;

  static final int BUFFER_FREE = 0;
  static final int BUFFER_OPEN = 1;
  static final int BUFFER_SEALED = 2;

  static final int SLOT_UNUSED = 0;
  static final int SLOT_LIVE = 1;
  static final int SLOT_EXITED = 2;

  static final int MODE_FULL = 1;
  static final int MODE_COUNT = 2;
  static final int MODE_OFF = 3;
  static final int CONTROL_VERSION = 1;
  static final int CONTROL_RANGES = 16;
  static final int CONTROL_VCPUS = 64;
  static final int CONTROL_WINDOWS = 8;
  static final int WHEN_FULL_BLOCK = 1;
  static final int WHEN_FULL_DROP = 2;
  static final int CODEC_FULL_1 = 1;
  static final int CODEC_COUNT_1 = 2;
  static final int CODEC_DETAIL_1 = 3;
  static final int END_NONE = 0;
  static final int END_EXIT = 1;
  static final int END_EXEC = 2;
  static final int END_DETACHED = 3;

  static final int TALLY_NONE = 0;
  static final int TALLY_OPEN = 1;
  static final int TALLY_BUSY = 2;
  static final int TALLY_CLOSING = 3;
  static final int TALLY_CLOSED = 4;

  static final int SLOT_FLAG_SCRAP = 1;
  static final int SLOT_FLAG_UNSEALED = 2;
  static final int SLOT_FLAG_SYSTEM = 4;

  /** Header fields, from the file's start. */
  static final class Header {
    static final int MAGIC = 0;
    static final int VERSION = 8;
    static final int HEADER_SIZE = 12;
    static final int RUN_ID = 16;
    static final int PARENT_RUN_ID = 32;
    static final int PID = 48;
    static final int VCPU_SLOTS = 52;
    static final int PROCESS_START = 56;
    static final int CREATED_MICROS = 64;
    static final int DESCRIPTORS_OFFSET = 72;
    static final int BUFFERS_OFFSET = 80;
    static final int BUFFER_SIZE = 88;
    static final int BUFFER_COUNT = 92;
    static final int TARGET = 96;
    static final int TARGET_SIZE = 32;
    static final int API_MIN = 128;
    static final int API_CURRENT = 132;
    static final int SYSTEM_EMULATION = 136;
    static final int SMP_VCPUS = 140;
    static final int MAX_VCPUS = 144;
    static final int MODE = 148;
    static final int WHEN_FULL = 152;
    static final int COLUMN_OFFSET = 160;
    static final int COLUMN_CAPACITY = 192;
    static final int END = 224;
    static final int EXIT_CODE = 228;
    static final int START_CODE = 232;
    static final int END_CODE = 240;
    static final int ENTRY_CODE = 248;
    static final int BUFFER_LIMIT = 256;
    static final int UNTRACED_CHILDREN = 260;
    static final int FLUSHES = 264;
    static final int TRANSLATIONS = 272;
    static final int DEFINITIONS = 280;
    static final int HELD_NANOS = 288;
    static final int INLINE_BLOCKS = 296;
    static final int INLINE_INSTRUCTIONS = 304;
    static final int INLINE_ACCESSES = 312;
    static final int FLUSH_EPOCH = 320;
    static final int FREED = 324;
    static final int FREED_WAITERS = 328;
    static final int CONTROL = 332;
    static final int TALLY_OFFSET = 336;
    static final int TALLY_STATE = 344;
    static final int TALLY_VCPUS = 348;
    static final int TALLY_BLOCKS = 352;
    static final int TALLY_REST = 356;
    static final int COUNT_COLUMN_OFFSET = 360;
    static final int COUNT_COLUMN_CAPACITY = 392;
    static final int IMAGE = 512;
    static final int IMAGE_SIZE = 1024;
    static final int WISH = 1536;

    private Header() {}
  }

  /** The control block, from {@link Header#WISH}. How it is written is told in plugin/ring.h. */
  static final class Control {
    static final int VERSION = 0;
    static final int WANTED = 4;
    static final int MODE = 8;
    static final int RANGE_COUNT = 12;
    static final int VCPU_COUNT = 16;
    static final int WINDOW_COUNT = 20;
    static final int APPLIED = 24;
    static final int APPLIED_MICROS = 32;
    static final int RANGES = 48;
    static final int VCPUS = 304;
    static final int WINDOWS = 560;

    private Control() {}
  }

  /** Slot fields, from the slot's start. */
  static final class Slot {
    static final int STATE = 0;
    static final int VCPU = 4;
    static final int GENERATION = 8;
    static final int BUFFER = 12;
    static final int SEQUENCE = 16;
    static final int OPENED_MICROS = 24;
    static final int SEALED_MICROS = 32;
    static final int FIRST_INSTRUCTION = 40;
    static final int PAYLOAD_BEGIN = 64;
    static final int CODEC = 64;
    static final int FLAGS = 68;
    static final int INSTRUCTIONS = 72;
    static final int BLOCKS = 80;
    static final int ACCESSES = 88;
    static final int PROGRESS = 96;
    static final int BLOCK_INSTRUCTIONS = 100;
    static final int LEADING = 104;
    static final int IDLES = 112;
    static final int RESUMES = 120;
    static final int SYSCALLS = 128;
    static final int SYSCALL_RETURNS = 136;
    static final int COLUMN_LENGTH = 144;
    static final int COUNTS = 256;
    static final int PAYLOAD_END = 384;
    static final int DROPPED_BATCHES = 384;
    static final int DROPPED_INSTRUCTIONS = 392;
    static final int DROPPED_BLOCKS = 400;
    static final int DROPPED_ACCESSES = 408;
    static final int EXECUTED_INSTRUCTIONS = 416;
    static final int EXECUTED_BLOCKS = 424;
    static final int EXECUTED_ACCESSES = 432;
    static final int SEALED_INSTRUCTIONS = 440;
    static final int CHANGED_AT = 448;
    static final int PASSED_INSTRUCTIONS = 456;
    static final int CHANGED_PASSED = 464;

    private Slot() {}
  }

  /** The tally, from its start; what it means is told in {@code plugin/ring.h}. */
  static final class Tally {
    static final int BLOCKS_MOST = 131072;
    static final int COUNTERS_MOST = 262144;
    static final int SYSCALLS_MOST = 1024;
    static final int VCPUS_MOST = 16;
    static final int BATCH = 16384;
    static final int GENERIC = 16;

    /* What the counters are of. */
    static final int BLOCKS = 0;
    static final int BLOCK_SIZE = 24;
    static final int BLOCK_CODE_HASH = 8;
    static final int BLOCK_INSTRUCTIONS = 12;
    static final int BLOCK_BYTES = 14;
    static final int BLOCK_FIRST = 16;
    static final int BLOCK_COUNTERS = 20;
    static final int COUNTERS = BLOCKS + BLOCKS_MOST * BLOCK_SIZE;
    static final int COUNTER_SIZE = 8;
    static final int SIZE = COUNTERS + COUNTERS_MOST * COUNTER_SIZE;

    /* The counts of a vCPU, from their start. */
    static final int IN_USE = 0;
    static final int VCPU = 4;
    static final int SYSCALL_NUMBERS = 8;
    static final int VERSION = 12;
    static final int SEQUENCE = 16;
    static final int ARRIVED = 24;
    static final int IDLES = 32;
    static final int RESUMES = 40;
    static final int SENT = 48;
    static final int SENT_SIZE = 160;
    static final int GENERATION = 368;
    static final int ENDED = 372;
    static final int SETTLED = 376;
    static final int SENT_GENERATION = 380;
    static final int SYSCALLS = 4096;
    static final int SYSCALL_SIZE = 96;
    static final int SYSCALL_COUNTS = 8;
    static final int SYSCALL_SENT = 32;
    static final int SYSCALL_SENT_SIZE = 32;
    static final int VCPU_BLOCKS = SYSCALLS + SYSCALLS_MOST * SYSCALL_SIZE;
    static final int BLOCK_SENT_SIZE = 16;
    static final int COUNTS = VCPU_BLOCKS + 2 * BLOCK_SENT_SIZE * BLOCKS_MOST;
    static final int VCPU_SIZE = COUNTS + 8 * COUNTERS_MOST;

    private Tally() {}
  }

  /** Descriptor fields, from the descriptor's start. */
  static final class Descriptor {
    static final int STATE = 0;
    static final int SLOT = 4;

    private Descriptor() {}
  }

  /** Fields of DIR/doorbell. */
  static final class Bell {
    /** "TFBELL\0\1". */
    static final long MAGIC_VALUE = 0x01004c4c45424654L;

    static final int FILE_SIZE = 4096;
    static final int MAGIC = 0;
    static final int WORD = 8;
    static final int WAITING = 12;
    static final int NODE_PID = 16;
    static final int HEARTBEAT_MICROS = 24;

    private Bell() {}
  }

  private RingLayout() {}
}
