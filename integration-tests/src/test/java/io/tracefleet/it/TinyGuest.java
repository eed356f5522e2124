// SPDX-License-Identifier: Apache-2.0
package io.tracefleet.it;

import io.tracefleet.codec.MemInfo;
import io.tracefleet.codec.TraceVisitor;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;

/**
 * Static programs of a few instructions, made here byte by byte, so that no cross compiler is
 * needed and every event that they make is known.
 */
final class TinyGuest {
  static final long CODE = 0x400000;
  private static final int DATA = 0x600000;
  private static final int X86_64 = 62;
  private static final int S390 = 22;

  /** Inner rounds of {@link #loops}. */
  private static final int INNER = 4096;

  private static final int ROUND_INSTRUCTIONS = 6;
  private static final long OUTER_AT = CODE + 5;
  private static final long INNER_AT = OUTER_AT + 5;
  private static final long TAIL_AT = INNER_AT + 35;
  private static final long EXIT_AT = TAIL_AT + 4;

  private TinyGuest() {}

  /**
   * x86-64: {@code outer} times 4096 rounds of one store and three loads through a table; exits
   * with 7.
   */
  static Path loops(Path directory, int outer) throws IOException {
    String code =
        "bb"
            + little(outer) // mov $outer, %ebx
            + "b9"
            + little(INNER) // outer: mov $4096, %ecx
            + "890c8d"
            + little(DATA) // inner: mov %ecx, table(,%rcx,4)
            + "4863048d"
            + little(DATA) // movslq table(,%rcx,4), %rax
            + "0fbe148d"
            + little(DATA) // movsbl table(,%rcx,4), %edx
            + "0fb7148d"
            + little(DATA) // movzwl table(,%rcx,4), %edx
            + "ffc9"
            + "75dd" // dec %ecx; jnz inner
            + "ffcb"
            + "75d4" // dec %ebx; jnz outer
            + "b83c000000"
            + "bf07000000"
            + "0f05"; // exit(7)
    return write(directory.resolve("loops"), X86_64, ByteOrder.LITTLE_ENDIAN, code);
  }

  /** Instructions that {@link #loops} executes. */
  static long loopInstructions(int outer) {
    return 1 + outer * (1 + (long) INNER * ROUND_INSTRUCTIONS + 2) + 3;
  }

  /** s390x: big-endian loads with and without sign, stores; exits with 5. */
  static Path bigEndian(Path directory) throws IOException {
    String code =
        "c010"
            + HexFormat.of().toHexDigits((int) ((DATA - CODE) / 2)) // larl %r1, data
            + "e32010000014" // lgf %r2, 0(%r1): 4 bytes, signed
            + "e32010000015" // lgh %r2, 0(%r1): 2 bytes, signed
            + "e32010000016" // llgf %r2, 0(%r1): 4 bytes
            + "e32010000004" // lg %r2, 0(%r1): 8 bytes
            + "e32010080024" // stg %r2, 8(%r1): 8 bytes
            + "50201008" // st %r2, 8(%r1): 4 bytes
            + "a7290005"
            + "0a01"; // lghi %r2, 5; svc exit
    return write(directory.resolve("big-endian"), S390, ByteOrder.BIG_ENDIAN, code);
  }

  /** What {@link #bigEndian} accesses, in order: meminfo as the trace has it. */
  static List<Integer> bigEndianAccesses() {
    int big = MemInfo.BIG_ENDIAN;
    return List.of(
        big | MemInfo.SIGN_EXTENDED | 2,
        big | MemInfo.SIGN_EXTENDED | 1,
        big | 2,
        big | 3,
        big | MemInfo.STORE | 3,
        big | MemInfo.STORE | 2);
  }

