// SPDX-License-Identifier: Apache-2.0
package io.tracefleet.archive.write;

import java.util.List;

/**
 * What an archiver has done since it was opened.
 *
 * @param batches batches written
 * @param payloadBytes bytes of their payloads
 * @param runs runs completed, in the order in which they were
 * @param open what is not complete, a phrase for each run, at most some
 * @param refused records that could not be read, or whose run id is none
 * @param lost batches that Kafka had deleted before they were archived
 */
public record ArchiveProgress(
    long batches,
    long payloadBytes,
    List<String> runs,
    List<String> open,
    long refused,
    long lost) {
  public ArchiveProgress {
    runs = List.copyOf(runs);
    open = List.copyOf(open);
  }
}
