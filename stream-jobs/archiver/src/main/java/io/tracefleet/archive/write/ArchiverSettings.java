// SPDX-License-Identifier: Apache-2.0
package io.tracefleet.archive.write;

import java.time.Duration;
import java.util.Map;
import java.util.TreeSet;

/**
 * How to archive.
 *
 * @param bootstrap Kafka's brokers
 * @param client further settings of Kafka's client
 * @param chunkBytes payload that is gathered before a chunk is written, 1 MiB to 32 MiB; a chunk is
 *     read as a whole when a run is completed
 * @param chunkAge how long batches may wait for that, at least 100 ms
 * @param partBytes size of the files that chunks are put together to, as compressed, at least 1 MiB
 */
public record ArchiverSettings(
    String bootstrap,
    Map<String, String> client,
    long chunkBytes,
    Duration chunkAge,
    long partBytes) {
  private static final long MEBIBYTE = 1L << 20;

  public ArchiverSettings {
    client = Map.copyOf(client);
    require(
        chunkBytes >= MEBIBYTE && chunkBytes <= 32 * MEBIBYTE,
        "Chunks of " + chunkBytes + " bytes: give 1 MiB to 32 MiB.");
    require(chunkAge.toMillis() >= 100, "Chunks every " + chunkAge + ": give 100 ms or more.");
    require(partBytes >= MEBIBYTE, "Files of " + partBytes + " bytes: give 1 MiB or more.");
  }

  private static void require(boolean condition, String message) {
    if (!condition) {
      throw new IllegalArgumentException(message);
    }
  }

  /** Names the client's settings but not their values, which may be secret. */
  @Override
  public String toString() {
    return "ArchiverSettings[bootstrap=%s, client=%s, chunkBytes=%d, chunkAge=%s, partBytes=%d]"
        .formatted(bootstrap, new TreeSet<>(client.keySet()), chunkBytes, chunkAge, partBytes);
  }

  /** Chunks of 8 MiB or 30 s, files of 128 MiB. */
  public static ArchiverSettings of(String bootstrap, Map<String, String> client) {
    return new ArchiverSettings(
        bootstrap, client, 8 * MEBIBYTE, Duration.ofSeconds(30), 128 * MEBIBYTE);
  }

  /** The same with other chunks. */
  public ArchiverSettings withChunks(long bytes, Duration age) {
    return new ArchiverSettings(bootstrap, client, bytes, age, partBytes);
  }

  /** The same with files of another size. */
  public ArchiverSettings withPartBytes(long bytes) {
    return new ArchiverSettings(bootstrap, client, chunkBytes, chunkAge, bytes);
  }
}
