// SPDX-License-Identifier: Apache-2.0
package io.tracefleet.cli.cluster;

import com.fasterxml.jackson.annotation.JsonPropertyOrder;
import java.time.Instant;
import java.util.Objects;
import java.util.Optional;

/**
 * A running cluster as {@code tracefleet up} writes it down.
 *
 * @param bootstrap address of the broker
 * @param registry base URL of the registry's Confluent API
 * @param dashboard base URL of the jobs' HTTP interface, or null if there is none
 * @param pid process that holds the cluster
 * @param processStart when that process was started, milliseconds since the epoch; tells a reused
 *     pid
 */
@JsonPropertyOrder({"bootstrap", "registry", "dashboard", "pid", "processStart"})
public record ClusterState(
    String bootstrap, String registry, String dashboard, long pid, long processStart) {
  public ClusterState {
    Objects.requireNonNull(bootstrap, "bootstrap");
    Objects.requireNonNull(registry, "registry");
  }

  /** The cluster of this process. */
  public static ClusterState ofThisProcess(String bootstrap, String registry, String dashboard) {
    ProcessHandle self = ProcessHandle.current();
    return new ClusterState(bootstrap, registry, dashboard, self.pid(), startMillis(self));
  }

  /** The process that wrote it is still there. */
  public boolean alive() {
    Optional<ProcessHandle> holder = ProcessHandle.of(pid);
    return holder.isPresent()
        && holder.get().isAlive()
        && startMillis(holder.get()) == processStart;
  }

  private static long startMillis(ProcessHandle process) {
    return process.info().startInstant().map(Instant::toEpochMilli).orElse(0L);
  }
}
