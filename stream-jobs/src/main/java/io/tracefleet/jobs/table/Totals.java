// SPDX-License-Identifier: Apache-2.0
package io.tracefleet.jobs.table;

import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * The rows of one {@link Group}: each is found by a pair of longs and holds a fixed number of long
 * columns.
 *
 * <p>Rows are numbered from 0 in the order in which they were first seen and are never removed, so
 * a row lies in the chunk {@code row / 64} for ever. Per chunk it is remembered whether it differs
 * from the store ({@code unsaved}) and per row whether its totals have gone out since they changed
 * ({@code changed}). A group may also hold names, which rows refer to by number.
 */
public final class Totals {
  /** Rows in a chunk, the unit that is written to the store. One long has a bit for each. */
  static final int CHUNK_ROWS = 64;

  /** Names in a chunk; with the longest there are it stays far below what a broker takes. */
  static final int CHUNK_NAMES = 256;

  /** Rows without the number of their columns: those that the table had then. */
  private static final byte CHUNK_WITHOUT_COLUMNS = 1;

  /** Rows say how many columns they have, so that a table may be given more. */
  private static final byte CHUNK_VERSION = 2;

  private static final byte NAMES_VERSION = 1;
  private static final int MIN_CAPACITY = 4;

  /** Rows beyond this would overflow the index; a group of this size takes gigabytes. */
  private static final int MAX_ROWS = 1 << 28;

  private final Group group;
  private final int columns;
  private final int stride;

  private long[] rows;
  private int size;
  private int[] index; // row + 1, 0 is free; its length is a power of two, at most half full

  private long[] changed; // per chunk a bit per row
  private boolean[] unsaved; // per chunk
  private boolean anyChanged;
  private boolean anyUnsaved;

  private final List<String> names = new ArrayList<>(0);
  private final Map<String, Integer> nameNumbers = new HashMap<>(0);
  private int namesSaved; // those from here on are not in the store

  Totals(Group group, int columns) {
    this.group = group;
    this.columns = columns;
    this.stride = columns + 2;
    this.rows = new long[MIN_CAPACITY * stride];
    this.index = new int[2 * MIN_CAPACITY];
    this.changed = new long[1];
    this.unsaved = new boolean[1];
  }

  /** Rows that belong to no store: to add up what was read from several. */
  public static Totals detached(int columns) {
    return new Totals(Group.wholeRun("", 0), columns);
  }

  /** Whose rows these are. */
  public Group group() {
    return group;
  }

  /** Number of rows. */
  public int size() {
    return size;
  }

  /**
   * The row with this key, made with zeros if there is none. It counts as changed from now on.
   *
   * @return the row's number
   */
  public int row(long first, long second) {
    int mask = index.length - 1;
    int slot = hash(first, second) & mask;
    int found;
    while ((found = index[slot]) != 0) {
      int at = (found - 1) * stride;
      if (rows[at] == first && rows[at + 1] == second) {
        mark(found - 1);
        return found - 1;
      }
      slot = (slot + 1) & mask;
    }
    int row = append(first, second);
    mark(row);
    return row;
  }

  /** The first half of a row's key. */
  public long first(int row) {
    return rows[row * stride];
  }

  /** The second half of a row's key. */
  public long second(int row) {
    return rows[row * stride + 1];
  }

  /** One column of a row. */
  public long get(int row, int column) {
    return rows[row * stride + 2 + column];
  }

  /** Adds to one column of a row that {@link #row} gave. */
  public void add(int row, int column, long delta) {
    rows[row * stride + 2 + column] += delta;
  }

  /** Sets one column of a row that {@link #row} gave. */
  public void set(int row, int column, long value) {
    rows[row * stride + 2 + column] = value;
  }

  /** The number that stands for a name in this group. */
  public int nameNumber(String name) {
    Integer number = nameNumbers.get(name);
    if (number == null) {
      number = names.size();
      names.add(name);
      nameNumbers.put(name, number);
      anyUnsaved = true;
    }
    return number;
  }

  /** The name that a number of {@link #nameNumber} stands for. */
  public String name(int number) {
    return names.get(number);
  }

