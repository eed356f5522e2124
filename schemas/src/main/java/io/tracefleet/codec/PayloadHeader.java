// SPDX-License-Identifier: Apache-2.0
package io.tracefleet.codec;

/**
 * Flyweight over the fixed fields of a payload, the first {@value #SIZE} bytes. The C side is
 * {@code struct ring_slot} in {@code emulator-node/plugin/ring.h}.
 *
 * <p>{@link #wrap} checks what can be checked without decoding: the codec, the limits and that the
 * columns fill the payload.
 */
public final class PayloadHeader {
  /** Every executed block and every access; from 0.1. */
  public static final int CODEC_FULL = 1;

  /** Counters only; from 0.1. */
  public static final int CODEC_COUNT = 2;

  /** What blocks consist of; from 0.1. */
  public static final int CODEC_DETAIL = 3;

  /** Bytes before the columns. */
  public static final int SIZE = 320;

  /** Largest payload, bytes. */
  public static final int MAX_PAYLOAD = 1 << 20;

  /** Columns that a payload has. */
  public static final int COLUMNS = 8;

  /** Most blocks, and most accesses, that a payload of codec 1 may stand for. */
  public static final long MAX_EVENTS = 0xffff_ffffL;

  /** Most instructions, and most code bytes, of one block. */
  public static final int MAX_BLOCK = 0xffff;

  /** Longest name of a device, bytes. */
  public static final int MAX_DEVICE_NAME = 255;

  /** Most devices that one payload names. */
  public static final int MAX_DEVICES = 4096;

  /** Most slots that one payload has. */
  public static final int MAX_SLOTS = 16384;

  static final String GOES_ON = "the column goes on after the last event that the header counts";

  private static final long MAX_COUNT = 1L << 60;
  private static final int FLAG_RESCUED = 2;
  private static final int FLAG_SYSTEM = 4;

  private byte[] bytes = new byte[SIZE];
  private int begin;
  private int length = SIZE;

  /** Makes a header of an empty payload; {@link #wrap} it before use. */
  public PayloadHeader() {}

  /**
   * Looks at a payload.
   *
   * @param bytes holds the payload; read, never written, and referred to until the next call
   * @param offset index of its first byte
   * @param length bytes that it has
   * @return this
   * @throws TraceFormatException if the payload is too short or too long, its codec is unknown, a
   *     count is beyond the limits, or the columns do not fill it exactly
   */
  public PayloadHeader wrap(byte[] bytes, int offset, int length) throws TraceFormatException {
    if ((offset | length) < 0 || offset > bytes.length - length) {
      throw new IndexOutOfBoundsException(
          offset + " + " + length + " is outside of " + bytes.length + " bytes");
    }
    if (length < SIZE) {
      throw error(0, "it has " + length + " bytes, the fixed fields alone have " + SIZE);
    }
    if (length > MAX_PAYLOAD) {
      throw error(0, "it has " + length + " bytes, more than " + MAX_PAYLOAD);
    }
    this.bytes = bytes;
    this.begin = offset;
    this.length = length;
    if (codec() < CODEC_FULL || codec() > CODEC_DETAIL) {
      throw error(0, "codec " + codec() + " is unknown");
    }
    long columns = 0;
    for (int column = 0; column < COLUMNS; column++) {
      columns += Bytes.u32(bytes, begin + 80 + 4 * column);
    }
    if (columns != length - SIZE) {
      throw error(
          80,
          "the columns have " + columns + " bytes, not the " + (length - SIZE) + " that follow");
    }
    long most = codec() == CODEC_FULL ? MAX_EVENTS : MAX_COUNT;
    limit(16, "blocks", blocks(), most);
    limit(24, "accesses", accesses(), most);
    limit(32, "progress", progress() & 0xffff_ffffL, MAX_BLOCK);
    limit(36, "blockInstructions", blockInstructions() & 0xffff_ffffL, MAX_BLOCK);
    limit(40, "leading", leading(), MAX_BLOCK);
    limit(48, "idles", idles(), MAX_COUNT);
    limit(56, "resumes", resumes(), MAX_COUNT);
    limit(64, "syscalls", syscalls(), MAX_COUNT);
    limit(72, "syscallReturns", syscallReturns(), MAX_COUNT);
    limit(8, "instructions + progress", dispatched(), MAX_COUNT);
    return this;
  }

