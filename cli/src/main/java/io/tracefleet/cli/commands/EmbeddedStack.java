// SPDX-License-Identifier: Apache-2.0
package io.tracefleet.cli.commands;

import io.tracefleet.cli.cluster.ClusterException;
import io.tracefleet.cli.cluster.ClusterSettings;
import io.tracefleet.cli.cluster.EmbeddedCluster;
import io.tracefleet.cli.console.Console;
import io.tracefleet.jobs.JobsConfig;
import io.tracefleet.jobs.JobsException;
import io.tracefleet.jobs.StateKind;
import io.tracefleet.jobs.StreamJobs;
import io.tracefleet.jobs.http.HttpConfig;
import io.tracefleet.node.config.ClusterAccess;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Optional;

/**
 * The embedded cluster with the stream jobs in this JVM. Started by one thread; closed once, in the
 * reverse order.
 */
final class EmbeddedStack implements AutoCloseable {
  private static final double NANOS_PER_SECOND = 1e9;

  private final EmbeddedCluster cluster;
  private final StreamJobs jobs;
  private final ClusterAccess access;

  private EmbeddedStack(EmbeddedCluster cluster, StreamJobs jobs, ClusterAccess access) {
    this.cluster = cluster;
    this.jobs = jobs;
    this.access = access;
  }

  /**
   * Returns when broker and registry answer and the topics exist; the jobs may still be starting.
   *
   * @param http of the jobs
   */
  static EmbeddedStack start(ClusterSettings settings, HttpConfig http, Console console)
      throws ClusterException, JobsException, InterruptedException {
    long begun = System.nanoTime();
    console.progress("starting the embedded Kafka broker and schema registry");
    EmbeddedCluster cluster = EmbeddedCluster.start(settings);
    EmbeddedStack stack = null;
    try {
      ClusterAccess access = ClusterAccess.embedded(cluster.bootstrap(), cluster.registryUrl());
      StreamJobs jobs = StreamJobs.launch(jobsConfig(cluster, settings.data()).withHttp(http));
      jobs.onFailure(line -> console.error("stream jobs: " + line));
      console.info(
          "embedded cluster ready in "
              + String.format("%.1f", (System.nanoTime() - begun) / NANOS_PER_SECOND)
              + " s"
              + jobs.url().map(url -> ", dashboard at " + url).orElse(""));
      stack = new EmbeddedStack(cluster, jobs, access);
      return stack;
    } finally {
      // Whatever was thrown, errors of the JVM included: Kafka's threads would keep this process
      // alive.
      if (stack == null) {
        cluster.close();
      }
    }
  }

  ClusterAccess access() {
    return access;
  }

  /** Private directory, deleted with the cluster unless its data is kept. */
  Path dataDirectory() {
    return cluster.dataDirectory();
  }

  /** Process id of the registry's JVM. */
  long registryPid() {
    return cluster.registryPid();
  }

  StreamJobs jobs() {
    return jobs;
  }

  /** The jobs run, or are about to. */
  boolean jobsAlive() {
    return jobs.failure().isEmpty();
  }

  /** Waits for the jobs to run. */
  void awaitJobs(Duration limit) throws JobsException {
    jobs.awaitRunning(limit);
  }

  @Override
  public void close() {
    try {
      jobs.close();
    } finally {
      cluster.close();
    }
  }

  private static JobsConfig jobsConfig(EmbeddedCluster cluster, Optional<Path> keptData) {
    JobsConfig config = JobsConfig.of(cluster.bootstrap(), cluster.registryUrl());
    return keptData.isPresent()
        ? config.withState(StateKind.DISK, keptData.get().resolve("jobs"))
        : config.withState(StateKind.MEMORY, cluster.dataDirectory().resolve("jobs"));
  }
}
