// SPDX-License-Identifier: Apache-2.0
package io.tracefleet.it;

import com.github.dockerjava.api.model.Bind;
import com.github.dockerjava.api.model.Capability;
import com.github.dockerjava.api.model.HealthCheck;
import com.github.dockerjava.api.model.HostConfig;
import com.github.dockerjava.api.model.RestartPolicy;
import com.github.dockerjava.api.model.Volume;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.Map;
import org.testcontainers.DockerClientFactory;
import org.testcontainers.containers.BindMode;
import org.testcontainers.containers.GenericContainer;
import org.testcontainers.containers.Network;
import org.testcontainers.containers.wait.strategy.AbstractWaitStrategy;
import org.testcontainers.utility.DockerImageName;

/**
 * The images as a fleet: broker, registry, two instances of the stream jobs, the archiver, and
 * emulator nodes as a test wants them. All data is below one directory on tmpfs.
 */
final class Fleet implements AutoCloseable {
  /** A busy machine takes minutes for what a quiet one does in twenty seconds. */
  static final Duration START_LIMIT = Duration.ofMinutes(4);

  private static final String BROKER_IMAGE =
      System.getProperty("tracefleet.it.broker-image", "tracefleet-it/broker");
  private static final String REGISTRY_IMAGE =
      System.getProperty("tracefleet.it.registry-image", "tracefleet-it/registry");
  private static final String TOKEN = "the-token-of-the-container-tests";
  private static final String DISK_OF_THE_BROKER = "size=640m,mode=1777";
  private static final int USER = 10001;

  private static final Map<String, String> CLUSTER =
      Map.of("bootstrap", "broker:9092", "registry", "http://registry:8080/apis/ccompat/v7");

  private final Deque<AutoCloseable> open = new ArrayDeque<>();
  private final Path directory;
  private final Network network;
  private final Machine disk;
  private final Machine broker;
  private final Machine registry;
  private final Machine archiver;
  private final List<Machine> jobs = new ArrayList<>();

  private Fleet() throws IOException {
    directory = Files.createTempDirectory(Path.of("/dev/shm"), "tracefleet-it-fleet-");
    open.push(() -> RingCheck.delete(directory));
    // Others look through it: containers have a user of their own.
    Files.setPosixFilePermissions(
        directory, java.nio.file.attribute.PosixFilePermissions.fromString("rwxr-xr-x"));
    Files.writeString(directory.resolve("token"), TOKEN);
    network = Network.newNetwork();
    open.push(network);
    String volume = "tracefleet-it-" + directory.getFileName();
    DockerClientFactory.lazyClient()
        .createVolumeCmd()
        .withName(volume)
        .withDriver("local")
        .withDriverOpts(Map.of("type", "tmpfs", "device", "tmpfs", "o", DISK_OF_THE_BROKER))
        .exec();
    open.push(() -> DockerClientFactory.lazyClient().removeVolumeCmd(volume).exec());
    Bind data = new Bind(volume, new Volume("/disk"));
    // Holds the broker's disk while the broker does not.
    disk =
        machine(
            container("disk", "debian:bookworm-slim")
                .withCommand("sleep", "infinity")
                .withCreateContainerCmdModifier(c -> c.getHostConfig().withBinds(data)));
    broker = machine(brokerContainer(data));
    registry = machine(container("registry", REGISTRY_IMAGE).withEnv("QUARKUS_HTTP_PORT", "8080"));
    archiver =
        machine(
            lasting(ours("archiver", "tracefleet/archiver:it"))
                .withFileSystemBind(owned("archive").toString(), "/archive", BindMode.READ_WRITE));
    jobs.add(machine(jobsContainer("jobs-1")));
    jobs.add(machine(jobsContainer("jobs-2")));
  }

