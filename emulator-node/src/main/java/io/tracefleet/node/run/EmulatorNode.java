// SPDX-License-Identifier: Apache-2.0
package io.tracefleet.node.run;

import io.tracefleet.node.config.ClusterAccess;
import io.tracefleet.node.config.ConfigException;
import io.tracefleet.node.config.ExitCode;
import io.tracefleet.node.config.GuestSpec;
import io.tracefleet.node.config.NodeException;
import io.tracefleet.node.config.NodeSettings;
import io.tracefleet.node.control.ControlTopic;
import io.tracefleet.node.publish.TracePublisher;
import io.tracefleet.node.qemu.GuestProcess;
import io.tracefleet.node.qemu.ProcessIdentity;
import io.tracefleet.node.qemu.QemuCommand;
import io.tracefleet.node.qemu.QemuInfo;
import io.tracefleet.node.qemu.QemuInspector;
import io.tracefleet.node.qemu.Signals;
import io.tracefleet.node.ring.Doorbell;
import io.tracefleet.node.symbols.Symbolizer;
import io.tracefleet.schemas.clients.Refusals;
import io.tracefleet.schemas.serde.RegistrySettings;
import io.tracefleet.schemas.serde.SchemaRegistry;
import io.tracefleet.schemas.serde.SchemaRegistryException;
import io.tracefleet.schemas.serde.Subject;
import io.tracefleet.schemas.topics.TopicCreator;
import io.tracefleet.schemas.topics.TopicException;
import io.tracefleet.schemas.topics.TopicOptions;
import io.tracefleet.schemas.topics.Topics;
import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.channels.OverlappingFileLockException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Queue;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import org.apache.kafka.clients.CommonClientConfigs;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.common.KafkaException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** A node: starts guests in QEMU and publishes what they do. Safe for several threads. */
public final class EmulatorNode implements AutoCloseable {
  private static final Logger log = LoggerFactory.getLogger(EmulatorNode.class);
  private static final Duration CONNECT_TIMEOUT = Duration.ofSeconds(20);
  private static final Set<String> WRITTEN_TOPICS =
      Set.of(Topics.RUNS, Topics.BATCHES, Topics.BLOCKS);
  private static final long IN_FLIGHT_LEAST = 1L << 20;

  private final NodeSettings settings;
  private final ClusterAccess cluster;
  private final String clusterId;
  private final GuestEvents listener;
  private final Optional<NodeMetrics> metrics;
  private final SchemaRegistry registry;
  private final RingDirectories directories;
  private final ControlTopic control;
  private final TraceBudget budget;
  private final QemuInspector inspector = new QemuInspector();
  private final RunIds runIds = new RunIds();
  private final NodeClock clock = NodeClock.SYSTEM;
  private final Processes processes = Processes.SYSTEM;
  private final Set<GuestRun> running = ConcurrentHashMap.newKeySet();
  private final CountDownLatch stopping = new CountDownLatch(1);
  private final Object finishedLock = new Object();
  private final Queue<Future<Integer>> adopted = new ConcurrentLinkedQueue<>();
  private final ExecutorService adopters =
      Executors.newCachedThreadPool(
          task -> {
            Thread thread = new Thread(task, "adopter");
            thread.setDaemon(true);
            return thread;
          });
  private volatile boolean closing;
  private NodeProgress finished = NodeProgress.NONE;

  private EmulatorNode(
      NodeSettings settings,
      ClusterAccess cluster,
      String clusterId,
      GuestEvents listener,
      Optional<NodeMetrics> metrics,
      SchemaRegistry registry,
      RingDirectories directories)
      throws NodeException {
    this.settings = settings;
    this.cluster = cluster;
    this.clusterId = clusterId;
    this.listener = listener;
    this.metrics = metrics;
    this.registry = registry;
    this.directories = directories;
    this.control =
        ControlTopic.follow(
            cluster,
            registry.serdes(),
            settings.node(),
            listener::warning,
            () -> running.forEach(GuestRun::wake));
    this.budget = new TraceBudget(clock, control::wish, control::isKnown, listener::warning);
  }

