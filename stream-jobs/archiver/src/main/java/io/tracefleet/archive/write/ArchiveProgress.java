// SPDX-License-Identifier: Apache-2.0
package io.tracefleet.archive.write;

import java.util.List;

/**
 * What an archiver has done since it was opened.
 *
 * @param batches batches written
 * @param payloadBytes bytes of their payloads
 * @param completed runs completed; one that was written again counts again
 * @param runs those completed last, in the order in which they were, at most some
 * @param unfinished runs that were written as they stood, and not completed since; the latest, at
 *     most some
 * @param openRuns runs that are not complete
 * @param open what is missing of them, a phrase for each, the latest, at most some
 * @param refused records that could not be read, or whose run id is none
 * @param lost batches that Kafka had deleted before they were archived
 */
public record ArchiveProgress(
    long batches,
    long payloadBytes,
    long completed,
    List<String> runs,
    List<String> unfinished,
    int openRuns,
    List<String> open,
    long refused,
    long lost) {
  public ArchiveProgress {
    runs = List.copyOf(runs);
    unfinished = List.copyOf(unfinished);
    open = List.copyOf(open);
  }
}
