// SPDX-License-Identifier: Apache-2.0
package io.tracefleet.archive.table;

import java.time.Instant;
import java.time.ZoneOffset;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Names of the files of an archive.
 *
 * <pre>
 * TABLE/date=YYYY-MM-DD/run=RUN/part-NNNNN.parquet       rows of a complete run
 * runs/date=YYYY-MM-DD/run=RUN/part-00000.parquet        the run itself, written last
 * _open/TOPIC/batches/date=.../run=RUN/pPPPPP-oFIRST.parquet   batches of a run that goes on
 * _open/TOPIC/offsets.json                               how far the topics have been archived
 * </pre>
 *
 * The date is that in the run's id, UTC, so that it is known before the run's record is. TOPIC is
 * Kafka's id of {@code tracefleet.batches}: archives of several clusters can be one.
 */
public final class Layout {
  /** What is not complete yet, and the archiver's own files. */
  public static final String OPEN = "_open/";

  private static final Pattern RUN_ID =
      Pattern.compile("[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}");

  private static final Pattern RUN_OF_FILE =
      Pattern.compile("/run=([0-9a-f-]{36})/[^/]+\\.parquet$");

  private Layout() {}

  /** Whether this is a run's id: one that is not could name any directory. */
  public static boolean isRunId(String text) {
    return text != null && RUN_ID.matcher(text).matches();
  }

  /** Where the rows of a complete run are; ends with a slash. */
  public static String directory(ArchiveTable table, String runId) {
    return table.tableName() + "/" + partition(runId);
  }

  /** A file in {@link #directory}. */
  public static String part(int number) {
    return String.format("part-%05d.parquet", number);
  }

  /** The file whose presence says that a run is complete. */
  public static String runFile(String runId) {
    return directory(ArchiveTable.RUNS, runId) + part(0);
  }

  /** What one cluster's archiver keeps; ends with a slash. */
  public static String openDirectory(String topicId) {
    return OPEN + topicId + "/";
  }

  /** Where a run's chunks are; ends with a slash. */
  public static String chunkDirectory(String topicId, String runId) {
    return openDirectory(topicId) + "batches/" + partition(runId);
  }

  /** Batches of one partition of a run that goes on, from this offset on. */
  public static String chunk(String topicId, String runId, int kafkaPartition, long firstOffset) {
    return chunkDirectory(topicId, runId)
        + String.format("p%05d-o%020d.parquet", kafkaPartition, firstOffset);
  }

  /** The run that a file belongs to, or null. */
  public static String runOf(String fileName) {
    Matcher matcher = RUN_OF_FILE.matcher(fileName);
    return matcher.find() ? matcher.group(1) : null;
  }

  /** The day, UTC, in a time-ordered run id, as YYYY-MM-DD. */
  public static String date(String runId) {
    long millis = Long.parseLong(runId.substring(0, 8) + runId.substring(9, 13), 16);
    return Instant.ofEpochMilli(millis).atOffset(ZoneOffset.UTC).toLocalDate().toString();
  }

  private static String partition(String runId) {
    return "date=" + date(runId) + "/run=" + runId + "/";
  }
}
