// SPDX-License-Identifier: Apache-2.0
package io.tracefleet.archive.write;

import io.tracefleet.archive.store.ArchiveException;
import io.tracefleet.archive.store.ArchiveException.Kind;
import io.tracefleet.archive.store.ArchiveStore;
import io.tracefleet.archive.table.ArchiveTable;
import io.tracefleet.archive.table.Duck;
import io.tracefleet.archive.table.Layout;
import io.tracefleet.schemas.EpochMicros;
import io.tracefleet.schemas.TraceBatch;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.sql.SQLException;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.duckdb.DuckDBAppender;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Batches on their way into chunks. A chunk holds the batches of one run and one partition that
 * follow those of the chunk before; its name has the first offset, so that two archivers that begin
 * at the same place cannot both write. Used by one thread; while one round of chunks is written by
 * another, the next is gathered, and between {@link #beginFlush} and {@link #flush} the store is
 * that thread's.
 */
final class BatchBuffer implements AutoCloseable {
  private static final Logger log = LoggerFactory.getLogger(BatchBuffer.class);

  /** Of both rounds together. */
  private static final int MEMORY_MEBIBYTES = 256;

  /** Payloads are large: the usual number of rows in a row group would be gigabytes. */
  static final String COPY_OPTIONS =
      "(FORMAT parquet, COMPRESSION zstd, COMPRESSION_LEVEL 1, ROW_GROUP_SIZE_BYTES '8MB')";

  private record ChunkKey(String runId, int partition) {}

  /**
   * What becomes chunks together, in a table of its own connection: dropping a temporary table
   * gives back its memory, and a kept database need not be opened again.
   */
  private static final class Round {
    private final Duck duck;
    private final Map<ChunkKey, Long> firstOffsets = new LinkedHashMap<>();
    private DuckDBAppender appender;
    private long bytes;
    private long rows;

    Round(Duck duck) throws SQLException {
      this.duck = duck;
      duck.run("SET preserve_insertion_order = false"); // row groups of a size need it
    }
  }

  private final ArchiveStore store;
  private final String topicId;
  private final ExecutorService writer =
      Executors.newSingleThreadExecutor(
          task -> {
            Thread thread = new Thread(task, "archive-chunks");
            thread.setDaemon(true);
            return thread;
          });

  /** Opened with the first batch. */
  private Round gathered;

  /** The other one; empty unless it is being written. */
  private Round written;

  private Future<?> writing;
  private long oldest;
  private long unsettled;
  private boolean settled = true;

  BatchBuffer(ArchiveStore store, String topicId) {
    this.store = store;
    this.topicId = topicId;
  }

  /** Payload bytes that are gathered. */
  long bytes() {
    return gathered == null ? 0 : gathered.bytes;
  }

  /** Nothing is gathered. */
  boolean isEmpty() {
    return gathered == null || gathered.firstOffsets.isEmpty();
  }

  /** {@link System#nanoTime} when the oldest batch that is gathered came. */
  long oldest() {
    return oldest;
  }

  /** Whether a batch came so long ago and there was no {@link #flush} since. */
  boolean waitsSince(long nanos, long now) {
    return !settled && now - unsettled >= nanos;
  }

  void add(TraceBatch batch, int partition, long offset, long now) throws SQLException {
    open();
    if (gathered.appender == null) {
      gathered.duck.run("CREATE TEMP TABLE buffered (" + ArchiveTable.BATCHES.columns() + ")");
      gathered.appender = gathered.duck.appender("buffered");
      oldest = now;
    }
    if (settled) {
      settled = false;
      unsettled = now;
    }
    gathered.firstOffsets.putIfAbsent(new ChunkKey(batch.getRunId(), partition), offset);
    byte[] payload = bytes(batch.getPayload());
    gathered.bytes += payload.length;
    gathered.rows++;
    gathered
        .appender
        .beginRow()
        .append(batch.getRunId())
        .append(batch.getVcpu())
        .append(batch.getGeneration())
        .append(batch.getSequence())
        .append(batch.getTarget())
        .append(batch.getSystemEmulation())
        .appendEpochMicros(EpochMicros.of(batch.getOpenedAt()))
        .appendEpochMicros(EpochMicros.of(batch.getSealedAt()))
        .append(batch.getFirstInstruction())
        .append(batch.getInstructions())
        .append(batch.getBlocks())
        .append(batch.getAccesses())
        .append(batch.getDroppedBatches())
        .append(batch.getDroppedInstructions())
        .append(batch.getDroppedBlocks())
        .append(batch.getDroppedAccesses())
        .append(batch.getCodec())
        .append(batch.getRescued())
        .append(payload)
        .append(partition)
        .append(offset)
        .endRow();
  }

  private void open() throws SQLException {
    if (gathered == null) {
      Duck duck = Duck.open(null, null, MEMORY_MEBIBYTES, 1);
      gathered = new Round(duck);
      written = new Round(duck.duplicate());
    }
  }

  /** Begins to write what is gathered, as soon as the round before has been written. */
  void beginFlush() throws SQLException, ArchiveException {
    awaitWritten();
    if (isEmpty()) {
      return;
    }
    Round next = gathered;
    next.appender.close(); // here: closed by another thread, DuckDB's appender forgets its rows
    next.appender = null;
    gathered = written;
    written = next;
    writing =
        writer.submit(
            () -> {
              write(next);
              return null;
            });
  }

  /** Writes all that came. */
  void flush() throws SQLException, ArchiveException {
    beginFlush();
    awaitWritten();
    settled = true;
  }

  /** Not to be interrupted: what is begun ends, and soon. */
  private void awaitWritten() throws SQLException, ArchiveException {
    boolean interrupted = false;
    try {
      while (writing != null) {
        try {
          writing.get();
          writing = null;
        } catch (InterruptedException e) {
          interrupted = true;
        } catch (ExecutionException e) {
          writing = null;
          rethrow(e.getCause());
        }
      }
    } finally {
      if (interrupted) {
        Thread.currentThread().interrupt();
      }
    }
  }

  private static void rethrow(Throwable cause) throws SQLException, ArchiveException {
    if (cause instanceof SQLException e) {
      throw e;
    }
    if (cause instanceof ArchiveException e) {
      throw e;
    }
    if (cause instanceof Error e) {
      throw e;
    }
    throw new IllegalStateException("chunks cannot be written", cause);
  }

  private void write(Round round) throws SQLException, ArchiveException {
    long rows = 0;
    for (Map.Entry<ChunkKey, Long> entry : round.firstOffsets.entrySet()) {
      ChunkKey key = entry.getKey();
      Path file = store.work().resolve("chunk.parquet");
      rows +=
          round.duck.run(
              "COPY (SELECT * FROM buffered WHERE run_id = %s AND kafka_partition = %d) TO %s %s"
                  .formatted(
                      Duck.literal(key.runId()),
                      key.partition(),
                      Duck.literal(file),
                      COPY_OPTIONS));
      String name = Layout.chunk(topicId, key.runId(), key.partition(), entry.getValue());
      if (!store.putNew(name, file)) {
        throw new ArchiveException(
            Kind.STORE,
            "Another archiver wrote "
                + name
                + " in "
                + store.location()
                + ": one per cluster and archive is enough, stop it.");
      }
    }
    if (rows != round.rows) {
      throw new ArchiveException(
          Kind.STORE,
          "Of %d batches DuckDB wrote %d to chunks in %s: start the archiver again, it goes on before them."
              .formatted(round.rows, rows, store.location()));
    }
    round.duck.run("DROP TABLE buffered");
    round.firstOffsets.clear();
    round.rows = 0;
    round.bytes = 0;
  }

  @Override
  public void close() {
    writer.shutdown();
    try {
      awaitWritten();
    } catch (SQLException | ArchiveException | RuntimeException e) {
      // Its user failed before, or was stopped: what is not written is read again.
      log.debug("chunks not written", e);
    } finally {
      if (gathered != null) {
        gathered.duck.close();
        written.duck.close();
      }
    }
  }

  private static byte[] bytes(ByteBuffer buffer) {
    if (buffer.hasArray()
        && buffer.arrayOffset() == 0
        && buffer.position() == 0
        && buffer.remaining() == buffer.array().length) {
      return buffer.array();
    }
    byte[] copy = new byte[buffer.remaining()];
    buffer.get(buffer.position(), copy);
    return copy;
  }
}
