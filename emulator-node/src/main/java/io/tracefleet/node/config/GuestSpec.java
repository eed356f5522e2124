// SPDX-License-Identifier: Apache-2.0
package io.tracefleet.node.config;

import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Objects;

/**
 * A guest: what to start and how to trace it.
 *
 * @param name for people; taken from the command if not given
 * @param command QEMU and its arguments, without the plugin
 * @param labels key-value pairs that travel in the run's record
 * @param restart when a guest that has ended is started again
 * @param maxRestarts how often at most, -1 for no limit
 * @param backoff wait before the first restart; doubles with each further one, up to a minute; 0 to
 *     1 h
 * @param stdin file that the guest reads, null: this process's
 * @param stdout file that the guest writes, null: this process's
 * @param stderr file that the guest writes, null: this process's
 * @param plugin further arguments of the plugin, name to value
 */
public record GuestSpec(
    String name,
    List<String> command,
    TraceMode mode,
    WhenFull whenFull,
    Map<String, String> labels,
    Restart restart,
    int maxRestarts,
    Duration backoff,
    Path stdin,
    Path stdout,
    Path stderr,
    Map<String, String> plugin) {
  public GuestSpec {
    if (command.isEmpty() || command.get(0).isBlank()) {
      throw new IllegalArgumentException("command: empty, expected QEMU and its arguments");
    }
    command = List.copyOf(command);
    name = name == null || name.isBlank() ? GuestName.of(command) : name;
    Objects.requireNonNull(mode);
    Objects.requireNonNull(whenFull);
    labels = Map.copyOf(labels);
    Objects.requireNonNull(restart);
    Range.check("maxRestarts", maxRestarts, -1, 1_000_000);
    Range.check("backoff", backoff, Duration.ZERO, Duration.ofHours(1));
    plugin = Map.copyOf(plugin);
    for (String reserved : List.of("ring-dir", "run", "mode", "when-full")) {
      if (plugin.containsKey(reserved)) {
        throw new IllegalArgumentException("plugin: " + reserved + " is the node's to set");
      }
    }
  }

  /** A guest that is traced in full mode, holds when the ring is full, and is not restarted. */
  public static GuestSpec of(List<String> command) {
    return new GuestSpec(
        null,
        command,
        TraceMode.FULL,
        WhenFull.BLOCK,
        Map.of(),
        Restart.NEVER,
        3,
        Duration.ofSeconds(1),
        null,
        null,
        null,
        Map.of());
  }

  public GuestSpec withName(String value) {
    return new GuestSpec(
        value,
        command,
        mode,
        whenFull,
        labels,
        restart,
        maxRestarts,
        backoff,
        stdin,
        stdout,
        stderr,
        plugin);
  }

  public GuestSpec withMode(TraceMode value) {
    return new GuestSpec(
        name,
        command,
        value,
        whenFull,
        labels,
        restart,
        maxRestarts,
        backoff,
        stdin,
        stdout,
        stderr,
        plugin);
  }

  public GuestSpec withWhenFull(WhenFull value) {
    return new GuestSpec(
        name,
        command,
        mode,
        value,
        labels,
        restart,
        maxRestarts,
        backoff,
        stdin,
        stdout,
        stderr,
        plugin);
  }

  public GuestSpec withLabels(Map<String, String> value) {
    return new GuestSpec(
        name,
        command,
        mode,
        whenFull,
        value,
        restart,
        maxRestarts,
        backoff,
        stdin,
        stdout,
        stderr,
        plugin);
  }

  public GuestSpec withRestart(Restart value, int most, Duration firstBackoff) {
    return new GuestSpec(
        name,
        command,
        mode,
        whenFull,
        labels,
        value,
        most,
        firstBackoff,
        stdin,
        stdout,
        stderr,
        plugin);
  }

  public GuestSpec withStdin(Path value) {
    return new GuestSpec(
        name,
        command,
        mode,
        whenFull,
        labels,
        restart,
        maxRestarts,
        backoff,
        value,
        stdout,
        stderr,
        plugin);
  }

  public GuestSpec withStdout(Path value) {
    return new GuestSpec(
        name,
        command,
        mode,
        whenFull,
        labels,
        restart,
        maxRestarts,
        backoff,
        stdin,
        value,
        stderr,
        plugin);
  }

  public GuestSpec withStderr(Path value) {
    return new GuestSpec(
        name,
        command,
        mode,
        whenFull,
        labels,
        restart,
        maxRestarts,
        backoff,
        stdin,
        stdout,
        value,
        plugin);
  }

  public GuestSpec withPlugin(Map<String, String> value) {
    return new GuestSpec(
        name,
        command,
        mode,
        whenFull,
        labels,
        restart,
        maxRestarts,
        backoff,
        stdin,
        stdout,
        stderr,
        value);
  }
}