  private static void limit(int at, String field, long value, long most)
      throws TraceFormatException {
    if (value < 0 || value > most) {
      throw error(at, field + " is " + Long.toUnsignedString(value) + ", more than " + most);
    }
  }

  private static TraceFormatException error(int at, String reason) {
    return new TraceFormatException(Column.HEADER, at, reason);
  }

  /** Returns the array that holds the payload. */
  public byte[] array() {
    return bytes;
  }

  /** Returns the index of the payload's first byte in {@link #array}. */
  public int arrayOffset() {
    return begin;
  }

  /** Returns the payload's length in bytes. */
  public int length() {
    return length;
  }

  /** Returns one of the {@code CODEC_} numbers. */
  public int codec() {
    return Bytes.i32(bytes, begin);
  }

  /**
   * Returns whether the node took the batch from a dead process; bytes may trail in each column.
   */
  public boolean rescued() {
    return (Bytes.i32(bytes, begin + 4) & FLAG_RESCUED) != 0;
  }

  /** Returns whether the guest ran in system emulation. */
  public boolean systemEmulation() {
    return (Bytes.i32(bytes, begin + 4) & FLAG_SYSTEM) != 0;
  }

  /** Returns the instructions dispatched in this batch. */
  public long dispatched() {
    return Bytes.i64(bytes, begin + 8) + Bytes.u32(bytes, begin + 32);
  }

  /** Returns the blocks dispatched in this batch. */
  public long blocks() {
    return Bytes.i64(bytes, begin + 16);
  }

  /** Returns the memory accesses in this batch. */
  public long accesses() {
    return Bytes.i64(bytes, begin + 24);
  }

  /** Returns the instructions of the last block known to be dispatched; unsigned. */
  public int progress() {
    return Bytes.i32(bytes, begin + 32);
  }

  /** Returns the instructions that the last block has, 0 if it ended inside the batch; unsigned. */
  public int blockInstructions() {
    return Bytes.i32(bytes, begin + 36);
  }

  /** Returns the instructions that belong to a block begun in an earlier batch. */
  public long leading() {
    return Bytes.i64(bytes, begin + 40);
  }

  /** Returns how often the vCPU went idle. */
  public long idles() {
    return Bytes.i64(bytes, begin + 48);
  }

  /** Returns how often it resumed. */
  public long resumes() {
    return Bytes.i64(bytes, begin + 56);
  }

  /** Returns the system calls entered. */
  public long syscalls() {
    return Bytes.i64(bytes, begin + 64);
  }

  /** Returns the system calls returned from. */
  public long syscallReturns() {
    return Bytes.i64(bytes, begin + 72);
  }

  /**
   * Returns the accesses that count mode counted.
   *
   * @param store 0 loads, 1 stores
   * @param sizeShift log2 of the size in bytes, 0 to 7
   */
  public long count(int store, int sizeShift) {
    return Bytes.i64(bytes, begin + 192 + 64 * store + 8 * sizeShift);
  }

  /** Returns the bytes that a column has. */
  public int columnLength(int column) {
    return Bytes.i32(bytes, begin + 80 + 4 * column);
  }

  /** Returns the index of a column's first byte in {@link #array}. */
  public int columnOffset(int column) {
    int at = begin + SIZE;
    for (int c = 0; c < column; c++) {
      at += columnLength(c);
    }
    return at;
  }

  /** Checks that a column that the codec does not have is empty. */
  void requireEmpty(int column) throws TraceFormatException {
    if (columnLength(column) != 0) {
      throw error(
          80 + 4 * column,
          "column "
              + column
              + " has "
              + columnLength(column)
              + " bytes, but the codec has no such column here");
    }
  }

  /** Checks that a column was used up; {@code pending} if what was read last was not. */
  static void requireUsed(ColumnReader reader, boolean pending) throws TraceFormatException {
    if (pending || reader.hasRemaining()) {
      throw reader.error(GOES_ON);
    }
  }

  /** Checks that the system calls are those that the header counts. */
  void checkSyscalls(long entries, long returns) throws TraceFormatException {
    if (entries != syscalls() || returns != syscallReturns()) {
      throw error(
          64,
          "it has "
              + syscalls()
              + " system calls and "
              + syscallReturns()
              + " returns, the column "
              + entries
              + " and "
              + returns);
    }
  }

  void wrapColumn(int column, ColumnReader reader) {
    int at = columnOffset(column);
    reader.wrap(bytes, begin, at, at + columnLength(column));
  }
}