  /**
   * x86 firmware for {@code -bios} with four vCPUs: the first starts the others, all make {@code
   * rounds} at the same time, the first waits for them and powers off.
   */
  static Path fourVcpus(Path directory, int rounds) throws IOException {
    String code =
        "fa"
            + "2e660f0116c000" // 0: cli; lgdtl %cs:gdtr
            + "66b801000000"
            + "0f22c0" // mov $1, %eax; mov %eax, %cr0
            + "66ea19000f000800" // ljmpl $8, $1f
            + "b810000000"
            + "8ed8" // 1: mov $0x10, %eax; mov %eax, %ds
            + "8b1d2000e0fe" // mov LAPIC_ID, %ebx
            + "c705f000e0feff010000" // movl $0x1ff, LAPIC_SVR
            + "c1eb18"
            + "7514" // shr $24, %ebx; jnz 2f
            + "c7050003e0fe00450c00" // movl $0xc4500, LAPIC_ICR: INIT, all others
            + "c7050003e0fef0460c00" // movl $0xc46f0, LAPIC_ICR: SIPI to 0xf0000
            + "b9"
            + little(rounds) // 2: mov $rounds, %ecx
            + "890d00100000"
            + "49"
            + "75f7" // 3: mov %ecx, 0x1000; dec %ecx; jnz 3b
            + "f0ff0500200000" // lock incl 0x2000
            + "85db"
            + "753c" // test %ebx, %ebx; jnz 5f
            + "833d0020000004"
            + "75f7" // 4: cmpl $4, 0x2000; jne 4b
            + "66baf80c"
            + "b8400b0080"
            + "ef" // power off: the PIIX4's ACPI registers to 0x600
            + "66bafc0c"
            + "b801060000"
            + "ef"
            + "66baf80c"
            + "b8800b0080"
            + "ef"
            + "66bafc0c"
            + "b801000000"
            + "ef"
            + "66ba0406"
            + "b800200000"
            + "66ef"
            + "fa"
            + "f4"
            + "ebfc" // 5: cli; hlt; jmp 5b
            + "8db600000000" // to a multiple of 8
            + "0000000000000000"
            + "ffff0000009bcf00"
            + "ffff00000093cf00" // gdt: flat code, data
            + "1700a8000f00"; // gdtr
    byte[] rom = new byte[0x10000];
    byte[] bytes = HexFormat.of().parseHex(code);
    System.arraycopy(bytes, 0, rom, 0, bytes.length);
    byte[] reset = HexFormat.of().parseHex("ea000000f0"); // ljmp $0xf000, $0
    System.arraycopy(reset, 0, rom, 0xfff0, reset.length);
    return Files.write(directory.resolve("four-vcpus.rom"), rom);
  }

  private static String little(int value) {
    return HexFormat.of().toHexDigits(Integer.reverseBytes(value));
  }

  /** A static executable: code at {@link #CODE}, an entry at its start, zeroed data. */
  private static Path write(Path file, int machine, ByteOrder order, String code)
      throws IOException {
    byte[] bytes = HexFormat.of().parseHex(code);
    int headers = 64 + 2 * 56;
    int at = 0x1000;
    ByteBuffer elf = ByteBuffer.allocate(at + bytes.length).order(order);
    elf.put(new byte[] {0x7f, 'E', 'L', 'F', 2, (byte) (order == ByteOrder.BIG_ENDIAN ? 2 : 1), 1});
    elf.position(16);
    elf.putShort((short) 2)
        .putShort((short) machine)
        .putInt(1)
        .putLong(CODE)
        .putLong(64)
        .putLong(0);
    elf.putInt(0).putShort((short) 64).putShort((short) 56).putShort((short) 2);
    elf.position(64);
    // PT_LOAD: readable and executable code, then writable zeroes.
    elf.putInt(1).putInt(5).putLong(at).putLong(CODE).putLong(CODE);
    elf.putLong(bytes.length).putLong(bytes.length).putLong(0x1000);
    elf.putInt(1).putInt(6).putLong(0).putLong(DATA).putLong(DATA);
    elf.putLong(headers).putLong(0x10000).putLong(0x1000);
    elf.position(at);
    elf.put(bytes);
    Files.write(file, elf.array());
    Files.setPosixFilePermissions(file, PosixFilePermissions.fromString("rwxr-xr-x"));
    return file;
  }

