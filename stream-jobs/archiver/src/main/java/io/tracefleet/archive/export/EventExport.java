// SPDX-License-Identifier: Apache-2.0
package io.tracefleet.archive.export;

import io.tracefleet.archive.store.ArchiveException;
import io.tracefleet.archive.store.ArchiveException.Kind;
import io.tracefleet.codec.PayloadHeader;
import io.tracefleet.codec.TraceFormatException;
import java.io.IOException;
import java.nio.file.Path;
import java.sql.SQLException;
import java.util.function.LongConsumer;

/**
 * Writes the events of a run as rows.
 *
 * @param runId the run
 * @param vcpu the only vCPU wanted, or null for all
 * @param from first instruction wanted, counted per vCPU from 0
 * @param to first instruction that is not wanted
 */
public record EventExport(String runId, Integer vcpu, long from, long to) {
  /** How a file is written. */
  public enum Format {
    /** Text with commas. */
    CSV,
    /** Columns. */
    PARQUET
  }

  /** Takes one batch. */
  public interface BatchSink {
    /**
     * @param vcpu QEMU's vCPU index
     * @param generation how often the index was used before
     * @param sequence number of the batch in (run, vCPU)
     * @param firstInstruction instructions that the vCPU had dispatched before
     * @param codec of the payload
     * @param payload the trace
     */
    void batch(
        int vcpu, int generation, long sequence, long firstInstruction, int codec, byte[] payload)
        throws ArchiveException, IOException, SQLException;
  }

  /** Delivers a run's batches, each once, those of a vCPU in their order. */
  public interface BatchSource {
    /** Delivers those that may hold what is wanted. */
    void forEach(EventExport wanted, BatchSink sink)
        throws ArchiveException, IOException, SQLException, InterruptedException;
  }

  /**
   * @param source the run's batches
   * @param format of the file
   * @param file to write
   * @param progress told of the rows written so far, now and then
   * @return rows written
   * @throws ArchiveException if the run has no events, or its batches cannot be read
   * @throws IOException if the file cannot be written
   */
  public long write(BatchSource source, Format format, Path file, LongConsumer progress)
      throws ArchiveException, IOException, InterruptedException {
    long[] batches = new long[1];
    try (EventSink sink = format == Format.CSV ? new CsvSink(file) : new ParquetSink(file)) {
      EventRows rows = new EventRows(sink, from, to);
      source.forEach(
          this,
          (index, generation, sequence, firstInstruction, codec, payload) -> {
            if (codec != PayloadHeader.CODEC_FULL) {
              throw new ArchiveException(
                  Kind.NOT_THERE,
                  "Run %s was traced in count mode and has no events: trace with --mode full."
                      .formatted(runId));
            }
            try {
              rows.add(index, generation, firstInstruction, payload);
            } catch (TraceFormatException e) {
              throw new ArchiveException(
                  Kind.STORE,
                  "Batch %d of vCPU %d of run %s is broken: %s"
                      .formatted(sequence, index, runId, e.getMessage()),
                  e);
            }
            batches[0]++;
            progress.accept(rows.written());
          });
      if (batches[0] == 0) {
        throw new ArchiveException(
            Kind.NOT_THERE,
            "There are no batches of run %s for these vCPUs and instructions.".formatted(runId));
      }
      sink.finish();
      return rows.written();
    } catch (SQLException e) {
      throw new IOException(e.getMessage(), e);
    }
  }
}
