// SPDX-License-Identifier: Apache-2.0
package io.tracefleet.jobs.catalog;

import io.tracefleet.jobs.code.CodePlace;
import io.tracefleet.schemas.BlockDetail;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Collections;
import java.util.Comparator;
import java.util.List;
import java.util.UUID;
import java.util.concurrent.locks.ReentrantReadWriteLock;
import java.util.stream.Stream;
import org.rocksdb.BlockBasedTableConfig;
import org.rocksdb.CompressionType;
import org.rocksdb.LRUCache;
import org.rocksdb.Options;
import org.rocksdb.ReadOptions;
import org.rocksdb.RocksDB;
import org.rocksdb.RocksDBException;
import org.rocksdb.RocksIterator;
import org.rocksdb.Slice;
import org.rocksdb.WriteBatch;
import org.rocksdb.WriteOptions;

/**
 * The records of {@code tracefleet.blocks} on disk. Written by one thread, read by any; closing
 * waits for the readers.
 *
 * <pre>
 * 'd' run vaddr hash   the record's value as it came
 * 'p' run vaddr hash   its place, see PlaceBytes; only where something of it is known
 * 'o' partition        topic's id in UTF-8, 0, i64 next offset
 * 'f'                  i32 format of all that
 * </pre>
 */
final class BlockStore implements AutoCloseable {
  private static final byte DETAIL = 'd';
  private static final byte PLACE = 'p';
  private static final byte OFFSET = 'o';
  private static final byte[] FORMAT_KEY = {'f'};

  /** 2: places have build-id, function and symbol. */
  private static final byte[] FORMAT = {0, 0, 0, 2};

  private static final long CACHE_BYTES = 8L << 20;
  private static final long WRITE_BUFFER_BYTES = 4L << 20;
  private static final long ROOM_BYTES = 4 * WRITE_BUFFER_BYTES;

  static {
    RocksDB.loadLibrary(); // before the first object of its is made
  }

  private final Path directory;
  private final boolean temporary;
  private final LRUCache cache = new LRUCache(CACHE_BYTES);
  private final Options options = new Options();
  private final WriteOptions writeOptions = new WriteOptions();
  private final ReentrantReadWriteLock lock = new ReentrantReadWriteLock();
  private RocksDB db; // null: not opened again yet
  private boolean closed;

  /**
   * @param directory made if it does not exist
   * @param temporary true: deleted when closed
   * @throws IOException if it cannot be used, for example because another process does
   */
  BlockStore(Path directory, boolean temporary) throws IOException {
    this.directory = directory;
    this.temporary = temporary;
    options.setCreateIfMissing(true);
    options.setWriteBufferSize(WRITE_BUFFER_BYTES);
    options.setMaxWriteBufferNumber(2);
    options.setCompressionType(CompressionType.LZ4_COMPRESSION);
    options.setTableFormatConfig(
        new BlockBasedTableConfig().setBlockCache(cache).setCacheIndexAndFilterBlocks(true));
    options.setKeepLogFileNum(1);
    boolean opened = false;
    try {
      Files.createDirectories(directory);
      open();
      opened = true;
    } catch (RocksDBException e) {
      throw new IOException("blocks in " + directory + " cannot be opened: " + e.getMessage(), e);
    } finally {
      if (!opened) {
        free();
      }
    }
  }

  private void open() throws RocksDBException {
    RocksDB candidate = RocksDB.open(options, directory.toString());
    try {
      forgetOtherFormats(candidate);
      db = candidate;
    } finally {
      if (db == null) {
        candidate.close();
      }
    }
  }

  /**
   * Closes and opens it: RocksDB that found no room takes nothing more, not even when there is
   * room. Until this succeeds no block is known.
   *
   * @throws IllegalStateException if it cannot be opened
   */
  void reopen() {
    lock.writeLock().lock();
    try {
      if (closed) {
        return;
      }
      if (db != null) {
        db.close();
        db = null;
      }
      open();
    } catch (RocksDBException e) {
      throw failed(e);
    } finally {
      lock.writeLock().unlock();
    }
  }

  /** What another version wrote is read from the topic again. */
  private static void forgetOtherFormats(RocksDB db) throws RocksDBException {
    if (!Arrays.equals(db.get(FORMAT_KEY), FORMAT)) {
      db.deleteRange(new byte[] {0}, new byte[] {(byte) 0xff});
      db.put(FORMAT_KEY, FORMAT);
    }
  }

  /** Collects what one poll brought, written in one step. */
  final class Update implements AutoCloseable {
    private final WriteBatch batch = new WriteBatch();