  /** Starts all but the nodes and waits until questions are answered. */
  static Fleet start() throws Exception {
    Fleet fleet = new Fleet();
    boolean started = false;
    try {
      fleet.disk.create();
      fleet.broker.create();
      fleet.registry.create();
      new FleetApi(() -> "http://" + fleet.registry.address() + ":8080", TOKEN)
          .await("/apis/ccompat/v7/subjects", START_LIMIT, subjects -> subjects.isArray());
      for (Machine instance : fleet.jobs) {
        instance.create();
      }
      fleet.archiver.create();
      fleet.awaitReady();
      started = true;
      return fleet;
    } finally {
      if (!started) {
        fleet.close();
      }
    }
  }

  /** Waits until both instances of the jobs have their partitions. */
  void awaitReady() throws InterruptedException {
    for (int i = 0; i < jobs.size(); i++) {
      api(i).awaitReady(START_LIMIT);
    }
  }

  private GenericContainer<?> brokerContainer(Bind data) {
    GenericContainer<?> container =
        container("broker", BROKER_IMAGE)
            .withCreateContainerCmdModifier(c -> c.getHostConfig().withBinds(data));
    // Understood by our image and by apache/kafka.
    Map.ofEntries(
            Map.entry("KAFKA_PROCESS_ROLES", "broker,controller"),
            Map.entry("KAFKA_NODE_ID", "1"),
            Map.entry("KAFKA_LISTENERS", "PLAINTEXT://:9092,CONTROLLER://:9093"),
            Map.entry("KAFKA_ADVERTISED_LISTENERS", "PLAINTEXT://broker:9092"),
            Map.entry("KAFKA_CONTROLLER_LISTENER_NAMES", "CONTROLLER"),
            Map.entry(
                "KAFKA_LISTENER_SECURITY_PROTOCOL_MAP", "PLAINTEXT:PLAINTEXT,CONTROLLER:PLAINTEXT"),
            Map.entry("KAFKA_CONTROLLER_QUORUM_VOTERS", "1@localhost:9093"),
            Map.entry("KAFKA_LOG_DIRS", "/disk/kafka"),
            Map.entry("KAFKA_AUTO_CREATE_TOPICS_ENABLE", "false"),
            Map.entry("KAFKA_OFFSETS_TOPIC_NUM_PARTITIONS", "4"),
            Map.entry("KAFKA_OFFSETS_TOPIC_REPLICATION_FACTOR", "1"),
            Map.entry("KAFKA_TRANSACTION_STATE_LOG_NUM_PARTITIONS", "4"),
            Map.entry("KAFKA_TRANSACTION_STATE_LOG_REPLICATION_FACTOR", "1"),
            Map.entry("KAFKA_TRANSACTION_STATE_LOG_MIN_ISR", "1"),
            Map.entry("KAFKA_GROUP_INITIAL_REBALANCE_DELAY_MS", "0"),
            Map.entry("KAFKA_LOG_CLEANER_DEDUPE_BUFFER_SIZE", "8388608"))
        .forEach(container::withEnv);
    return container;
  }

  private GenericContainer<?> container(String name, String image) {
    return new GenericContainer<>(DockerImageName.parse(image))
        .withNetwork(network)
        .withNetworkAliases(name)
        .waitingFor(NOT_AT_ALL);
  }

  /** One of Tracefleet's images, with no more rights than it needs. */
  private GenericContainer<?> ours(String name, String image) {
    return container(name, image)
        .withEnv("TRACEFLEET_BOOTSTRAP", CLUSTER.get("bootstrap"))
        .withEnv("TRACEFLEET_REGISTRY", CLUSTER.get("registry"))
        .withCreateContainerCmdModifier(
            command -> {
              HostConfig host = command.getHostConfig();
              host.withReadonlyRootfs(true)
                  .withCapDrop(Capability.ALL)
                  .withSecurityOpts(List.of("no-new-privileges"));
              command.withUser(user());
            });
  }

  /** Started again when it fails, as everywhere; not when a test has killed it. */
  private static GenericContainer<?> lasting(GenericContainer<?> container) {
    return container.withCreateContainerCmdModifier(
        command -> command.getHostConfig().withRestartPolicy(RestartPolicy.onFailureRestart(0)));
  }

