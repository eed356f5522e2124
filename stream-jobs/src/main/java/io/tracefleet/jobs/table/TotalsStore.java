// SPDX-License-Identifier: Apache-2.0
package io.tracefleet.jobs.table;

import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.UUID;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.locks.ReentrantReadWriteLock;
import java.util.function.Function;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.utils.Bytes;
import org.apache.kafka.streams.processor.StateStore;
import org.apache.kafka.streams.processor.StateStoreContext;
import org.apache.kafka.streams.query.FailureReason;
import org.apache.kafka.streams.query.Position;
import org.apache.kafka.streams.query.PositionBound;
import org.apache.kafka.streams.query.Query;
import org.apache.kafka.streams.query.QueryConfig;
import org.apache.kafka.streams.query.QueryResult;
import org.apache.kafka.streams.state.KeyValueIterator;
import org.apache.kafka.streams.state.KeyValueStore;
import org.apache.kafka.streams.state.internals.CacheFlushListener;
import org.apache.kafka.streams.state.internals.CachedStateStore;

/**
 * The state store of a task: tables in memory above a logged key-value store.
 *
 * <p>Kafka Streams calls {@link StateStore#commit} only after the transaction has ended, which is
 * too late to write to the changelog. What it calls before, for each store that implements it, is
 * {@link CachedStateStore#flushCache}: the interface is in an internal package, but it is the hook
 * that the library's own write-behind caches use. This class is the only one here that knows of it;
 * {@code StreamJobsIT} fails if a release of Kafka Streams stops calling it in time.
 *
 * <p>Other threads may ask it with a {@link StoreRead}. They see what lies in the store below,
 * which changes only while a commit saves: a lock makes that one step for them, so a reader finds
 * all tables as they were at one commit. What the task has counted since is not visible.
 */
public final class TotalsStore implements StateStore, CachedStateStore<byte[], byte[]> {
  private final KeyValueStore<Bytes, byte[]> inner;
  private final int maxRows;
  private final Map<Byte, Section> sections = new TreeMap<>();

  private final ReentrantReadWriteLock lock = new ReentrantReadWriteLock(true);
  private final Map<RunTable, Long> versions = new HashMap<>(); // guarded by the lock

  // Random, so that a version of another task or an earlier instance is never taken for this one's.
  private long version = ThreadLocalRandom.current().nextLong();
  private final long firstVersion = version;

  private record RunTable(byte table, UUID run) {}

  /**
   * @param inner a key-value store with change logging and without a cache
   * @param maxRows how many rows all tables of this task may keep in memory together before idle
   *     ones are forgotten
   */
  TotalsStore(KeyValueStore<Bytes, byte[]> inner, int maxRows) {
    this.inner = inner;
    this.maxRows = maxRows;
  }

  /** The table with this number; always with the same number of columns. */
  public Table table(byte id, int columns) {
    return section(id, Table.class, store -> new Table(store, id, columns));
  }

  /** The section with this number, made by the function if it does not exist yet. */
  public <S extends Section> S section(byte id, Class<S> type, Function<TotalsStore, S> make) {
    return type.cast(sections.computeIfAbsent(id, absent -> make.apply(this)));
  }

  /** The value that was last written with this key, or null. */
  public byte[] read(byte[] key) {
    return inner.get(Bytes.wrap(key));
  }

  /** Writes a value; null removes it. A section must begin its keys with its number. */
  public void write(byte[] key, byte[] value) {
    lock.writeLock().lock();
    try {
      inner.put(Bytes.wrap(key), value);
      if (key.length >= ChunkKey.RUN_PREFIX_BYTES) {
        ByteBuffer bytes = ByteBuffer.wrap(key);
        byte table = bytes.get();
        versions.put(new RunTable(table, new UUID(bytes.getLong(), bytes.getLong())), ++version);
      }
    } finally {
      lock.writeLock().unlock();
    }
  }

  /** The keys from one to another, both included, in the order of their unsigned bytes. */
  List<byte[]> keys(byte[] from, byte[] to) {
    List<byte[]> keys = new ArrayList<>();
    try (KeyValueIterator<Bytes, byte[]> all = inner.range(Bytes.wrap(from), Bytes.wrap(to))) {
      all.forEachRemaining(entry -> keys.add(entry.key.get()));
    }
    return keys;
  }

  @Override
  public <R> QueryResult<R> query(Query<R> query, PositionBound bound, QueryConfig config) {
    if (!(query instanceof StoreRead<R> read)) {
      return QueryResult.forUnknownQueryType(query, this);
    }
    lock.readLock().lock();
    try {
      if (!inner.isOpen()) {
        return QueryResult.forFailure(FailureReason.NOT_PRESENT, "the store is closed");
      }
      return QueryResult.forResult(read.apply(new View()));
    } finally {
      lock.readLock().unlock();
    }
  }

  /** What a {@link StoreRead} is given; not to be kept. */
  private final class View implements StoreView {
    @Override
    public List<Chunk> chunks(ChunkKey from, ChunkKey to) {
      List<Chunk> chunks = new ArrayList<>();
      try (KeyValueIterator<Bytes, byte[]> all =
          inner.range(Bytes.wrap(from.encode()), Bytes.wrap(to.encode()))) {
        all.forEachRemaining(
            entry -> chunks.add(new Chunk(ChunkKey.decode(entry.key.get()), entry.value)));
      }
      return chunks;
    }

    @Override
    public long version(byte table, UUID run) {
      return versions.getOrDefault(new RunTable(table, run), firstVersion);
    }
  }

  @Override
  public void flushCache() {
    lock.writeLock().lock();
    try {
      saveAndTrim();
    } finally {
      lock.writeLock().unlock();
    }
  }

  private void saveAndTrim() {
    int rows = 0;
    for (Section section : sections.values()) {
      section.save();
      rows += section.rows();
    }
    if (rows > maxRows) {
      for (Section section : sections.values()) {
        // Each keeps its share of what may stay.
        section.trim((int) ((long) maxRows * section.rows() / rows));
      }
    }
  }

  @Override
  public void clearCache() {
    sections.values().forEach(Section::drop);
  }

  @Override
  public boolean setFlushListener(
      CacheFlushListener<byte[], byte[]> listener, boolean sendOldValues) {
    return false;
  }

  @Override
  public String name() {
    return inner.name();
  }

  @Override
  public void init(StateStoreContext context, StateStore root) {
    inner.init(context, root);
  }

  @Override
  public void commit(Map<TopicPartition, Long> changelogOffsets) {
    inner.commit(changelogOffsets);
  }

  @Override
  public Long committedOffset(TopicPartition partition) {
    return inner.committedOffset(partition);
  }

  @Override
  @Deprecated
  @SuppressWarnings("deprecation")
  public boolean managesOffsets() {
    return inner.managesOffsets();
  }

  @Override
  public void close() {
    lock.writeLock().lock();
    try {
      clearCache();
      inner.close();
    } finally {
      lock.writeLock().unlock();
    }
  }

  @Override
  public boolean persistent() {
    return inner.persistent();
  }

  @Override
  public boolean isOpen() {
    return inner.isOpen();
  }

  @Override
  public Position getPosition() {
    return inner.getPosition();
  }
}
