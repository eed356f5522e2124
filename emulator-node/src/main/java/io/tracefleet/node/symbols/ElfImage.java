// SPDX-License-Identifier: Apache-2.0
package io.tracefleet.node.symbols;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;

/**
 * What symbols need of an ELF file, 32 or 64 bit, either byte order: segments, functions, build-id,
 * and whether there is line information. The file is the guest's: all that it says is checked
 * against its size, and what is read of it is bounded by constants here. It stays open.
 *
 * <p>Libraries for this allocate what the file tells them to, so the few tables are read here.
 */
final class ElfImage implements AutoCloseable {
  private static final int MAGIC = 0x464c457f;
  private static final int HEADER = 64;
  private static final int PT_LOAD = 1;
  private static final int PT_NOTE = 4;
  private static final int PF_X = 1;
  private static final int SHT_SYMTAB = 2;
  private static final int SHT_DYNSYM = 11;
  private static final int SHT_NOBITS = 8;
  private static final int STT_NOTYPE = 0;
  private static final int STT_FUNC = 2;
  private static final int STT_GNU_IFUNC = 10;
  private static final int SHN_RESERVED = 0xff00;
  private static final int EM_ARM = 40;
  private static final int NT_GNU_BUILD_ID = 3;
  private static final int BUILD_ID_MOST = 64;
  private static final int SEGMENTS_MOST = 4096;
  private static final int SECTIONS_MOST = 1 << 16;
  private static final int NOTES_MOST = 1 << 16;
  private static final int SECTION_NAMES_MOST = 1 << 20;
  private static final int SYMBOLS_MOST = 1 << 20;
  private static final int NAMES_MOST = 1 << 26;
  private static final int CHUNK = 1 << 20;

  /**
   * A part of the file that is loaded.
   *
   * @param offset in the file
   * @param address that it is linked at
   * @param physical address that it is loaded at by a machine without an operating system
   * @param size bytes in the file; none in a file that has debug information only
   * @param memory bytes in memory
   * @param executable whether code is in it
   */
  record Segment(
      long offset, long address, long physical, long size, long memory, boolean executable) {
    boolean holdsOffset(long at) {
      return Long.compareUnsigned(at - offset, size) < 0;
    }

    boolean holds(long at) {
      return Long.compareUnsigned(at - address, memory) < 0;
    }
  }

  private record Section(String name, int type, long offset, long size, int link, long entrySize) {}

  private final Path path;
  private final FileChannel file;
  private final long length;
  private final List<Segment> segments = new ArrayList<>();
  private boolean wide;
  private ByteOrder order;
  private int machine;
  private String buildId;
  private SymbolTable functions = SymbolTable.EMPTY;
  private boolean fullSymbols;
  private boolean lines;

  private ElfImage(Path path, FileChannel file) throws IOException {
    this.path = path;
    this.file = file;
    this.length = file.size();
  }

  /**
   * Opens and reads a file.
   *
   * @throws IOException if it is not a regular file that can be read, not ELF, or broken; the
   *     message does not name the file
   */
  static ElfImage open(Path path) throws IOException {
    if (!Files.exists(path)) {
      throw new IOException("there is no such file");
    }
    if (!Files.isRegularFile(path)) {
      throw new IOException("it is not a regular file");
    }
    if (!Files.isReadable(path)) {
      throw new IOException("the node may not read it");
    }
    FileChannel file = FileChannel.open(path, StandardOpenOption.READ);
    boolean whole = false;
    try {
      ElfImage image = new ElfImage(path, file);
      image.read();
      whole = true;
      return image;
    } finally {
      if (!whole) {
        file.close();
      }
    }
  }

  private void read() throws IOException {
    if (length < HEADER) {
      throw new IOException("it is not an ELF file");
    }
    ByteBuffer header = bytes(0, HEADER).order(ByteOrder.LITTLE_ENDIAN);
    if (header.getInt(0) != MAGIC) {
      throw new IOException("it is not an ELF file");
    }
    wide = header.get(4) == 2;
    order = header.get(5) == 2 ? ByteOrder.BIG_ENDIAN : ByteOrder.LITTLE_ENDIAN;
    header.order(order);
    machine = u16(header, 18);
    readSegments(
        word(header, wide ? 32 : 28), u16(header, wide ? 54 : 42), u16(header, wide ? 56 : 44));
    readSections(
        word(header, wide ? 40 : 32),
        u16(header, wide ? 58 : 46),
        u16(header, wide ? 60 : 48),
        u16(header, wide ? 62 : 50));
  }

