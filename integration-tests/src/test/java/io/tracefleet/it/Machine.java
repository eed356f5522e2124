// SPDX-License-Identifier: Apache-2.0
package io.tracefleet.it;

import com.github.dockerjava.api.DockerClient;
import com.github.dockerjava.api.command.HealthState;
import com.github.dockerjava.api.command.InspectContainerResponse;
import com.github.dockerjava.api.exception.NotModifiedException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import org.testcontainers.containers.GenericContainer;

/** A container to which something happens. */
final class Machine implements AutoCloseable {
  /** More than the drainTimeout of a node that waits for its broker. */
  private static final int STOP_SECONDS = 150;

  private final GenericContainer<?> container;

  Machine(GenericContainer<?> container) {
    this.container = container;
  }

  /** Makes and starts it. */
  void create() {
    container.start();
  }

  private DockerClient client() {
    return container.getDockerClient();
  }

  private InspectContainerResponse inspect() {
    return client().inspectContainerCmd(container.getContainerId()).exec();
  }

  /** SIGKILL to all its processes. */
  void kill() throws InterruptedException {
    client().killContainerCmd(container.getContainerId()).withSignal("KILL").exec();
    awaitExit(Duration.ofSeconds(10));
  }

  /** Starts it again, with the files that it had. */
  void startAgain() {
    client().startContainerCmd(container.getContainerId()).exec();
  }

  /** SIGTERM, and SIGKILL if that was not enough. Returns the exit code. */
  int stop() {
    try {
      client().stopContainerCmd(container.getContainerId()).withTimeout(STOP_SECONDS).exec();
    } catch (NotModifiedException e) {
      // It had ended.
    }
    return exitCode();
  }

  void pause() {
    client().pauseContainerCmd(container.getContainerId()).exec();
  }

  void unpause() {
    client().unpauseContainerCmd(container.getContainerId()).exec();
  }

  /** Pulls the plug out of its network. */
  void disconnect() {
    client()
        .disconnectFromNetworkCmd()
        .withNetworkId(container.getNetwork().getId())
        .withContainerId(container.getContainerId())
        .exec();
  }

  void connect() {
    client()
        .connectToNetworkCmd()
        .withNetworkId(container.getNetwork().getId())
        .withContainerId(container.getContainerId())
        .exec();
  }

  boolean isRunning() {
    return Boolean.TRUE.equals(inspect().getState().getRunning());
  }

  int exitCode() {
    return inspect().getState().getExitCodeLong().intValue();
  }

  /** How often the engine started it because it had failed. */
  int restarts() {
    Integer count = inspect().getRestartCount();
    return count == null ? 0 : count;
  }

  /** Waits until the engine says so of it, by the health check of its image. */
  void awaitHealth(String wanted, Duration limit) throws InterruptedException {
    long deadline = System.nanoTime() + limit.toNanos();
    while (true) {
      InspectContainerResponse.ContainerState state = inspect().getState();
      HealthState health = state.getHealth();
      if (health != null && wanted.equals(health.getStatus())) {
        return;
      }
      if (!Boolean.TRUE.equals(state.getRunning()) || System.nanoTime() > deadline) {
        throw new AssertionError(
            "%s is %s, not %s; it says: %s"
                .formatted(
                    name(),
                    health == null ? "without a health check" : health.getStatus(),
                    wanted,
                    said()));
      }
      Thread.sleep(200);
    }
  }

  int awaitExit(Duration limit) throws InterruptedException {
    long deadline = System.nanoTime() + limit.toNanos();
    while (isRunning()) {
      if (System.nanoTime() > deadline) {
        throw new AssertionError("does not end within " + limit + "; it says: " + said());
      }
      Thread.sleep(100);
    }
    return exitCode();
  }

  /** Where this machine finds it, as long as it runs. */
  String address() {
    return inspect().getNetworkSettings().getNetworks().values().stream()
        .map(network -> network.getIpAddress())
        .filter(address -> address != null && !address.isEmpty())
        .findFirst()
        .orElse("0.0.0.0");
  }

  /** The end of its output. */
  String said() {
    String all = container.getLogs();
    return all.substring(Math.max(0, all.length() - 3000));
  }

  void run(String... command) throws Exception {
    var result = container.execInContainer(command);
    if (result.getExitCode() != 0) {
      throw new AssertionError(
          String.join(" ", command) + ": " + result.getStdout() + result.getStderr());
    }
  }

  /** By which others in its network find it; Testcontainers has put one of its own before it. */
  private String name() {
    List<String> aliases = container.getNetworkAliases();
    return aliases.get(aliases.size() - 1);
  }

  /** Removes it; its output stays in target/fleet. */
  @Override
  public void close() throws IOException {
    if (container.getContainerId() != null) {
      Path logs = Files.createDirectories(Places.target().resolve("fleet"));
      Files.writeString(logs.resolve(name() + ".log"), container.getLogs());
    }
    container.stop();
  }
}
