// SPDX-License-Identifier: Apache-2.0
package io.tracefleet.node.qemu;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.FileChannel;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.OptionalLong;

/** The program headers of an ELF file, 32 or 64 bit, either byte order. */
public final class ElfFile {
  private static final int PT_LOAD = 1;
  private static final int PT_INTERP = 3;
  private static final int PF_X = 1;
  private static final int HEADERS_MOST = 256;

  private final boolean interpreted;
  private final long textOffset;

  private ElfFile(boolean interpreted, long textOffset) {
    this.interpreted = interpreted;
    this.textOffset = textOffset;
  }

  /**
   * True if {@code path} is an ELF file that no dynamic linker loads; false for everything else.
   */
  static boolean isStatic(Path path) {
    ElfFile elf = read(path);
    return elf != null && !elf.interpreted;
  }

  /**
   * File offset of the start of the first executable segment, bytes; empty if {@code path} is not a
   * readable ELF file.
   */
  public static OptionalLong textOffset(Path path) {
    ElfFile elf = read(path);
    return elf == null || elf.textOffset < 0
        ? OptionalLong.empty()
        : OptionalLong.of(elf.textOffset);
  }

  private static ElfFile read(Path path) {
    try (FileChannel file = FileChannel.open(path, StandardOpenOption.READ)) {
      ByteBuffer header = bytes(file, 0, 64);
      if (header.getInt(0) != 0x464c457f) {
        return null;
      }
      boolean wide = header.get(4) == 2;
      header.order(header.get(5) == 2 ? ByteOrder.BIG_ENDIAN : ByteOrder.LITTLE_ENDIAN);
      long at = wide ? header.getLong(32) : header.getInt(28) & 0xffffffffL;
      int size = header.getShort(wide ? 54 : 42) & 0xffff;
      int count = Math.min(HEADERS_MOST, header.getShort(wide ? 56 : 44) & 0xffff);
      if (size < (wide ? 56 : 32)) {
        return null;
      }
      ByteBuffer table = bytes(file, at, size * count).order(header.order());
      boolean interpreted = false;
      long textOffset = -1;
      long lowest = -1;
      for (int i = 0; i < count; i++) {
        int entry = i * size;
        int type = table.getInt(entry);
        interpreted |= type == PT_INTERP;
        int flags = table.getInt(entry + (wide ? 4 : 24));
        if (type == PT_LOAD && (flags & PF_X) != 0) {
          long address = wide ? table.getLong(entry + 16) : table.getInt(entry + 8) & 0xffffffffL;
          if (textOffset < 0 || Long.compareUnsigned(address, lowest) < 0) {
            lowest = address;
            textOffset = wide ? table.getLong(entry + 8) : table.getInt(entry + 4) & 0xffffffffL;
          }
        }
      }
      return new ElfFile(interpreted, textOffset);
    } catch (IOException | IndexOutOfBoundsException | IllegalArgumentException e) {
      return null;
    }
  }

  private static ByteBuffer bytes(FileChannel file, long at, int size) throws IOException {
    ByteBuffer buffer = ByteBuffer.allocate(size).order(ByteOrder.LITTLE_ENDIAN);
    for (int n; buffer.hasRemaining() && (n = file.read(buffer, at + buffer.position())) >= 0; ) {
      if (n == 0) {
        break;
      }
    }
    return buffer;
  }
}