  private Machine machine(GenericContainer<?> container) {
    Machine machine = new Machine(container);
    open.push(machine);
    return machine;
  }

  private GenericContainer<?> jobsContainer(String name) {
    return lasting(ours(name, "tracefleet/stream-jobs:it"))
        .withCommand("start.timeout.ms=" + START_LIMIT.toMillis())
        .withFileSystemBind(
            directory.resolve("token").toString(),
            "/run/secrets/tracefleet-token",
            BindMode.READ_ONLY);
  }

  /** One more instance of the jobs; the caller closes it. */
  Machine anotherInstance(String name) {
    return started(askedOften(jobsContainer(name)));
  }

  /**
   * An instance of the jobs that looks for its broker where there is none; the caller closes it.
   */
  Machine instanceWithoutBroker(String name) {
    return started(
        askedOften(jobsContainer(name)).withEnv("TRACEFLEET_BOOTSTRAP", "registry:9092"));
  }

  private static Machine started(GenericContainer<?> container) {
    Machine machine = new Machine(container);
    machine.create();
    return machine;
  }

  /** The health check of the image, each second. */
  private static GenericContainer<?> askedOften(GenericContainer<?> container) {
    return container.withCreateContainerCmdModifier(
        command ->
            command.withHealthcheck(
                new HealthCheck()
                    .withInterval(Duration.ofSeconds(1).toNanos())
                    // The shortest that the engine takes for one.
                    .withStartPeriod(Duration.ofMillis(1).toNanos())));
  }

  /** A node that is not started yet. */
  FleetNode node(String name) throws IOException {
    Path own = owned(name);
    owned(name + "/rings");
    Files.createFile(own.resolve("node.yaml"));
    FleetNode node = FleetNode.of(ours(name, "tracefleet/emulator-node:it"), name, own, CLUSTER);
    open.push(node.machine());
    return node;
  }

  /** A directory that the images' user may write. */
  private Path owned(String name) throws IOException {
    Path path = Files.createDirectory(directory.resolve(name));
    if (isRoot()) {
      Files.setAttribute(path, "unix:uid", USER);
      Files.setAttribute(path, "unix:gid", USER);
    }
    return path;
  }

  /** The images' own user, or the one who runs the tests and cannot give files away. */
  private String user() {
    try {
      return isRoot()
          ? USER + ":" + USER
          : Files.getAttribute(directory, "unix:uid")
              + ":"
              + Files.getAttribute(directory, "unix:gid");
    } catch (IOException e) {
      throw new java.io.UncheckedIOException(e);
    }
  }

  private static boolean isRoot() {
    return System.getProperty("user.name").equals("root");
  }

  /** The HTTP interface of an instance of the jobs. */
  FleetApi api(int instance) {
    return api(jobs.get(instance));
  }

  FleetApi api(Machine instance) {
    return new FleetApi(() -> "http://" + instance.address() + ":8470", TOKEN);
  }

  Machine broker() {
    return broker;
  }

  /** What holds the broker's disk, at /disk. */
  Machine disk() {
    return disk;
  }

  Machine registry() {
    return registry;
  }

  Machine archiver() {
    return archiver;
  }

  Machine jobs(int instance) {
    return jobs.get(instance);
  }

  Path archive() {
    return directory.resolve("archive");
  }

  @Override
  public void close() throws Exception {
    Exception first = null;
    while (!open.isEmpty()) {
      try {
        open.pop().close();
      } catch (Exception e) {
        if (first == null) {
          first = e;
        } else {
          first.addSuppressed(e);
        }
      }
    }
    if (first != null) {
      throw first;
    }
  }

  private static final AbstractWaitStrategy NOT_AT_ALL =
      new AbstractWaitStrategy() {
        @Override
        protected void waitUntilReady() {
          // Tests wait for what they need.
        }
      };
}
