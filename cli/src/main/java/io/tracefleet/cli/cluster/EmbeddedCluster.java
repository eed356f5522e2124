// SPDX-License-Identifier: Apache-2.0
package io.tracefleet.cli.cluster;

import java.nio.file.Path;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicBoolean;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A broker and a schema registry for this machine only: one node, no replication, loopback
 * interface. Ready when {@link #start} returns. {@link #close()} may be called by any thread, also
 * while another one starts the cluster.
 */
public final class EmbeddedCluster implements AutoCloseable {
  private static final Logger log = LoggerFactory.getLogger(EmbeddedCluster.class);
  private static final String[] PORT_OPTIONS = {"--port", "--registry-port", "--port"};

  private final Duration stopLimit;
  private final DataDirectory data;
  private final EmbeddedBroker broker;
  private final RegistryProcess registry;
  private final AtomicBoolean closed = new AtomicBoolean();
  private final AtomicBoolean launched = new AtomicBoolean();
  private final CompletableFuture<Void> brokerStarted = new CompletableFuture<>();
  private final CompletableFuture<Void> registryStarted = new CompletableFuture<>();

  private EmbeddedCluster(
      Duration stopLimit, DataDirectory data, EmbeddedBroker broker, RegistryProcess registry) {
    this.stopLimit = stopLimit;
    this.data = data;
    this.broker = broker;
    this.registry = registry;
  }

  /**
   * Starts broker and registry side by side.
   *
   * @throws ClusterException if one of them cannot start within the limit; nothing is left running
   *     then
   * @throws InterruptedException if this thread is interrupted; nothing is left running then
   */
  public static EmbeddedCluster start(ClusterSettings settings)
      throws ClusterException, InterruptedException {
    EmbeddedCluster cluster = prepare(settings);
    cluster.startPrepared(settings.startLimit());
    return cluster;
  }

  /** Takes ports and directory; nothing runs until {@link #startPrepared}. */
  public static EmbeddedCluster prepare(ClusterSettings settings) throws ClusterException {
    int[] ports =
        LoopbackPorts.resolve(
            PORT_OPTIONS, new int[] {settings.brokerPort(), settings.registryPort(), 0});
    DataDirectory data =
        settings.data().isPresent()
            ? DataDirectory.kept(settings.data().get())
            : DataDirectory.temporary(DataDirectory.defaultBase(System.getenv("TMPDIR")));
    return new EmbeddedCluster(
        settings.stopLimit(),
        data,
        new EmbeddedBroker(ports[0], ports[2], data.path().resolve("kafka")),
        new RegistryProcess(
            ports[1],
            settings.registryHome(),
            data.path().resolve("registry"),
            settings.data().isPresent()));
  }

  /** Starts what {@link #prepare} made; closes it if that fails. */
  public void startPrepared(Duration limit) throws ClusterException, InterruptedException {
    long deadline = System.nanoTime() + limit.toNanos();
    boolean started = false;
    try {
      launched.set(true);
      startDaemon("registry-start", () -> registry.start(limit), registryStarted);
      startDaemon("broker-start", broker::start, brokerStarted);
      await("schema registry", registryStarted, deadline, limit);
      await("Kafka broker", brokerStarted, deadline, limit);
      started = true;
    } finally {
      if (!started) {
        close();
      }
    }
  }

  /** Address of the broker, {@code host:port}. */
  public String bootstrap() {
    return broker.bootstrap();
  }

  /** Base URL of the schema registry's Confluent API. */
  public String registryUrl() {
    return registry.url();
  }

  /** Directory that holds the data. */
  public Path dataDirectory() {
    return data.path();
  }

  /** Process id of the registry's JVM, or -1 while there is none. */
  public long registryPid() {
    return registry.process().map(Process::pid).orElse(-1L);
  }

  /** Stops both, each within the stop limit, and deletes temporary data. */
  @Override
  public void close() {
    if (!closed.compareAndSet(false, true)) {
      return;
    }
    registry.stop(stopLimit);
    if (launched.get()) {
      stopBroker();
    }
    data.close();
  }

  private void stopBroker() {
    CompletableFuture<Void> stopped = new CompletableFuture<>();
    startDaemon(
        "broker-stop",
        () -> {
          // Kafka ignores a shutdown during its start, so the start has to end first.
          brokerStarted.handle((done, failure) -> null).get();
          broker.stop();
        },
        stopped);
    try {
      stopped.get(stopLimit.toMillis(), TimeUnit.MILLISECONDS);
    } catch (TimeoutException e) {
      log.warn("the broker did not stop within {} s", stopLimit.toSeconds());
    } catch (ExecutionException e) {
      log.warn("the broker did not stop cleanly: {}", String.valueOf(e.getCause()));
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  private static void await(
      String what, CompletableFuture<Void> started, long deadline, Duration limit)
      throws ClusterException, InterruptedException {
    try {
      started.get(Math.max(0, deadline - System.nanoTime()), TimeUnit.NANOSECONDS);
    } catch (TimeoutException e) {
      throw new ClusterException(
          "The embedded " + what + " did not start within " + limit.toSeconds() + " s.", e);
    } catch (ExecutionException e) {
      if (e.getCause() instanceof ClusterException cause) {
        throw cause;
      }
      throw new ClusterException(
          "The embedded " + what + " did not start: " + e.getCause(), e.getCause());
    }
  }

  private interface Body {
    void run() throws Exception;
  }

  private static void startDaemon(String name, Body body, CompletableFuture<Void> outcome) {
    Thread thread =
        new Thread(
            () -> {
              try {
                body.run();
                outcome.complete(null);
              } catch (Throwable e) {
                outcome.completeExceptionally(e);
              }
            },
            name);
    thread.setDaemon(true);
    thread.start();
  }
}