  private void readSegments(long at, int size, int count) throws IOException {
    if (count == 0) {
      return;
    }
    check(size >= (wide ? 56 : 32) && count <= SEGMENTS_MOST, "its program headers are broken");
    ByteBuffer table = bytes(at, (long) size * count);
    for (int i = 0; i < count; i++) {
      int entry = i * size;
      int type = table.getInt(entry);
      long offset = word(table, entry + (wide ? 8 : 4));
      long address = word(table, entry + (wide ? 16 : 8));
      long physical = word(table, entry + (wide ? 24 : 12));
      long bytes = word(table, entry + (wide ? 32 : 16));
      int flags = table.getInt(entry + (wide ? 4 : 24));
      if (type == PT_LOAD) {
        long memory = word(table, entry + (wide ? 40 : 20));
        segments.add(new Segment(offset, address, physical, bytes, memory, (flags & PF_X) != 0));
      } else if (type == PT_NOTE && buildId == null && bytes > 0) {
        readNotes(bytes(offset, Math.min(bytes, NOTES_MOST)));
      }
    }
  }

  private void readNotes(ByteBuffer notes) {
    int at = 0;
    while (notes.limit() - at >= 12) {
      long nameSize = u32(notes, at);
      long size = u32(notes, at + 4);
      int type = notes.getInt(at + 8);
      long name = at + 12;
      long content = name + (nameSize + 3 & ~3L);
      long next = content + (size + 3 & ~3L);
      if (content + size > notes.limit()) {
        return;
      }
      if (type == NT_GNU_BUILD_ID
          && nameSize == 4
          && notes.order(ByteOrder.BIG_ENDIAN).getInt((int) name) == 0x474e5500
          && size > 0
          && size <= BUILD_ID_MOST) {
        byte[] id = new byte[(int) size];
        notes.get((int) content, id);
        buildId = HexFormat.of().formatHex(id);
      }
      notes.order(order);
      if (next > notes.limit()) {
        return;
      }
      at = (int) next;
    }
  }

  private void readSections(long at, int size, int count, int namesIndex) throws IOException {
    if (at == 0) {
      return;
    }
    check(size >= (wide ? 64 : 40), "its section headers are broken");
    long real = count;
    long namesReal = namesIndex;
    if (count == 0 || namesIndex == 0xffff) {
      // More than fit: section 0 says how many.
      ByteBuffer first = bytes(at, size);
      real = count == 0 ? word(first, wide ? 32 : 20) : count;
      namesReal = namesIndex == 0xffff ? u32(first, wide ? 40 : 24) : namesIndex;
    }
    check(real > 0 && real <= SECTIONS_MOST, "it has more sections than any real file");
    ByteBuffer table = bytes(at, size * real);
    ByteBuffer names = ByteBuffer.allocate(0);
    if (namesReal < real) {
      Section section = section(table, (int) namesReal * size, names);
      if (section.type() != SHT_NOBITS) {
        names = bytes(section.offset(), Math.min(section.size(), SECTION_NAMES_MOST));
      }
    }
    List<Section> sections = new ArrayList<>();
    for (int i = 0; i < real; i++) {
      sections.add(section(table, i * size, names));
    }
    lines =
        sections.stream().anyMatch(s -> s.name().equals(".debug_line") && s.type() != SHT_NOBITS);
    for (Section section : sections) {
      if (section.type() == SHT_SYMTAB && section.link() < real) {
        functions = functions(section, sections.get(section.link()));
        fullSymbols = functions.size() > 0;
      }
    }
    for (Section section : sections) {
      if (section.type() == SHT_DYNSYM && !fullSymbols && section.link() < real) {
        functions = functions(section, sections.get(section.link()));
      }
    }
  }

  private Section section(ByteBuffer table, int at, ByteBuffer names) {
    long name = u32(table, at);
    int end = (int) Math.min(name, names.limit());
    int begin = end;
    while (end < names.limit() && end - begin < 64 && names.get(end) != 0) {
      end++;
    }
    byte[] text = new byte[end - begin];
    names.get(begin, text);
    return new Section(
        new String(text, StandardCharsets.ISO_8859_1),
        table.getInt(at + 4),
        word(table, at + (wide ? 24 : 16)),
        word(table, at + (wide ? 32 : 20)),
        table.getInt(at + (wide ? 40 : 24)) & Integer.MAX_VALUE,
        word(table, at + (wide ? 56 : 36)));
  }

