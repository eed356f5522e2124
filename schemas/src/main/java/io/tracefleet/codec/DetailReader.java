// SPDX-License-Identifier: Apache-2.0
package io.tracefleet.codec;

import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.Map;
import java.util.TreeMap;

/**
 * Reads a payload of codec 3: what blocks consist of.
 *
 * <pre>{@code
 * reader.wrap(payload, 0, payload.length);
 * while (reader.next()) {
 *   ... reader.vaddr(), reader.symbol() ...
 *   while (reader.nextInstruction()) {
 *     ... reader.code(), reader.disassembly() ...
 *   }
 * }
 * }</pre>
 */
public final class DetailReader {
  private static final int FIXED = 30;
  private static final int PAGE_BITS = 12;
  private static final long PAGES_MOST = 1L << 64 - PAGE_BITS;

  /** Host pages of one file. */
  private record Image(long pages, String path, long offset) {}

  private final PayloadHeader header = new PayloadHeader();
  private final ColumnReader column = new ColumnReader(Column.DETAILS);
  private final ColumnReader record = new ColumnReader(Column.DETAILS);
  private final TreeMap<Long, Image> images = new TreeMap<>();
  private long vaddr;
  private int codeHash;
  private int instructions;
  private int bytes;
  private long page;
  private String symbol;
  private String image;
  private long imageOffset;
  private int instructionsLeft;
  private int bytesLeft;
  private int codeAt;
  private int codeLength;
  private int textAt;
  private int textLength;

  /** Makes a reader of nothing; {@link #wrap} a payload. */
  public DetailReader() {
    record.wrap(new byte[0], 0, 0, 0);
  }

  /**
   * Starts to read a payload.
   *
   * @param payload referred to until the next call
   * @param offset index of its first byte
   * @param length bytes that it has
   * @throws TraceFormatException if it is no payload of codec 3
   */
  public void wrap(byte[] payload, int offset, int length) throws TraceFormatException {
    header.wrap(payload, offset, length);
    if (header.codec() != PayloadHeader.CODEC_DETAIL) {
      throw new TraceFormatException(
          Column.HEADER, 0, "codec " + header.codec() + " has no block details");
    }
    header.wrapColumn(0, column);
    images.clear();
    record.wrap(payload, offset, offset, offset);
    instructionsLeft = 0;
    bytesLeft = 0;
  }

  /**
   * Goes on to the next block. Instructions of the block before that were not read are checked all
   * the same.
   *
   * @return false if there is none
   * @throws TraceFormatException if a record is broken
   */
  public boolean next() throws TraceFormatException {
    while (nextInstruction()) {
      // Only checks.
    }
    while (column.hasRemaining()) {
      nextRecord();
      if (instructions != 0) {
        lookUpImage();
        instructionsLeft = instructions;
        bytesLeft = bytes;
        return true;
      }
      readImage();
    }
    return false;
  }

  private void nextRecord() throws TraceFormatException {
    int begin = column.position();
    int length = column.i32();
    if (length < FIXED || length - 4 > column.remaining()) {
      throw column.error("a record of " + Integer.toUnsignedString(length) + " bytes");
    }
    record.wrap(header.array(), header.arrayOffset(), column.position(), begin + length);
    column.skip(length - 4);
    vaddr = record.i64();
    codeHash = record.i32();
    instructions = record.u16();
    bytes = record.u16();
    page = record.i64();
    int symbolLength = record.u16();
    int symbolAt = record.position();
    record.skip(symbolLength);
    symbol = symbolLength == 0 ? null : text(symbolAt, symbolLength);
  }

  /** A record without instructions tells what the pages from {@code vaddr} on are of. */
  private void readImage() throws TraceFormatException {
    long offset = record.i64();
    if (record.hasRemaining() || bytes != 0) {
      throw record.error("a block without instructions");
    }
    long end = vaddr + page;
    if (vaddr < 0 || page <= 0 || vaddr > PAGES_MOST || page > PAGES_MOST || end > PAGES_MOST) {
      throw record.error("an image of pages that there are not");
    }
    Map.Entry<Long, Image> below = images.lowerEntry(vaddr);
    if (below != null && below.getKey() + below.getValue().pages() > vaddr) {
      images.remove(below.getKey());
    }
    images.subMap(vaddr, end).clear();
    images.put(vaddr, new Image(page, symbol, offset));
  }

  private void lookUpImage() {
    Map.Entry<Long, Image> found = images.floorEntry(page);
    image = null;
    if (found != null && page - found.getKey() < found.getValue().pages()) {
      image = found.getValue().path();
      imageOffset =
          found.getValue().offset()
              + (page - found.getKey() << PAGE_BITS)
              + (vaddr & (1 << PAGE_BITS) - 1);
    }
  }

  /**
   * Goes on to the block's next instruction.
   *
   * @return false if there is none
   * @throws TraceFormatException if the record is broken
   */
  public boolean nextInstruction() throws TraceFormatException {
    if (instructionsLeft == 0) {
      if (record.hasRemaining()) {
        throw record.error(record.remaining() + " bytes follow the last instruction");
      }
      if (bytesLeft != 0) {
        throw record.error("the instructions do not have the block's " + bytes + " bytes");
      }
      return false;
    }
    instructionsLeft--;
    codeLength = record.u8();
    codeAt = record.position();
    record.skip(codeLength);
    textLength = record.u8();
    textAt = record.position();
    record.skip(textLength);
    bytesLeft -= codeLength;
    return true;
  }

  /** Returns the block's guest virtual address. */
  public long vaddr() {
    return vaddr;
  }

  /** Returns the FNV-1a 32 of the block's code. */
  public int codeHash() {
    return codeHash;
  }

  /** Returns how many instructions the block has. */
  public int instructions() {
    return instructions;
  }

  /** Returns how many bytes of code the block has. */
  public int bytes() {
    return bytes;
  }

  /** Returns an opaque number, the same for code in the same host page. */
  public long page() {
    return page;
  }

  /** Returns the symbol that QEMU knows at the block's address, or null. */
  public String symbol() {
    return symbol;
  }

  /**
   * Returns the host's path of the file that the code was mapped from, as /proc/PID/maps writes it,
   * or null if it comes from no file or that is not known.
   */
  public String image() {
    return image;
  }

  /** Returns where in {@link #image} the block begins, bytes. */
  public long imageOffset() {
    return imageOffset;
  }

  /** Returns the bytes of the instruction, a new array. */
  public byte[] code() {
    return Arrays.copyOfRange(record.array(), codeAt, codeAt + codeLength);
  }

  /** Returns QEMU's disassembly of the instruction, empty if there is none. */
  public String disassembly() {
    return text(textAt, textLength);
  }

  private String text(int at, int length) {
    return new String(record.array(), at, length, StandardCharsets.UTF_8);
  }
}
