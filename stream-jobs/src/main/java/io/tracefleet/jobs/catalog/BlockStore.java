// SPDX-License-Identifier: Apache-2.0
package io.tracefleet.jobs.catalog;

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
 * 'p' run vaddr hash   i64 offset, image in UTF-8; only where the image is known
 * 'o' partition        topic's id in UTF-8, 0, i64 next offset
 * </pre>
 */
final class BlockStore implements AutoCloseable {
  private static final byte DETAIL = 'd';
  private static final byte PLACE = 'p';
  private static final byte OFFSET = 'o';

  private static final long CACHE_BYTES = 8L << 20;
  private static final long WRITE_BUFFER_BYTES = 4L << 20;

  static {
    RocksDB.loadLibrary(); // before the first object of its is made
  }

  private final Path directory;
  private final boolean temporary;
  private final LRUCache cache = new LRUCache(CACHE_BYTES);
  private final Options options = new Options();
  private final WriteOptions writeOptions = new WriteOptions();
  private final RocksDB db;
  private final ReentrantReadWriteLock lock = new ReentrantReadWriteLock();
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
      db = RocksDB.open(options, directory.toString());
      opened = true;
    } catch (RocksDBException e) {
      throw new IOException("blocks in " + directory + " cannot be opened: " + e.getMessage(), e);
    } finally {
      if (!opened) {
        free();
      }
    }
  }

  /** Collects what one poll brought, written in one step. */
  final class Update implements AutoCloseable {
    private final WriteBatch batch = new WriteBatch();

    void put(BlockId id, byte[] value, BlockDetail detail) {
      try {
        batch.put(id.key(DETAIL), value);
        if (detail.getImage() != null && detail.getImageOffset() != null) {
          byte[] image = detail.getImage().getBytes(StandardCharsets.UTF_8);
          batch.put(
              id.key(PLACE),
              ByteBuffer.allocate(8 + image.length)
                  .putLong(detail.getImageOffset())
                  .put(image)
                  .array());
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
      if (closed || keys.isEmpty()) {
        return Collections.nCopies(ids.size(), null);
      }
      return db.multiGetAsList(keys);
    } catch (RocksDBException e) {
      throw failed(e);
    } finally {
      lock.readLock().unlock();
    }
  }

  /** Sees where a block comes from. */
  interface PlaceSink {
    void place(long vaddr, int codeHash, String image, long offset);
  }

  /** Visits the blocks of a run whose image is known, in the order of their addresses. */
  void places(UUID run, PlaceSink sink) {
    byte[] from = new BlockId(run, 0, 0).key(PLACE);
    byte[] end = Arrays.copyOf(new BlockId(run, -1, -1).key(PLACE), BlockId.BYTES + 1);
    lock.readLock().lock();
    try {
      if (closed) {
        return;
      }
      try (Slice upper = new Slice(end);
          ReadOptions read = new ReadOptions().setIterateUpperBound(upper);
          RocksIterator all = db.newIterator(read)) {
        byte[] imageBytes = new byte[0];
        String image = "";
        for (all.seek(from); all.isValid(); all.next()) {
          ByteBuffer key = ByteBuffer.wrap(all.key());
          byte[] value = all.value();
          byte[] name = Arrays.copyOfRange(value, 8, value.length);
          if (!Arrays.equals(name, imageBytes)) { // mostly the same as before
            imageBytes = name;
            image = new String(name, StandardCharsets.UTF_8);
          }
          sink.place(key.getLong(17), key.getInt(25), image, ByteBuffer.wrap(value).getLong());
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
      db.close();
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
