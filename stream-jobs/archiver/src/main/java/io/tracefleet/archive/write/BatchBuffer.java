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
import org.duckdb.DuckDBAppender;

/**
 * Batches on their way into chunks. A chunk holds the batches of one run and one partition that
 * follow those of the chunk before; its name has the first offset, so that two archivers that begin
 * at the same place cannot both write. Used by one thread.
 */
final class BatchBuffer implements AutoCloseable {
  private static final int MEMORY_MEBIBYTES = 256;

  /** Payloads are large: the usual number of rows in a row group would be gigabytes. */
  static final String COPY_OPTIONS =
      "(FORMAT parquet, COMPRESSION zstd, COMPRESSION_LEVEL 1, ROW_GROUP_SIZE_BYTES '8MB')";

  private record ChunkKey(String runId, int partition) {}

  private final ArchiveStore store;
  private final String topicId;
  private final Map<ChunkKey, Long> firstOffsets = new LinkedHashMap<>();

  /** One for each round of chunks: closing it gives back all of its memory. */
  private Duck duck;

  private DuckDBAppender appender;
  private long bytes;
  private long oldest;

  BatchBuffer(ArchiveStore store, String topicId) {
    this.store = store;
    this.topicId = topicId;
  }

  /** Payload bytes that wait. */
  long bytes() {
    return bytes;
  }

  boolean isEmpty() {
    return firstOffsets.isEmpty();
  }

  /** {@link System#nanoTime} when the oldest batch that waits came. */
  long oldest() {
    return oldest;
  }

  void add(TraceBatch batch, int partition, long offset, long now) throws SQLException {
    if (appender == null) {
      duck = Duck.open(null, null, MEMORY_MEBIBYTES, 1);
      duck.run("SET preserve_insertion_order = false"); // row groups of a size need it
      duck.run("CREATE TABLE buffered (" + ArchiveTable.BATCHES.columns() + ")");
      appender = duck.appender("buffered");
      oldest = now;
    }
    firstOffsets.putIfAbsent(new ChunkKey(batch.getRunId(), partition), offset);
    byte[] payload = bytes(batch.getPayload());
    bytes += payload.length;
    appender
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

  /** Writes what waits. */
  void flush() throws SQLException, ArchiveException {
    if (isEmpty()) {
      return;
    }
    appender.close();
    appender = null;
    for (Map.Entry<ChunkKey, Long> entry : firstOffsets.entrySet()) {
      ChunkKey key = entry.getKey();
      Path file = store.work().resolve("chunk.parquet");
      duck.run(
          "COPY (SELECT * FROM buffered WHERE run_id = %s AND kafka_partition = %d) TO %s %s"
              .formatted(
                  Duck.literal(key.runId()), key.partition(), Duck.literal(file), COPY_OPTIONS));
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
    close();
    firstOffsets.clear();
    bytes = 0;
  }

  @Override
  public void close() {
    if (duck != null) {
      duck.close();
      duck = null;
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
