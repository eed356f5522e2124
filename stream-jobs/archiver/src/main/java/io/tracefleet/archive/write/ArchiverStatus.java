// SPDX-License-Identifier: Apache-2.0
package io.tracefleet.archive.write;

import java.util.Map;
import java.util.OptionalLong;

/**
 * Where an archiver is, for those who watch it.
 *
 * @param batches taken since it was opened
 * @param payloadBytes of their payloads
 * @param runsCompleted since it was opened; a run that was written again counts again
 * @param runsOpen of which something is not in the archive
 * @param refused records that could not be read, or whose run id is none
 * @param lost batches that Kafka had deleted before they were archived
 * @param bufferedBytes of payloads that wait to be written
 * @param bufferedSince {@link System#nanoTime} when the oldest of them came; empty if nothing waits
 * @param lag records in Kafka that were not read yet, by topic; empty where not known
 */
record ArchiverStatus(
    long batches,
    long payloadBytes,
    long runsCompleted,
    long runsOpen,
    long refused,
    long lost,
    long bufferedBytes,
    OptionalLong bufferedSince,
    Map<String, OptionalLong> lag) {
  /** Nothing is known. */
  static final ArchiverStatus NONE =
      new ArchiverStatus(0, 0, 0, 0, 0, 0, 0, OptionalLong.empty(), Map.of());
}