  boolean anyChanged() {
    return anyChanged;
  }

  boolean anyUnsaved() {
    return anyUnsaved;
  }

  /** Visits the rows that changed since the last visit. */
  void visitChanged(RowVisitor visitor) {
    int chunks = chunks();
    for (int chunk = 0; chunk < chunks; chunk++) {
      long bits = changed[chunk];
      while (bits != 0) {
        visitor.row(this, chunk * CHUNK_ROWS + Long.numberOfTrailingZeros(bits));
        bits &= bits - 1;
      }
      changed[chunk] = 0;
    }
    anyChanged = false;
  }

  /** Visits all rows; they count as gone out. */
  void visitAll(RowVisitor visitor) {
    for (int row = 0; row < size; row++) {
      visitor.row(this, row);
    }
    Arrays.fill(changed, 0);
    anyChanged = false;
  }

  /** Writes the chunks and names that differ from the store. */
  void save(ChunkStore store) {
    for (; namesSaved < names.size(); namesSaved = Math.min(names.size(), nextNameChunk())) {
      store.write(nameChunk(namesSaved), encodeNames(namesSaved / CHUNK_NAMES));
    }
    int chunks = chunks();
    for (int chunk = 0; chunk < chunks; chunk++) {
      if (unsaved[chunk]) {
        store.write(chunk, encodeChunk(chunk));
        unsaved[chunk] = false;
      }
    }
    anyUnsaved = false;
  }

  /** Reads rows and names back; only for a new object. */
  void load(ChunkStore store) {
    byte[] bytes;
    while ((bytes = store.read(nameChunk(names.size()))) != null) {
      decodeNames(bytes);
      if (names.size() % CHUNK_NAMES != 0) {
        break; // as with rows
      }
    }
    namesSaved = names.size();
    for (int chunk = 0; (bytes = store.read(chunk)) != null; chunk++) {
      decodeChunk(bytes);
      if (size % CHUNK_ROWS != 0) {
        break; // only the last chunk is not full
      }
    }
  }

  private int chunks() {
    return (size + CHUNK_ROWS - 1) / CHUNK_ROWS;
  }

  private void mark(int row) {
    int chunk = row / CHUNK_ROWS;
    changed[chunk] |= 1L << row;
    unsaved[chunk] = true;
    anyChanged = true;
    anyUnsaved = true;
  }

  private int append(long first, long second) {
    if (size == MAX_ROWS) {
      throw new IllegalStateException(group + " has more than " + MAX_ROWS + " different keys");
    }
    int row = size++;
    if (size * stride > rows.length) {
      rows = Arrays.copyOf(rows, 2 * rows.length);
    }
    if (row / CHUNK_ROWS >= unsaved.length) {
      unsaved = Arrays.copyOf(unsaved, 2 * unsaved.length);
      changed = Arrays.copyOf(changed, unsaved.length);
    }
    rows[row * stride] = first;
    rows[row * stride + 1] = second;
    if (2 * size > index.length) {
      rebuildIndex(2 * index.length);
    } else {
      enter(row);
    }
    return row;
  }

  private void enter(int row) {
    int mask = index.length - 1;
    int slot = hash(rows[row * stride], rows[row * stride + 1]) & mask;
    while (index[slot] != 0) {
      slot = (slot + 1) & mask;
    }
    index[slot] = row + 1;
  }

  private void rebuildIndex(int length) {
    index = new int[length];
    for (int row = 0; row < size; row++) {
      enter(row);
    }
  }

  private static int hash(long first, long second) {
    long h = first * 0x9E3779B97F4A7C15L + second * 0xC2B2AE3D27D4EB4FL;
    h ^= h >>> 32;
    h *= 0xD6E8FEB86659FD93L;
    return (int) (h >>> 32);
  }