  /**
   * Checks plugin, ring directory, the metrics' port, broker, topics and registry, in this order;
   * starts no guest.
   */
  public static EmulatorNode open(
      NodeSettings settings, ClusterAccess cluster, NodeListener listener) throws NodeException {
    if (!Files.isReadable(settings.pluginLibrary())) {
      throw new ConfigException(
          "plugin "
              + settings.pluginLibrary()
              + ": no such file; build it, or say where it is with TRACEFLEET_PLUGIN");
    }
    RingDirectories directories = new RingDirectories(settings.ring(), settings.node());
    directories.prepare();
    GuestEvents events = new GuestEvents(listener);
    Optional<NodeMetrics> metrics = NodeMetrics.open(settings, events);
    boolean opened = false;
    try {
      String clusterId = prepareTopics(cluster);
      EmulatorNode node = connect(settings, cluster, clusterId, events, metrics, directories);
      metrics.ifPresent(shown -> shown.show(node));
      opened = true;
      return node;
    } finally {
      if (!opened) {
        metrics.ifPresent(NodeMetrics::close);
      }
    }
  }

  private static EmulatorNode connect(
      NodeSettings settings,
      ClusterAccess cluster,
      String clusterId,
      GuestEvents events,
      Optional<NodeMetrics> metrics,
      RingDirectories directories)
      throws NodeException {
    SchemaRegistry registry = null;
    try {
      registry =
          SchemaRegistry.connect(
              RegistrySettings.of(cluster.registry()).withClient(cluster.registryProperties()),
              CONNECT_TIMEOUT);
      registry.prepare(subjects());
      EmulatorNode node =
          new EmulatorNode(settings, cluster, clusterId, events, metrics, registry, directories);
      node.removeWorthlessOrphans();
      registry = null;
      return node;
    } catch (SchemaRegistryException e) {
      throw new NodeException(ExitCode.ofCluster(e), e.getMessage(), e);
    } catch (IllegalArgumentException e) {
      throw new ConfigException(e.getMessage(), e);
    } finally {
      if (registry != null) {
        registry.close();
      }
    }
  }

  /** Of what a node writes; whoever writes the others prepares them. */
  private static List<Subject> subjects() {
    return Topics.subjects().stream()
        .filter(
            subject -> WRITTEN_TOPICS.contains(subject.name().replaceFirst("-(key|value)$", "")))
        .toList();
  }

  /** Returns the cluster's id. */
  private static String prepareTopics(ClusterAccess cluster) throws NodeException {
    Map<String, Object> config = new HashMap<>(cluster.clientProperties());
    config.put(CommonClientConfigs.BOOTSTRAP_SERVERS_CONFIG, cluster.bootstrap());
    try (Admin admin = Admin.create(config)) {
      TopicCreator topics = new TopicCreator(admin, CONNECT_TIMEOUT);
      topics.create(Topics.all(TopicOptions.DEFAULTS), WRITTEN_TOPICS);
      return topics.clusterId();
    } catch (TopicException e) {
      throw new NodeException(
          ExitCode.ofCluster(e),
          Refusals.byKafka(cluster.bootstrap(), e)
              .orElseGet(() -> "broker " + cluster.bootstrap() + ": " + e.getMessage()),
          e);
    } catch (KafkaException e) {
      Throwable cause = e.getCause() == null ? e : e.getCause();
      throw new ConfigException("bootstrap: " + cluster.bootstrap() + ": " + cause.getMessage(), e);
    }
  }

  /**
   * Starts a guest and follows it and all that it forks until everything has been acknowledged.
   *
   * @throws NodeException if the guest cannot be started or traced; then it is dead
   */
  public TraceOutcome trace(GuestSpec guest) throws NodeException {
    QemuInfo qemu = inspector.inspect(guest.command().get(0));
    if (isStopping()) {
      throw new NodeException(
          ExitCode.FAILURE, "guest " + guest.name() + " was not started: interrupted");
    }
    String rootRunId = runIds.next(clock.micros());
    GuestManifest manifest =
        new GuestManifest(
            settings.node(),
            guest.name(),
            guest.labels(),
            guest.command(),
            qemu.version(),
            rootRunId,
            PluginVersion.get(),
            cluster.embedded());
    Path directory = directories.create();
    boolean keep = false;
    try {
      QemuCommand command =
          QemuCommand.withPlugin(
              qemu,
              guest.command(),
              settings.pluginLibrary(),
              pluginOptions(guest, directory, rootRunId));
      ClusterMark.write(directory, clusterId);
      manifest.write(directory);
      try (Doorbell doorbell =
              Doorbell.create(directory, ProcessIdentity.self().pid(), clock.micros());
          TracePublisher publisher = publisher(manifest, doorbell);
          GuestTree tree = tree(manifest, directory, doorbell, publisher, false)) {
        keep = !cluster.embedded();
        TraceOutcome outcome =
            follow(guest, manifest, command, tree, publisher, doorbell, directory);
        keep = tree.leavesRings();
        return outcome;
      }
    } catch (IOException e) {
      throw new NodeException(
          ExitCode.RING_DIR,
          "ring directory " + directory + " cannot be written: " + e.getMessage(),
          e);
    } finally {
      if (!keep) {
        RingDirectories.remove(directory);
      }
    }
  }