  /**
   * Follows a trace of {@link #loops} event by event, from its start or from the block at which a
   * number of instructions has passed.
   */
  static final class LoopFollower implements TraceVisitor {
    private final List<long[]> definitions = new ArrayList<>();
    private final List<String> wrong = new ArrayList<>();
    private long instructions;
    private int outerLeft;
    private int innerLeft;
    private boolean started;
    private int owed; // accesses that the running block has still to make
    private long expected;

    LoopFollower(int outer, long passed) {
      outerLeft = outer;
      expected = CODE;
      for (long skipped = 0; skipped < passed; ) {
        skipped += next();
      }
    }

    /** Goes to the next block; returns the instructions of the one before. */
    private int next() {
      if (expected == CODE || expected == OUTER_AT) {
        int n = expected == CODE ? 8 : 7;
        innerLeft = INNER - 1;
        expected = INNER_AT;
        return n;
      }
      if (expected == INNER_AT) {
        if (--innerLeft == 0) {
          expected = TAIL_AT;
        }
        return ROUND_INSTRUCTIONS;
      }
      if (expected == TAIL_AT) {
        expected = --outerLeft > 0 ? OUTER_AT : EXIT_AT;
        return 2;
      }
      expected = -1;
      return 3;
    }

    @Override
    public void definition(int index, long vaddr, int size, int bytes, int codeHash) {
      if (index == 0) {
        definitions.clear();
      }
      definitions.add(new long[] {vaddr, size});
    }

    @Override
    public void block(int index) {
      long vaddr = definitions.get(index)[0];
      check(owed == 0, "block", vaddr, 0);
      check(vaddr == expected, "block", vaddr, expected);
      started = true;
      int size = next();
      check(definitions.get(index)[1] == size, "block size", definitions.get(index)[1], size);
      instructions += size;
      owed = size >= ROUND_INSTRUCTIONS ? 4 : 0;
    }

    @Override
    public void access(int index, int number, int info, long vaddr, int device, long physical) {
      // The first instructions of a block are those before its accesses.
      int round = 4 - owed;
      int counter = size(index) > ROUND_INSTRUCTIONS ? INNER : rounds();
      int meminfo =
          switch (round) {
            case 0 -> MemInfo.STORE | 2;
            case 1 -> MemInfo.SIGN_EXTENDED | 2;
            case 2 -> MemInfo.SIGN_EXTENDED;
            default -> 1;
          };
      check(owed > 0 && started, "access", vaddr, 0);
      check(info == meminfo, "meminfo", info, meminfo);
      check(vaddr == DATA + 4L * counter, "address", vaddr, DATA + 4L * counter);
      check(
          number == size(index) - ROUND_INSTRUCTIONS + round,
          "instruction",
          number,
          size(index) - ROUND_INSTRUCTIONS + round);
      owed--;
    }

    /** %ecx in the running inner round. */
    private int rounds() {
      return expected == TAIL_AT ? 1 : innerLeft + 1;
    }

    private int size(int index) {
      return (int) definitions.get(index)[1];
    }

    private void check(boolean good, String what, long actual, long wanted) {
      if (!good && wrong.size() < 10) {
        wrong.add(
            "after %d instructions: %s 0x%x, not 0x%x"
                .formatted(instructions, what, actual, wanted));
      }
    }

    /** Differences from what the program does. */
    List<String> wrong() {
      return wrong;
    }

    /** Instructions of the blocks that were followed. */
    long instructions() {
      return instructions;
    }

    /** True if the program's last block was followed. */
    boolean atEnd() {
      return expected == -1;
    }
  }
}
