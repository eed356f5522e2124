// SPDX-License-Identifier: Apache-2.0
package io.tracefleet.node.config;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;

/**
 * Settings of the rings.
 *
 * @param directory under which a node makes a private directory per guest; must be in memory
 *     (tmpfs)
 * @param buffers of each ring, 2 to 512; a buffer holds one batch
 * @param flushInterval how long a batch stays open at most while its vCPU runs, 10 ms to 1 h
 * @param nodeTimeout how long a vCPU that is held back waits for a node that gives no sign of life,
 *     5 s to 1 h; then it drops and counts
 */
public record RingSettings(
    Path directory, int buffers, Duration flushInterval, Duration nodeTimeout) {
  public RingSettings {
    directory = directory.toAbsolutePath().normalize();
    Range.check("ringBuffers", buffers, 2, 512);
    Range.check("flushInterval", flushInterval, Duration.ofMillis(10), Duration.ofHours(1));
    Range.check("nodeTimeout", nodeTimeout, Duration.ofSeconds(5), Duration.ofHours(1));
  }

  /** 32 buffers in {@code /dev/shm/tracefleet-UID}, flushed every 500 ms, 60 s without a node. */
  public static RingSettings defaults() {
    return new RingSettings(
        Path.of("/dev/shm/tracefleet-" + userId()),
        32,
        Duration.ofMillis(500),
        Duration.ofSeconds(60));
  }

  public RingSettings withDirectory(Path value) {
    return new RingSettings(value, buffers, flushInterval, nodeTimeout);
  }

  public RingSettings withBuffers(int value) {
    return new RingSettings(directory, value, flushInterval, nodeTimeout);
  }

  public RingSettings withFlushInterval(Duration value) {
    return new RingSettings(directory, buffers, value, nodeTimeout);
  }

  public RingSettings withNodeTimeout(Duration value) {
    return new RingSettings(directory, buffers, flushInterval, value);
  }

  private static int userId() {
    try {
      return (Integer) Files.getAttribute(Path.of("/proc/self"), "unix:uid");
    } catch (IOException e) {
      throw new UncheckedIOException("/proc is not mounted", e);
    }
  }
}