  private TraceOutcome follow(
      GuestSpec guest,
      GuestManifest manifest,
      QemuCommand command,
      GuestTree tree,
      TracePublisher publisher,
      Doorbell doorbell,
      Path directory)
      throws NodeException {
    long begin = clock.nanos();
    GuestProcess process = GuestProcess.start(command, guest, doorbell::ring);
    log.info(
        "guest={} run={} pid={} ringDir={}",
        guest.name(),
        manifest.rootRunId(),
        process.identity().pid(),
        directory);
    GuestRun run =
        new GuestRun(
            manifest,
            tree,
            RootProcess.of(process),
            publisher,
            doorbell,
            directory,
            clock,
            processes,
            settings.publish().drainTimeout(),
            guest.stdin() == null && Signals.terminalReachesGuests());
    running.add(run);
    try {
      if (isStopping()) {
        run.signal(Signals.TERMINATE);
      }
      listener.guestStarted(guest, manifest.rootRunId(), process.identity().pid());
      run.follow();
      TraceOutcome outcome =
          new TraceOutcome(
              guest,
              process.exitCode().orElseThrow(),
              tree.isRootSeen() ? manifest.rootRunId() : null,
              tree.ended(),
              run.progress().ended(),
              Duration.ofNanos(clock.nanos() - begin),
              0,
              tree.problems());
      listener.guestEnded(outcome);
      return outcome;
    } finally {
      synchronized (finishedLock) {
        running.remove(run);
        finished = finished.plus(run.progress().ended());
      }
    }
  }

  private Map<String, String> pluginOptions(GuestSpec guest, Path directory, String rootRunId) {
    Map<String, String> options = new LinkedHashMap<>();
    options.put("ring-dir", directory.toString());
    options.put("run", rootRunId);
    options.put("mode", guest.mode().word());
    options.put("when-full", guest.whenFull().word());
    options.put("ring-buffers", Integer.toString(settings.ring().buffers()));
    options.put("node-timeout", Long.toString(settings.ring().nodeTimeout().toSeconds()));
    options.putAll(guest.plugin());
    return options;
  }

  private TracePublisher publisher(GuestManifest manifest, Doorbell doorbell) throws NodeException {
    long share =
        Math.max(IN_FLIGHT_LEAST, settings.publish().inFlightBytes() / settings.parallel());
    TracePublisher publisher =
        TracePublisher.create(
            cluster,
            settings.publish(),
            share,
            registry.serdes(),
            new Symbolizer(manifest.labels(), manifest.command(), listener::warning),
            "tracefleet-node-" + settings.node() + "-" + manifest.name(),
            doorbell::ring);
    metrics.ifPresent(shown -> shown.show(publisher));
    return publisher;
  }

  private GuestTree tree(
      GuestManifest manifest,
      Path directory,
      Doorbell doorbell,
      TracePublisher publisher,
      boolean adopted) {
    return new GuestTree(
        manifest,
        directory,
        doorbell,
        publisher,
        processes,
        clock,
        listener,
        settings.ring().flushInterval(),
        budget,
        adopted);
  }

