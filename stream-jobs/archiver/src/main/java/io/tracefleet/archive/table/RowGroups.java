// SPDX-License-Identifier: Apache-2.0
package io.tracefleet.archive.table;

import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.EOFException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.List;
import org.apache.parquet.format.ColumnChunk;
import org.apache.parquet.format.ColumnMetaData;
import org.apache.parquet.format.FileMetaData;
import org.apache.parquet.format.RowGroup;
import org.apache.parquet.format.Util;

/**
 * Puts Parquet files together without reading their rows: the bytes of their row groups are copied
 * as they are, and one footer tells where they are now.
 */
public final class RowGroups {
  private static final byte[] MAGIC = "PAR1".getBytes(StandardCharsets.US_ASCII);
  private static final int TAIL = Integer.BYTES + MAGIC.length;

  /** Smaller ones are better written anew, many in one: a reader pays for each. */
  private static final long LARGE = 2 << 20;

  private RowGroups() {}

  /** A file's footer, and where it begins. */
  private record Footer(FileMetaData data, long position) {}

  /** Whether the row groups of a file are so large that they may stay as they are. */
  public static boolean areLarge(Path file) throws IOException {
    try (FileChannel channel = FileChannel.open(file, StandardOpenOption.READ)) {
      List<RowGroup> groups = footer(channel, file).data().getRow_groups();
      long bytes = groups.stream().mapToLong(RowGroup::getTotal_byte_size).sum();
      return bytes > 0 && bytes / groups.size() >= LARGE;
    }
  }

  /**
   * Makes a file with the row groups of others, in this order.
   *
   * @return false, and there is no such file, if they have not all the same columns
   */
  public static boolean join(List<Path> files, Path to) throws IOException {
    FileMetaData joined = null;
    for (Path file : files) { // before the first byte
      try (FileChannel channel = FileChannel.open(file, StandardOpenOption.READ)) {
        FileMetaData one = footer(channel, file).data();
        if (joined == null) {
          joined = one;
        } else if (!joined.getSchema().equals(one.getSchema())) {
          return false;
        }
      }
    }
    if (joined == null) {
      return false;
    }
    joined.setRow_groups(new ArrayList<>());
    joined.setNum_rows(0);
    try (FileChannel target =
        FileChannel.open(
            to,
            StandardOpenOption.CREATE,
            StandardOpenOption.TRUNCATE_EXISTING,
            StandardOpenOption.WRITE)) {
      write(target, ByteBuffer.wrap(MAGIC));
      for (Path file : files) {
        append(file, target, joined);
      }
      ByteArrayOutputStream footer = new ByteArrayOutputStream();
      Util.writeFileMetaData(joined, footer);
      write(target, ByteBuffer.wrap(footer.toByteArray()));
      write(
          target,
          ByteBuffer.allocate(TAIL)
              .order(ByteOrder.LITTLE_ENDIAN)
              .putInt(footer.size())
              .put(MAGIC)
              .flip());
    }
    return true;
  }

  private static void append(Path file, FileChannel target, FileMetaData joined)
      throws IOException {
    try (FileChannel channel = FileChannel.open(file, StandardOpenOption.READ)) {
      Footer footer = footer(channel, file);
      long moved = target.position() - MAGIC.length;
      for (RowGroup group : footer.data().getRow_groups()) {
        move(group, moved);
        group.setOrdinal((short) joined.getRow_groupsSize());
        joined.addToRow_groups(group);
      }
      joined.setNum_rows(joined.getNum_rows() + footer.data().getNum_rows());
      for (long at = MAGIC.length; at < footer.position(); ) {
        at += channel.transferTo(at, footer.position() - at, target);
      }
    }
  }

  /** Everything between magic and footer moves as far: pages, dictionaries, indexes, filters. */
  private static void move(RowGroup group, long by) {
    if (group.isSetFile_offset()) {
      group.setFile_offset(group.getFile_offset() + by);
    }
    for (ColumnChunk chunk : group.getColumns()) {
      if (chunk.getFile_offset() > 0) { // zero says nothing
        chunk.setFile_offset(chunk.getFile_offset() + by);
      }
      if (chunk.isSetColumn_index_offset()) {
        chunk.setColumn_index_offset(chunk.getColumn_index_offset() + by);
      }
      if (chunk.isSetOffset_index_offset()) {
        chunk.setOffset_index_offset(chunk.getOffset_index_offset() + by);
      }
      ColumnMetaData column = chunk.getMeta_data();
      column.setData_page_offset(column.getData_page_offset() + by);
      if (column.isSetIndex_page_offset()) {
        column.setIndex_page_offset(column.getIndex_page_offset() + by);
      }
      if (column.isSetDictionary_page_offset()) {
        column.setDictionary_page_offset(column.getDictionary_page_offset() + by);
      }
      if (column.isSetBloom_filter_offset()) {
        column.setBloom_filter_offset(column.getBloom_filter_offset() + by);
      }
    }
  }

  private static Footer footer(FileChannel channel, Path file) throws IOException {
    long size = channel.size();
    if (size < MAGIC.length + TAIL) {
      throw new EOFException("File " + file + " is no Parquet file: it has " + size + " bytes.");
    }
    ByteBuffer tail = read(channel, size - TAIL, TAIL).order(ByteOrder.LITTLE_ENDIAN);
    int length = tail.getInt();
    if (!tail.equals(ByteBuffer.wrap(MAGIC)) || length < 0 || length > size - MAGIC.length - TAIL) {
      throw new IOException("File " + file + " is no Parquet file: it has no footer.");
    }
    long position = size - TAIL - length;
    return new Footer(
        Util.readFileMetaData(new ByteArrayInputStream(read(channel, position, length).array())),
        position);
  }

  private static ByteBuffer read(FileChannel channel, long position, int length)
      throws IOException {
    ByteBuffer bytes = ByteBuffer.allocate(length);
    while (bytes.hasRemaining()) {
      if (channel.read(bytes, position + bytes.position()) < 0) {
        throw new EOFException("ends at " + (position + bytes.position()));
      }
    }
    return bytes.flip();
  }

  private static void write(FileChannel target, ByteBuffer bytes) throws IOException {
    while (bytes.hasRemaining()) {
      target.write(bytes);
    }
  }
}