  private SymbolTable functions(Section symbols, Section strings) throws IOException {
    int entry = wide ? 24 : 16;
    if (symbols.size() == 0) {
      return SymbolTable.EMPTY;
    }
    check(symbols.entrySize() == entry, "its symbol table is broken");
    check(
        symbols.size() / entry <= SYMBOLS_MOST && strings.size() <= NAMES_MOST,
        "its symbol table is larger than " + SYMBOLS_MOST + " symbols or 64 MiB of names");
    SymbolTable.Builder table = new SymbolTable.Builder();
    byte[] names = bytes(strings.offset(), strings.size()).array();
    long left = symbols.size() / entry * entry;
    for (long at = symbols.offset(); left > 0; ) {
      int size = (int) Math.min(left, CHUNK / entry * entry);
      ByteBuffer chunk = bytes(at, size);
      for (int i = 0; i < size; i += entry) {
        addFunction(table, chunk, i, names);
      }
      at += size;
      left -= size;
    }
    return table.text(names).build();
  }

  private void addFunction(SymbolTable.Builder table, ByteBuffer chunk, int at, byte[] names) {
    long name = u32(chunk, at);
    int info = chunk.get(at + (wide ? 4 : 12)) & 0xff;
    int section = u16(chunk, at + (wide ? 6 : 14));
    long address = word(chunk, at + (wide ? 8 : 4));
    long size = word(chunk, at + (wide ? 16 : 8));
    int type = info & 15;
    boolean function = type == STT_FUNC || type == STT_GNU_IFUNC;
    if (section == 0
        || section >= SHN_RESERVED
        || !function && type != STT_NOTYPE
        || name == 0
        || name >= names.length) {
      return;
    }
    byte first = names[(int) name];
    if (first == 0 || !function && (first == '$' || first == '.')) {
      // Marks between code and data.
      return;
    }
    if (machine == EM_ARM && function) {
      address &= ~1; // Thumb
    }
    for (Segment segment : segments) {
      if (segment.executable() && segment.holds(address)) {
        long end = segment.address() + segment.memory();
        table.add(address, size, end, (int) name, !function, info >> 4);
        return;
      }
    }
  }

  /** Takes the functions of a file with the same code. */
  void completeFrom(ElfImage debug) {
    if (debug.functions.size() > 0) {
      functions = debug.functions;
      fullSymbols = true;
    }
  }

  Path path() {
    return path;
  }

  List<Segment> segments() {
    return segments;
  }

  SymbolTable functions() {
    return functions;
  }

  /** False for one that was stripped. */
  boolean hasFullSymbols() {
    return fullSymbols;
  }

  /** Whether it has line information of its own. */
  boolean hasLines() {
    return lines;
  }

  /** Bytes of the file. */
  long length() {
    return length;
  }

  /** Hexadecimal, or null. */
  String buildId() {
    return buildId;
  }

  /**
   * The segment that is loaded from {@code offset} in the file, an executable one first, or null.
   */
  Segment segmentAt(long offset) {
    Segment found = null;
    for (Segment segment : segments) {
      if (segment.holdsOffset(offset) && (found == null || segment.executable())) {
        found = segment;
      }
    }
    return found;
  }

  /** Whether the file has {@code code} at {@code offset}. */
  boolean has(byte[] code, long offset) {
    try {
      return offset >= 0
          && code.length <= length - offset
          && bytes(offset, code.length).equals(ByteBuffer.wrap(code));
    } catch (IOException e) {
      return false;
    }
  }

  private ByteBuffer bytes(long at, long size) throws IOException {
    check(
        at >= 0 && size >= 0 && size <= NAMES_MOST && at <= length - size,
        "a table of it lies outside of the file");
    ByteBuffer buffer = ByteBuffer.allocate((int) size);
    while (buffer.hasRemaining()) {
      if (file.read(buffer, at + buffer.position()) < 0) {
        throw new IOException("it was cut short while it was read");
      }
    }
    return buffer.flip().order(order == null ? ByteOrder.LITTLE_ENDIAN : order);
  }

  private static void check(boolean right, String wrong) throws IOException {
    if (!right) {
      throw new IOException(wrong);
    }
  }

  private long word(ByteBuffer buffer, int at) {
    return wide ? buffer.getLong(at) : u32(buffer, at);
  }

  private static long u32(ByteBuffer buffer, int at) {
    return buffer.getInt(at) & 0xffffffffL;
  }

  private static int u16(ByteBuffer buffer, int at) {
    return buffer.getShort(at) & 0xffff;
  }

  @Override
  public void close() throws IOException {
    file.close();
  }
}
