// SPDX-License-Identifier: Apache-2.0
package io.tracefleet.jobs;

import static java.util.Objects.requireNonNull;

import io.tracefleet.jobs.http.HttpConfig;
import io.tracefleet.schemas.clients.ClientSettings;
import io.tracefleet.schemas.clients.RegistryUrls;
import java.io.IOException;
import java.io.Reader;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.HashMap;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Properties;
import java.util.TreeMap;

/**
 * Settings of the jobs.
 *
 * @param applicationId names the group of job processes that share the work, and their internal
 *     topics; letters, digits, dots, dashes and underscores
 * @param bootstrap broker addresses, {@code host:port,...}
 * @param registry base URL of the schema registry
 * @param state where totals are kept
 * @param stateDir directory for local state, one for each process of a machine
 * @param threads processing threads, 1 to 64; more than there are partitions of {@code
 *     tracefleet.batches} stay idle
 * @param commitInterval how often offsets, totals and results are committed, 100 ms to 5 s (a
 *     transaction must not last 10 s)
 * @param resultInterval how long changed results may be held back while batches come, 250 ms to 1
 *     h; after a pause of 250 ms they go out at once
 * @param rowsInMemory rows (a block, a page, a device, ... of one vCPU and window) that each task
 *     may keep in memory before idle ones are forgotten and read back when needed, at least 1000; a
 *     row takes about 60 bytes
 * @param partitions partitions of topics that do not exist yet, 1 to 1000
 * @param replication replicas of topics that do not exist yet, internal ones included, or -1 for
 *     the broker's default
 * @param startTimeout how long starting may take, at least 1 s
 * @param stopTimeout how long stopping may take, at least 1 s
 * @param http the HTTP interface
 * @param kafka further settings by Kafka's names, such as {@code security.protocol}; prefixes
 *     {@code consumer.}, {@code producer.} and {@code admin.} as in Kafka Streams
 * @param registryClient further settings of the registry's client, such as {@code
 *     basic.auth.user.info}
 */