  /**
   * Runs guests, {@code parallel} at once, each as often as its restart policy says, and follows
   * those that were adopted to their ends.
   *
   * @return the last outcome of each, in the order given
   * @throws NodeException the first failure, after the other guests have ended
   */
  public List<TraceOutcome> runAll(List<GuestSpec> guests) throws NodeException {
    for (GuestSpec guest : guests) {
      inspector.inspect(guest.command().get(0));
    }
    ExecutorService threads =
        Executors.newFixedThreadPool(Math.min(settings.parallel(), guests.size()));
    try {
      List<Future<TraceOutcome>> futures = new ArrayList<>();
      for (GuestSpec guest : guests) {
        futures.add(threads.submit(() -> traceWithRestarts(guest)));
      }
      List<TraceOutcome> outcomes = new ArrayList<>();
      NodeException failure = null;
      for (Future<TraceOutcome> future : futures) {
        try {
          outcomes.add(future.get());
        } catch (ExecutionException e) {
          NodeException line =
              e.getCause() instanceof NodeException known
                  ? known
                  : new NodeException(
                      ExitCode.INTERNAL,
                      "a guest could not be traced: " + e.getCause(),
                      e.getCause());
          if (failure == null) {
            failure = line;
          } else {
            failure.addSuppressed(line);
            listener.warning(line.getMessage());
          }
        } catch (InterruptedException e) {
          signal(Signals.TERMINATE);
          Thread.currentThread().interrupt();
          throw new NodeException(ExitCode.INTERNAL, "interrupted while guests ran", e);
        }
      }
      followAdopted();
      if (failure != null) {
        throw failure;
      }
      return outcomes;
    } finally {
      threads.shutdown();
    }
  }

  private TraceOutcome traceWithRestarts(GuestSpec guest) throws NodeException {
    RestartPolicy policy = new RestartPolicy(guest);
    for (int restarts = 0; ; restarts++) {
      TraceOutcome outcome = trace(guest).withRestarts(restarts);
      if (!policy.isDue(outcome.exitCode(), restarts)
          || isStoppedWithin(policy.backoff(restarts))) {
        return outcome;
      }
      log.info("guest={} exitCode={} restart={}", guest.name(), outcome.exitCode(), restarts + 1);
    }
  }

  /** Removes what dead nodes with a cluster of their own left: that cluster is gone. */
  private void removeWorthlessOrphans() throws NodeException {
    for (Path directory : directories.orphans(processes)) {
      try (FileChannel lock = lock(directory)) {
        if (lock != null && isWorthless(directory) && processes.mapping(directory).isEmpty()) {
          log.info("ringDir={} removed=true", directory);
          RingDirectories.remove(directory);
        }
      } catch (IOException e) {
        log.warn("ringDir={} failure={}", directory, e.toString());
      }
    }
  }

  private static boolean isWorthless(Path directory) throws IOException {
    try {
      return GuestManifest.read(directory).embedded();
    } catch (NoSuchFileException e) {
      // It died before there was a guest.
      return true;
    }
  }

  /**
   * Publishes what dead nodes on this machine left. A guest of theirs that still runs is followed
   * from now on, while this node does other things; {@link #runAll} waits for it, {@link #close}
   * leaves it to the next node.
   *
   * @return runs of dead guests that were published
   * @throws NodeException if they could not all be published
   */
  public int adoptOrphans() throws NodeException {
    int runs = 0;
    for (Path directory : directories.orphans(processes)) {
      if (isStopping()) {
        return runs;
      }
      try {
        FileChannel lock = lock(directory);
        if (lock == null || isWorthless(directory) || isOfAnotherCluster(directory)) {
          close(lock);
        } else if (processes.mapping(directory).isEmpty()) {
          runs += adopt(directory, lock);
        } else {
          String name = GuestManifest.read(directory).name();
          listener.warning(
              "guest " + name + " of a dead node still runs; this node follows it now");
          adopted.add(adopters.submit(() -> adopt(directory, lock)));
        }
      } catch (IOException e) {
        listener.warning("ring directory " + directory + " of a dead node cannot be adopted: " + e);
      }
    }
    return runs;
  }

  /** Says so in one line if it is, or if that cannot be told. */
  private boolean isOfAnotherCluster(Path directory) throws IOException {
    Optional<String> theirs = ClusterMark.read(directory);
    if (theirs.isEmpty()) {
      listener.warning(
          "ring directory "
              + directory
              + " of a dead node does not say which Kafka cluster it is for (an older node made"
              + " it); taken for this one, "
              + clusterId);
      return false;
    }
    if (theirs.get().equals(clusterId)) {
      return false;
    }
    listener.warning(
        "ring directory "
            + directory
            + " of a dead node is for Kafka cluster "
            + theirs.get()
            + ", this node is for "
            + clusterId
            + "; left as it is: start a node with that cluster's bootstrap and ringDir "
            + settings.ring().directory()
            + " to publish it, or delete it");
    return true;
  }

