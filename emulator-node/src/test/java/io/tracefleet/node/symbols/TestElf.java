// SPDX-License-Identifier: Apache-2.0
package io.tracefleet.node.symbols;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/** Writes small ELF files: one executable segment, a symbol table, a build-id. */
final class TestElf {
  static final int TEXT_OFFSET = 0x1000;

  private record Symbol(String name, long address, long size, int info) {}

  private final boolean wide;
  private final ByteOrder order;
  private final long address;
  private final byte[] text;
  private final List<Symbol> symbols = new ArrayList<>();
  private byte[] buildId = {1, 2, 3, (byte) 0xfe};

  /**
   * @param address that the text is linked at
   */
  TestElf(boolean wide, ByteOrder order, long address, byte[] text) {
    this.wide = wide;
    this.order = order;
    this.address = address;
    this.text = text;
  }

  static TestElf of(long address, byte[] text) {
    return new TestElf(true, ByteOrder.LITTLE_ENDIAN, address, text);
  }

  /** A global function. */
  TestElf function(String name, long at, long size) {
    return symbol(name, at, size, 0x12);
  }

  /**
   * @param info binding and type, as in ELF
   */
  TestElf symbol(String name, long at, long size, int info) {
    symbols.add(new Symbol(name, at, size, info));
    return this;
  }

  Path write(Path file) throws IOException {
    return Files.write(file, bytes());
  }

  byte[] bytes() {
    int headerSize = wide ? 64 : 52;
    int segmentSize = wide ? 56 : 32;
    int sectionSize = wide ? 64 : 40;
    int symbolSize = wide ? 24 : 16;
    int note = headerSize + 2 * segmentSize;
    int noteSize = 16 + buildId.length;
    ByteArrayOutputStream strings = new ByteArrayOutputStream();
    strings.write(0);
    ByteBuffer table = ByteBuffer.allocate((symbols.size() + 1) * symbolSize).order(order);
    table.position(symbolSize);
    for (Symbol symbol : symbols) {
      int name = strings.size();
      strings.writeBytes(symbol.name().getBytes(StandardCharsets.UTF_8));
      strings.write(0);
      if (wide) {
        table.putInt(name).put((byte) symbol.info()).put((byte) 0).putShort((short) 1);
        table.putLong(symbol.address()).putLong(symbol.size());
      } else {
        table.putInt(name).putInt((int) symbol.address()).putInt((int) symbol.size());
        table.put((byte) symbol.info()).put((byte) 0).putShort((short) 1);
      }
    }
    int tableAt = TEXT_OFFSET + text.length;
    int stringsAt = tableAt + table.capacity();
    int sectionsAt = stringsAt + strings.size();
    ByteBuffer file = ByteBuffer.allocate(sectionsAt + 4 * sectionSize).order(order);
    file.put(new byte[] {0x7f, 'E', 'L', 'F', (byte) (wide ? 2 : 1)});
    file.put((byte) (order == ByteOrder.BIG_ENDIAN ? 2 : 1)).put((byte) 1);
    file.position(16).putShort((short) 2).putShort((short) 62).putInt(1);
    word(file, address);
    word(file, headerSize);
    word(file, sectionsAt);
    file.putInt(0).putShort((short) headerSize);
    file.putShort((short) segmentSize).putShort((short) 2);
    file.putShort((short) sectionSize).putShort((short) 4).putShort((short) 0);
    segment(file, headerSize, 1, TEXT_OFFSET, address, text.length);
    segment(file, headerSize + segmentSize, 4, note, 0, noteSize);
    file.position(note).putInt(4).putInt(buildId.length).putInt(3);
    file.put(new byte[] {'G', 'N', 'U', 0}).put(buildId);
    file.position(TEXT_OFFSET).put(text).put(table.array()).put(strings.toByteArray());
    section(file, sectionsAt + sectionSize, 1, TEXT_OFFSET, text.length, 0, 0);
    section(file, sectionsAt + 2 * sectionSize, 2, tableAt, table.capacity(), 3, symbolSize);
    section(file, sectionsAt + 3 * sectionSize, 3, stringsAt, strings.size(), 0, 0);
    return file.array();
  }

  private void segment(ByteBuffer file, int at, int type, long offset, long address, long size) {
    file.position(at).putInt(type);
    if (wide) {
      file.putInt(5);
    }
    word(file, offset);
    word(file, address);
    word(file, address & 0x7fffffff);
    word(file, size);
    word(file, size);
    if (!wide) {
      file.putInt(5);
    }
  }

  private void section(
      ByteBuffer file, int at, int type, long offset, long size, int link, int entry) {
    file.position(at).putInt(0).putInt(type);
    word(file, 0);
    word(file, 0);
    word(file, offset);
    word(file, size);
    file.putInt(link).putInt(0);
    word(file, 0);
    word(file, entry);
  }

  private void word(ByteBuffer file, long value) {
    if (wide) {
      file.putLong(value);
    } else {
      file.putInt((int) value);
    }
  }
}