    void put(BlockId id, byte[] value, BlockDetail detail) {
      try {
        batch.put(id.key(DETAIL), value);
        CodePlace place = CodePlace.of(detail);
        if (place.equals(CodePlace.UNKNOWN)) {
          batch.delete(id.key(PLACE));
        } else {
          batch.put(id.key(PLACE), PlaceBytes.encode(place));
        }
      } catch (RocksDBException e) {
        throw failed(e);
      }
    }

    void remove(BlockId id) {
      try {
        batch.delete(id.key(DETAIL));
        batch.delete(id.key(PLACE));
      } catch (RocksDBException e) {
        throw failed(e);
      }
    }

    void offset(int partition, String topicId, long next) {
      byte[] id = topicId.getBytes(StandardCharsets.UTF_8);
      try {
        batch.put(
            offsetKey(partition),
            ByteBuffer.allocate(id.length + 9).put(id).put((byte) 0).putLong(next).array());
      } catch (RocksDBException e) {
        throw failed(e);
      }
    }

    void write() {
      try {
        db.write(writeOptions, batch);
      } catch (RocksDBException e) {
        throw failed(e);
      }
    }

    @Override
    public void close() {
      batch.close();
    }
  }

  Update update() {
    return new Update();
  }

  /** Whether there is as much room as it takes to go on for a while. */
  boolean hasRoom() {
    try {
      return Files.getFileStore(directory).getUsableSpace() >= ROOM_BYTES;
    } catch (IOException e) {
      return false;
    }
  }

  Path directory() {
    return directory;
  }

  /** Where to go on reading a partition; 0 if nothing of this topic was read yet. */
  long nextOffset(int partition, String topicId) {
    try {
      byte[] value = db.get(offsetKey(partition));
      if (value == null) {
        return 0;
      }
      String id = new String(value, 0, value.length - 9, StandardCharsets.UTF_8);
      return id.equals(topicId) ? ByteBuffer.wrap(value).getLong(value.length - 8) : 0;
    } catch (RocksDBException e) {
      throw failed(e);
    }
  }

  /** The values of these blocks in the same order, null for one that is not known. */
  List<byte[]> values(List<BlockId> ids) {
    List<byte[]> keys = ids.stream().map(id -> id.key(DETAIL)).toList();
    lock.readLock().lock();
    try {
      if (db == null || keys.isEmpty()) {
        return Collections.nCopies(ids.size(), null);
      }
      return db.multiGetAsList(keys);
    } catch (RocksDBException e) {
      throw failed(e);
    } finally {
      lock.readLock().unlock();
    }
  }

  /** Visits the blocks of a run of whose place something is known, in the order of addresses. */
  void places(UUID run, Catalog.PlaceSink sink) {
    byte[] from = new BlockId(run, 0, 0).key(PLACE);
    byte[] end = Arrays.copyOf(new BlockId(run, -1, -1).key(PLACE), BlockId.BYTES + 1);
    lock.readLock().lock();
    try {
      if (db == null) {
        return;
      }
      PlaceBytes decoder = new PlaceBytes();
      try (Slice upper = new Slice(end);
          ReadOptions read = new ReadOptions().setIterateUpperBound(upper);
          RocksIterator all = db.newIterator(read)) {
        for (all.seek(from); all.isValid(); all.next()) {
          ByteBuffer key = ByteBuffer.wrap(all.key());
          sink.place(key.getLong(17), key.getInt(25), decoder.decode(all.value()));
        }
      }
    } finally {
      lock.readLock().unlock();
    }
  }

  @Override
  public void close() {
    lock.writeLock().lock();
    try {
      if (closed) {
        return;
      }
      closed = true;
      if (db != null) {
        db.close();
        db = null;
      }
      free();
    } finally {
      lock.writeLock().unlock();
    }
    if (temporary) {
      delete();
    }
  }

  private void free() {
    writeOptions.close();
    options.close();
    cache.close();
  }

  private void delete() {
    try (Stream<Path> files = Files.walk(directory)) {
      for (Path file : files.sorted(Comparator.reverseOrder()).toList()) {
        Files.deleteIfExists(file);
      }
    } catch (IOException e) {
      throw new UncheckedIOException("blocks in " + directory + " cannot be deleted", e);
    }
  }

  private static byte[] offsetKey(int partition) {
    return ByteBuffer.allocate(5).put(OFFSET).putInt(partition).array();
  }

  private IllegalStateException failed(RocksDBException e) {
    return new IllegalStateException("blocks in " + directory + ": " + e.getMessage(), e);
  }
}
