// SPDX-License-Identifier: Apache-2.0
package io.tracefleet.it;

import com.fasterxml.jackson.databind.json.JsonMapper;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.testcontainers.containers.BindMode;
import org.testcontainers.containers.GenericContainer;

/** An emulator node in a container, with one guest and the oracle in the guest's QEMU. */
final class FleetNode {
  private final Machine machine;
  private final String name;
  private final Path directory;
  private final Map<String, String> cluster;

  private FleetNode(Machine machine, String name, Path directory, Map<String, String> cluster) {
    this.machine = machine;
    this.name = name;
    this.directory = directory;
    this.cluster = cluster;
  }

  /**
   * Makes a node that is not started yet.
   *
   * @param directory of its own, on tmpfs, writable for the image's user
   * @param cluster bootstrap and registry
   */
  static FleetNode of(
      GenericContainer<?> container, String name, Path directory, Map<String, String> cluster) {
    container
        .withFileSystemBind(directory.toString(), "/work", BindMode.READ_WRITE)
        .withFileSystemBind(
            directory.resolve("node.yaml").toString(),
            "/etc/tracefleet/node.yaml",
            BindMode.READ_ONLY)
        .withFileSystemBind(Places.oracle().getParent().toString(), "/oracle", BindMode.READ_ONLY)
        .withFileSystemBind(
            Places.target().resolve("guests").toString(), "/guests", BindMode.READ_ONLY);
    return new FleetNode(new Machine(container), name, directory, cluster);
  }

  /**
   * Writes the guest that the node runs when it starts the next time.
   *
   * @param guest its name and the oracle file's
   * @param command QEMU and its arguments; a path of a guest begins with /guests
   */
  FleetNode guest(String guest, String... command) throws IOException {
    List<String> words = new ArrayList<>(List.of(command));
    words.addAll(1, List.of("-plugin", "/oracle/oracle.so,out=/work/" + guest + ".oracle"));
    Map<String, Object> config =
        Map.of(
            "node",
            name,
            "bootstrap",
            cluster.get("bootstrap"),
            "registry",
            cluster.get("registry"),
            "ringDir",
            "/work/rings",
            "guests",
            List.of(Map.of("name", guest, "command", words, "stdout", "/work/" + guest + ".out")));
    // JSON is YAML. The file is bound: it must stay the same file.
    Files.writeString(
        directory.resolve("node.yaml"), JsonMapper.builder().build().writeValueAsString(config));
    return this;
  }

  /** The same with a guest that works until {@link #endGuest}. */
  FleetNode guestThatWorks(String guest) throws IOException {
    return guest(guest, "qemu-x86_64", "/guests/until", "/work/" + end(guest));
  }

  /** Lets a guest that works come to its end. */
  void endGuest(String guest) throws IOException {
    Files.createFile(directory.resolve(end(guest)));
  }

  private static String end(String guest) {
    return guest + ".end";
  }

  FleetNode start() {
    machine.create();
    return this;
  }

  Machine machine() {
    return machine;
  }

  String name() {
    return name;
  }

  /** What the oracle has counted of a guest so far. */
  Counts oracle(String guest) throws IOException {
    return Counts.ofOracle(Places.oracleDump(), directory.resolve(guest + ".oracle"));
  }

  /** How far a guest is. */
  long executed(String guest) throws IOException {
    return oracle(guest).sum("vcpu", "instructions");
  }

  /**
   * Waits until Kafka has acknowledged several batches. When a broker fails the very first requests
   * of a producer, Kafka's client may try the first again for ever (KAFKA-14359); the node says so
   * after its drain timeout, and another one publishes.
   */
  void awaitPublished(Duration limit) throws Exception {
    long deadline = System.nanoTime() + limit.toNanos();
    while (true) {
      try {
        machine.run(
            "bash",
            "-c",
            "exec 3<>/dev/tcp/127.0.0.1/9464 && printf 'GET /metrics HTTP/1.0\\r\\n\\r\\n' >&3"
                + " && grep -Eq '^tracefleet_node_batches_published_total[^ ]* ([1-9][0-9]|[4-9])' <&3");
        return;
      } catch (AssertionError e) {
        if (!machine.isRunning() || System.nanoTime() > deadline) {
          throw e;
        }
      }
      Thread.sleep(200);
    }
  }

  /** Waits until the guest has executed so many instructions, as the oracle counts them. */
  void awaitExecuted(String guest, long instructions, Duration limit) throws Exception {
    long deadline = System.nanoTime() + limit.toNanos();
    while (true) {
      if (Files.exists(directory.resolve(guest + ".oracle"))) {
        try {
          if (executed(guest) >= instructions) {
            return;
          }
        } catch (IOException e) {
          // The oracle is not ready yet.
        }
      }
      if (!machine.isRunning() || System.nanoTime() > deadline) {
        throw new AssertionError(
            "%s on %s does not come to instruction %,d; the node says: %s"
                .formatted(guest, name, instructions, machine.said()));
      }
      Thread.sleep(100);
    }
  }
}