public record JobsConfig(
    String applicationId,
    String bootstrap,
    String registry,
    StateKind state,
    Path stateDir,
    int threads,
    Duration commitInterval,
    Duration resultInterval,
    int rowsInMemory,
    int partitions,
    int replication,
    Duration startTimeout,
    Duration stopTimeout,
    HttpConfig http,
    Map<String, String> kafka,
    Map<String, String> registryClient) {

  private static final String KAFKA_PREFIX = "kafka.";
  private static final String REGISTRY_PREFIX = "registry.";
  static final String CLIENT_CONFIG = "client.config";

  public JobsConfig {
    check(
        requireNonNull(applicationId, "applicationId").matches("[A-Za-z0-9._-]{1,100}"),
        "application.id",
        applicationId,
        "1 to 100 letters, digits, dots, dashes and underscores");
    check(!requireNonNull(bootstrap, "bootstrap").isBlank(), "bootstrap", bootstrap, "host:port");
    check(
        requireNonNull(registry, "registry").matches("https?://.+"),
        "registry",
        RegistryUrls.withoutPassword(registry),
        "http://host:port or https://host:port, with the path where it has one");
    requireNonNull(state, "state");
    requireNonNull(stateDir, "stateDir");
    check(threads >= 1 && threads <= 64, "threads", threads, "1 to 64");
    checkTime("commit.interval.ms", commitInterval, 100, 5_000);
    checkTime("result.interval.ms", resultInterval, 250, 3_600_000);
    check(rowsInMemory >= 1000, "rows.in.memory", rowsInMemory, "1000 or more");
    check(partitions >= 1 && partitions <= 1000, "partitions", partitions, "1 to 1000");
    check(
        replication == -1 || replication >= 1 && replication <= Short.MAX_VALUE,
        "replication",
        replication,
        "1 or more, or -1 for the broker's default");
    checkTime("start.timeout.ms", startTimeout, 1_000, 3_600_000);
    checkTime("stop.timeout.ms", stopTimeout, 1_000, 3_600_000);
    kafka = Map.copyOf(kafka);
    registryClient = Map.copyOf(registryClient);
    for (String own : StreamsSettings.OWN) {
      check(!kafka.containsKey(own), KAFKA_PREFIX + own, kafka.get(own), "nothing: it is set here");
    }
  }

  /** All defaults: state in memory, one thread. */
  public static JobsConfig of(String bootstrap, String registry) {
    return new JobsConfig(
        "tracefleet-jobs",
        bootstrap,
        registry,
        StateKind.MEMORY,
        Path.of(System.getProperty("java.io.tmpdir"), "tracefleet-jobs"),
        1,
        Duration.ofSeconds(1),
        Duration.ofSeconds(5),
        400_000,
        4,
        -1,
        Duration.ofSeconds(30),
        Duration.ofSeconds(10),
        HttpConfig.OFF,
        Map.of(),
        Map.of());
  }

  /** The same with state of this kind, in this directory. */
  public JobsConfig withState(StateKind kind, Path directory) {
    Draft draft = new Draft(this);
    draft.state = kind;
    draft.stateDir = directory;
    return draft.config();
  }

  /** The same with another number of threads. */
  public JobsConfig withThreads(int count) {
    Draft draft = new Draft(this);
    draft.threads = count;
    return draft.config();
  }

  /** The same with other intervals. */
  public JobsConfig withIntervals(Duration commit, Duration result) {
    Draft draft = new Draft(this);
    draft.commitInterval = commit;
    draft.resultInterval = result;
    return draft.config();
  }

  /** The same with other bounds for starting and stopping. */
  public JobsConfig withTimeouts(Duration start, Duration stop) {
    Draft draft = new Draft(this);
    draft.startTimeout = start;
    draft.stopTimeout = stop;
    return draft.config();
  }

  /** The same with another HTTP interface. */
  public JobsConfig withHttp(HttpConfig other) {
    Draft draft = new Draft(this);
    draft.http = other;
    return draft.config();
  }

  /** The same with further settings of the clients. */
  public JobsConfig withClients(Map<String, String> kafkaClients, Map<String, String> registry) {
    Draft draft = new Draft(this);
    draft.kafka = kafkaClients;
    draft.registryClient = registry;
    return draft.config();
  }

  /**
   * Reads a properties file in UTF-8.
   *
   * @throws JobsException if it cannot be read, or a setting is missing, wrong or unknown
   */
  public static JobsConfig load(Path file) throws JobsException {
    return parse(read(file));
  }

  /** The settings in a file, unchecked. */
  static Map<String, String> read(Path file) throws JobsException {
    Properties properties = new Properties();
    try (Reader reader = Files.newBufferedReader(file, StandardCharsets.UTF_8)) {
      properties.load(reader);
    } catch (NoSuchFileException e) {
      throw bad("Settings file " + file + " does not exist.", e);
    } catch (IOException | IllegalArgumentException e) {
      throw bad("Settings file " + file + " cannot be read: " + e.getMessage(), e);
    }
    Map<String, String> settings = new HashMap<>();
    properties.forEach((key, value) -> settings.put((String) key, (String) value));
    return settings;
  }

  /**
   * Takes settings by name: those of the stream-jobs README.
   *
   * @throws JobsException if one is missing, wrong or unknown
   */
  public static JobsConfig parse(Map<String, String> settings) throws JobsException {
    Map<String, String> left = new TreeMap<>(settings);
    String bootstrap = left.remove("bootstrap");
    String registry = left.remove("registry");
    if (bootstrap == null || registry == null) {
      throw bad(
          "Setting %s is missing: give %s."
              .formatted(
                  bootstrap == null ? "bootstrap" : "registry",
                  bootstrap == null ? "bootstrap=HOST:PORT" : "registry=http://HOST:PORT"),
          null);
    }
    try {
      JobsConfig defaults = of(bootstrap, registry);
      ClientSettings clients =
          ClientSettings.of(
              Optional.ofNullable(left.remove(CLIENT_CONFIG)).map(Path::of), Map.of());
      return new JobsConfig(
          left.containsKey("application.id")
              ? left.remove("application.id")
              : defaults.applicationId,
          bootstrap,
          registry,
          takeState(left, defaults.state),
          left.containsKey("state.dir") ? Path.of(left.remove("state.dir")) : defaults.stateDir,
          takeInt(left, "threads", defaults.threads),
          takeMillis(left, "commit.interval.ms", defaults.commitInterval),
          takeMillis(left, "result.interval.ms", defaults.resultInterval),
          takeInt(left, "rows.in.memory", defaults.rowsInMemory),
          takeInt(left, "partitions", defaults.partitions),
          takeInt(left, "replication", defaults.replication),
          takeMillis(left, "start.timeout.ms", defaults.startTimeout),
          takeMillis(left, "stop.timeout.ms", defaults.stopTimeout),
          takeHttp(left, defaults.http),
          over(clients.kafka(), KAFKA_PREFIX, takePrefixed(left, KAFKA_PREFIX)),
          takeRest(
              over(clients.registry(), REGISTRY_PREFIX, takePrefixed(left, REGISTRY_PREFIX)),
              left));
    } catch (IllegalArgumentException e) {
      throw bad(e.getMessage(), e);
    }
  }

  private static HttpConfig takeHttp(Map<String, String> left, HttpConfig defaults) {
    String port = left.remove("http.port");
    if (port != null && !port.equals("off") && !port.strip().matches("[0-9]{1,5}")) {
      throw wrong("http.port", port, "off, or 0 to 65535 (0: any free port)");
    }
    String address = left.remove("http.address");
    String token = left.remove("http.token.file");
    return new HttpConfig(
        port == null || port.equals("off")
            ? Optional.empty()
            : Optional.of(Integer.valueOf(port.strip())),
        address == null ? defaults.address() : address,
        Optional.ofNullable(left.remove("http.advertised")),
        Optional.ofNullable(token).map(Path::of),
        takeInt(left, "http.event.clients", defaults.eventClients()));
  }

  private static StateKind takeState(Map<String, String> left, StateKind otherwise) {
    String word = left.remove("state");
    if (word == null) {
      return otherwise;
    }
    for (StateKind kind : StateKind.values()) {
      if (kind.word().equals(word.toLowerCase(Locale.ROOT))) {
        return kind;
      }
    }
    throw wrong("state", word, "memory or disk");
  }

  private static int takeInt(Map<String, String> left, String key, int otherwise) {
    String value = left.remove(key);
    try {
      return value == null ? otherwise : Integer.parseInt(value.strip());
    } catch (NumberFormatException e) {
      throw wrong(key, value, "a whole number");
    }
  }

  private static Duration takeMillis(Map<String, String> left, String key, Duration otherwise) {
    return Duration.ofMillis(takeInt(left, key, Math.toIntExact(otherwise.toMillis())));
  }

  private static Map<String, String> takePrefixed(Map<String, String> left, String prefix) {
    Map<String, String> taken = new HashMap<>();
    left.entrySet()
        .removeIf(
            entry -> {
              if (!entry.getKey().startsWith(prefix)) {
                return false;
              }
              taken.put(entry.getKey().substring(prefix.length()), entry.getValue());
              return true;
            });
    return taken;
  }

  /** Settings of the clients' file, and over them those that were given here. */
  private static Map<String, String> over(
      Map<String, String> file, String prefix, Map<String, String> own) {
    Map<String, String> all = new HashMap<>(file);
    all.putAll(ClientSettings.resolved("Settings " + prefix + "*", own));
    return all;
  }

  /** Everything that is known has been taken; what is left is a mistake. */
  private static Map<String, String> takeRest(Map<String, String> last, Map<String, String> left) {
    if (!left.isEmpty()) {
      throw new IllegalArgumentException(
          "Setting %s is unknown: see stream-jobs/README.md for those that exist; settings of Kafka's clients begin with kafka."
              .formatted(left.keySet().iterator().next()));
    }
    return last;
  }

  private static void checkTime(String key, Duration value, long least, long most) {
    long millis = requireNonNull(value, key).toMillis();
    check(millis >= least && millis <= most, key, millis, least + " to " + most);
  }

  private static void check(boolean good, String key, Object value, String allowed) {
    if (!good) {
      throw wrong(key, value, allowed);
    }
  }

  private static IllegalArgumentException wrong(String key, Object value, String allowed) {
    return new IllegalArgumentException(
        "Setting %s is \"%s\": give %s.".formatted(key, value, allowed));
  }

  private static JobsException bad(String message, Throwable cause) {
    return new JobsException(JobsException.Kind.CONFIG, message, cause);
  }

  /** Names the clients' settings but not their values, which may be secret. */
  @Override
  public String toString() {
    return "JobsConfig[applicationId=%s, bootstrap=%s, registry=%s, state=%s, stateDir=%s, threads=%d, commitInterval=%s, resultInterval=%s, rowsInMemory=%d, partitions=%d, replication=%d, startTimeout=%s, stopTimeout=%s, http=%s, kafka=%s, registryClient=%s]"
        .formatted(
            applicationId,
            bootstrap,
            RegistryUrls.withoutPassword(registry),
            state.word(),
            stateDir,
            threads,
            commitInterval,
            resultInterval,
            rowsInMemory,
            partitions,
            replication,
            startTimeout,
            stopTimeout,
            http,
            new TreeMap<>(kafka).keySet(),
            new TreeMap<>(registryClient).keySet());
  }

  /** A copy on its way to become another: what a {@code with...} may change. */
  private static final class Draft {
    private final JobsConfig from;
    private StateKind state;
    private Path stateDir;
    private int threads;
    private Duration commitInterval;
    private Duration resultInterval;
    private Duration startTimeout;
    private Duration stopTimeout;
    private HttpConfig http;
    private Map<String, String> kafka;
    private Map<String, String> registryClient;

    Draft(JobsConfig from) {
      this.from = from;
      state = from.state;
      stateDir = from.stateDir;
      threads = from.threads;
      commitInterval = from.commitInterval;
      resultInterval = from.resultInterval;
      startTimeout = from.startTimeout;
      stopTimeout = from.stopTimeout;
      http = from.http;
      kafka = from.kafka;
      registryClient = from.registryClient;
    }

    JobsConfig config() {
      return new JobsConfig(
          from.applicationId,
          from.bootstrap,
          from.registry,
          state,
          stateDir,
          threads,
          commitInterval,
          resultInterval,
          from.rowsInMemory,
          from.partitions,
          from.replication,
          startTimeout,
          stopTimeout,
          http,
          kafka,
          registryClient);
    }
  }
}
