// SPDX-License-Identifier: Apache-2.0
package io.tracefleet.archive.write;

import static java.util.Objects.requireNonNull;

import io.tracefleet.metrics.MetricsSettings;
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
 * @param idle an unfinished run of which nothing came for so long is archived as it stands; zero:
 *     at once, for a cluster that is about to go; at most 365 days
 * @param refresh an unfinished run that goes on is archived as it stands so often, 1 minute to 365
 *     days
 * @param metrics where it can be watched
 */
public record ArchiverSettings(
    String bootstrap,
    Map<String, String> client,
    long chunkBytes,
    Duration chunkAge,
    long partBytes,
    Duration idle,
    Duration refresh,
    MetricsSettings metrics) {
  private static final long MEBIBYTE = 1L << 20;
  private static final Duration LONGEST = Duration.ofDays(365);
  private static final Duration IDLE = Duration.ofHours(1);
  private static final Duration REFRESH = Duration.ofHours(24);

  public ArchiverSettings {
    client = Map.copyOf(client);
    requireNonNull(metrics, "metrics");
    require(
        chunkBytes >= MEBIBYTE && chunkBytes <= 32 * MEBIBYTE,
        "Chunks of " + chunkBytes + " bytes: give 1 MiB to 32 MiB.");
    require(chunkAge.toMillis() >= 100, "Chunks every " + chunkAge + ": give 100 ms or more.");
    require(partBytes >= MEBIBYTE, "Files of " + partBytes + " bytes: give 1 MiB or more.");
    require(
        !idle.isNegative() && idle.compareTo(LONGEST) <= 0,
        "Unfinished runs after " + idle + " without news: give 0 to 365 days.");
    require(
        refresh.compareTo(Duration.ofMinutes(1)) >= 0 && refresh.compareTo(LONGEST) <= 0,
        "Unfinished runs every " + refresh + ": give 1 minute to 365 days.");
  }

  private static void require(boolean condition, String message) {
    if (!condition) {
      throw new IllegalArgumentException(message);
    }
  }

  /** Names the client's settings but not their values, which may be secret. */
  @Override
  public String toString() {
    return "ArchiverSettings[bootstrap=%s, client=%s, chunkBytes=%d, chunkAge=%s, partBytes=%d, idle=%s, refresh=%s, metrics=%s]"
        .formatted(
            bootstrap,
            new TreeSet<>(client.keySet()),
            chunkBytes,
            chunkAge,
            partBytes,
            idle,
            refresh,
            metrics);
  }

  /**
   * Chunks of 8 MiB or 30 s, files of 128 MiB, unfinished runs after 1 h or every 24 h, no metrics.
   */
  public static ArchiverSettings of(String bootstrap, Map<String, String> client) {
    return new ArchiverSettings(
        bootstrap,
        client,
        8 * MEBIBYTE,
        Duration.ofSeconds(30),
        128 * MEBIBYTE,
        IDLE,
        REFRESH,
        MetricsSettings.OFF);
  }

  /** The same with other chunks. */
  public ArchiverSettings withChunks(long bytes, Duration age) {
    return new ArchiverSettings(bootstrap, client, bytes, age, partBytes, idle, refresh, metrics);
  }

  /** The same with files of another size. */
  public ArchiverSettings withPartBytes(long bytes) {
    return new ArchiverSettings(
        bootstrap, client, chunkBytes, chunkAge, bytes, idle, refresh, metrics);
  }

  /** The same with unfinished runs at other times. */
  public ArchiverSettings withUnfinished(Duration after, Duration every) {
    return new ArchiverSettings(
        bootstrap, client, chunkBytes, chunkAge, partBytes, after, every, metrics);
  }

  /** The same, to be watched there. */
  public ArchiverSettings withMetrics(MetricsSettings other) {
    return new ArchiverSettings(
        bootstrap, client, chunkBytes, chunkAge, partBytes, idle, refresh, other);
  }
}