  private static void close(FileChannel lock) throws IOException {
    if (lock != null) {
      lock.close();
    }
  }

  private int adopt(Path directory, FileChannel held) throws NodeException, IOException {
    try (FileChannel lock = held;
        Doorbell doorbell = Doorbell.open(directory)) {
      GuestManifest manifest = GuestManifest.read(directory);
      log.info(
          "guest={} run={} ringDir={} adopted={}",
          manifest.name(),
          manifest.rootRunId(),
          directory,
          lock.isOpen());
      doorbell.takeOver(ProcessIdentity.self().pid(), clock.micros());
      try (TracePublisher publisher = publisher(manifest, doorbell);
          GuestTree tree = tree(manifest, directory, doorbell, publisher, true)) {
        GuestRun run =
            new GuestRun(
                manifest,
                tree,
                RootProcess.OF_ANOTHER_NODE,
                publisher,
                doorbell,
                directory,
                clock,
                processes,
                settings.publish().drainTimeout(),
                false);
        running.add(run);
        try {
          if (closing) {
            run.handOver();
          }
          if (run.follow() && !tree.leavesRings()) {
            RingDirectories.remove(directory);
          }
          return tree.ended().size();
        } finally {
          synchronized (finishedLock) {
            running.remove(run);
            finished = finished.plus(run.progress().ended());
          }
        }
      }
    }
  }

  /** Waits for the guests of dead nodes that still run, as for this node's own. */
  private void followAdopted() {
    for (Future<Integer> one : adopted) {
      try {
        one.get();
      } catch (ExecutionException e) {
        listener.warning(
            e.getCause() instanceof NodeException known
                ? known.getMessage()
                : "a guest of a dead node could not be followed: " + e.getCause());
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
        return;
      }
    }
  }

  /** Null if another node has it. */
  private static FileChannel lock(Path directory) throws IOException {
    FileChannel channel =
        FileChannel.open(
            directory.resolve("adopter"), StandardOpenOption.CREATE, StandardOpenOption.WRITE);
    boolean locked = false;
    try {
      locked = channel.tryLock() != null;
    } catch (OverlappingFileLockException e) {
      // Another node in this process has it.
    } finally {
      if (!locked) {
        channel.close();
      }
    }
    return locked ? channel : null;
  }

  /**
   * Passes a signal to all guests and starts no further ones. A guest that is still there 5 seconds
   * later, or when the next signal comes, is killed; what it recorded is published all the same.
   * While only publishing is left, a second signal gives it up.
   */
  public void signal(int number) {
    stopping.countDown();
    running.forEach(run -> run.signal(number));
  }

  /** Whether a signal came. */
  boolean isStopping() {
    return stopping.getCount() == 0;
  }

  private boolean isStoppedWithin(Duration time) {
    try {
      return stopping.await(time.toMillis(), TimeUnit.MILLISECONDS);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      return true;
    }
  }

  /** How far all guests are, those that have ended included. */
  public NodeProgress progress() {
    synchronized (finishedLock) {
      NodeProgress sum = finished;
      for (GuestRun run : running) {
        sum = sum.plus(run.progress());
      }
      return sum;
    }
  }

  /** What waits now. */
  NodeLoad load() {
    NodeLoad sum = NodeLoad.NONE;
    for (GuestRun run : running) {
      sum = sum.plus(run.load());
    }
    return sum;
  }

  /** Where this node can be watched, without a path; empty if it cannot. */
  public Optional<String> metricsUrl() {
    return metrics.map(NodeMetrics::url);
  }

  /**
   * To be called when no guest of this node runs. A dead node's guest that still runs is left to
   * the next node.
   */
  @Override
  public void close() {
    closing = true;
    try {
      running.forEach(GuestRun::handOver);
      followAdopted();
      adopters.shutdown();
      control.close();
      registry.close();
    } finally {
      metrics.ifPresent(NodeMetrics::close);
    }
  }
}