  /*
   * A chunk in the store:
   *
   *   u8 version | varint rows | varint columns | per row: zigzag(first - first of the row before), zigzag(second),
   *   varint column ...
   *
   * Version 1 has no number of columns. Columns that a table was given later are 0 in older chunks.
   */
  private byte[] encodeChunk(int chunk) {
    int from = chunk * CHUNK_ROWS;
    int to = Math.min(size, from + CHUNK_ROWS);
    PackedBytes out = new PackedBytes(16 + (to - from) * 10 * stride);
    out.u8(CHUNK_VERSION);
    out.varint(to - from);
    out.varint(columns);
    long before = 0;
    for (int row = from; row < to; row++) {
      int at = row * stride;
      out.zigzag(rows[at] - before);
      before = rows[at];
      out.zigzag(rows[at + 1]);
      for (int column = 0; column < columns; column++) {
        out.varint(rows[at + 2 + column]);
      }
    }
    return out.toArray();
  }

  private void decodeChunk(byte[] bytes) {
    readRows(
        group,
        bytes,
        columns,
        (first, second, values) -> {
          int row = append(first, second);
          System.arraycopy(values, 0, rows, row * stride + 2, columns);
        });
  }

  /**
   * Reads a chunk of rows.
   *
   * @param where it lies, for errors
   * @param columns of the table
   */
  static void readRows(Object where, byte[] bytes, int columns, Chunk.RowSink sink) {
    PackedBytes in = new PackedBytes(bytes);
    int version = in.u8();
    if (version != CHUNK_WITHOUT_COLUMNS) {
      checkVersion(where, version, CHUNK_VERSION);
    }
    long count = in.varint();
    if (count == 0) {
      return;
    }
    int stored =
        version == CHUNK_WITHOUT_COLUMNS ? (int) (in.varintsLeft() / count) - 2 : (int) in.varint();
    if (stored > columns) {
      throw new IllegalStateException(
          "Stored totals of %s have %d columns; this release knows %d"
              .formatted(where, stored, columns));
    }
    long first = 0;
    long[] row = new long[columns];
    for (long i = 0; i < count; i++) {
      first += in.zigzag();
      long second = in.zigzag();
      for (int column = 0; column < stored; column++) {
        row[column] = in.varint();
      }
      sink.row(first, second, row);
    }
  }

  private int nextNameChunk() {
    return (namesSaved / CHUNK_NAMES + 1) * CHUNK_NAMES;
  }

  /** In place of a chunk's number: -1 for the first names, -2 for those after them, ... */
  private static int nameChunk(int name) {
    return -1 - name / CHUNK_NAMES;
  }

  /* Names in the store: u8 version | varint names | per name: varint bytes, UTF-8 */
  private byte[] encodeNames(int chunk) {
    int from = chunk * CHUNK_NAMES;
    int to = Math.min(names.size(), from + CHUNK_NAMES);
    PackedBytes out = new PackedBytes(16);
    out.u8(NAMES_VERSION);
    out.varint(to - from);
    for (int i = from; i < to; i++) {
      byte[] utf8 = names.get(i).getBytes(StandardCharsets.UTF_8);
      out.varint(utf8.length);
      out.bytes(utf8);
    }
    return out.toArray();
  }

  private void decodeNames(byte[] bytes) {
    for (String name : readNames(group, bytes)) {
      nameNumbers.put(name, names.size());
      names.add(name);
    }
  }

  /** Reads a chunk of names. */
  static List<String> readNames(Object where, byte[] bytes) {
    PackedBytes in = new PackedBytes(bytes);
    checkVersion(where, in.u8(), NAMES_VERSION);
    int count = (int) in.varint();
    List<String> names = new ArrayList<>(count);
    for (int i = 0; i < count; i++) {
      names.add(new String(in.bytes((int) in.varint()), StandardCharsets.UTF_8));
    }
    return names;
  }

  private static void checkVersion(Object where, int version, int known) {
    if (version != known) {
      throw new IllegalStateException(
          "Stored totals of "
              + where
              + " have format "
              + version
              + "; this release reads format "
              + known);
    }
  }

  /** Sees one row of a group. */
  @FunctionalInterface
  public interface RowVisitor {
    void row(Totals totals, int row);
  }

  /** Where the chunks of one group lie. */
  interface ChunkStore {
    byte[] read(int chunk);

    void write(int chunk, byte[] value);
  }
}
