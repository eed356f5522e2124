// SPDX-License-Identifier: Apache-2.0
package io.tracefleet.schemas.serde;

import static java.util.Objects.requireNonNull;

import com.fasterxml.jackson.core.JsonProcessingException;
import io.confluent.kafka.schemaregistry.CompatibilityLevel;
import io.confluent.kafka.schemaregistry.client.CachedSchemaRegistryClient;
import io.confluent.kafka.schemaregistry.client.SchemaRegistryClient;
import io.confluent.kafka.schemaregistry.client.SchemaRegistryClientConfig;
import io.confluent.kafka.schemaregistry.client.rest.exceptions.RestClientException;
import java.io.Closeable;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.UnknownHostException;
import java.time.Duration;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import javax.net.ssl.SSLException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A schema registry that has answered.
 *
 * <p>Owns the connection that all serdes of {@link #serdes} use: close it after them. Safe for use
 * by several threads. No request waits longer than {@link RegistrySettings#requestTimeout} to
 * connect and as long again to be answered, per try.
 */
public final class SchemaRegistry implements Closeable {
  private static final Logger log = LoggerFactory.getLogger(SchemaRegistry.class);

  /** Schemas that the client remembers per subject; there are two versions or three. */
  private static final int CACHED_SCHEMAS = 1000;

  private static final Duration SHORTEST_PAUSE = Duration.ofMillis(100);
  private static final Duration LONGEST_PAUSE = Duration.ofSeconds(1);

  /** Characters of the registry's own words in an error; it quotes whole schemas. */
  private static final int LONGEST_REASON = 300;

  private static final String SUBJECT_PREFIX = "tracefleet.";

  private final RegistrySettings settings;
  private final SchemaRegistryClient client;
  private final SerdeFactory serdes;

  /** A registry behind a client that is this object's from now on, for example a mock one. */
  SchemaRegistry(RegistrySettings settings, SchemaRegistryClient client) {
    this.settings = settings;
    this.client = client;
    this.serdes = new SerdeFactory(client, settings.register(), settings.client());
  }

  /**
   * Waits until the registry answers.
   *
   * @param timeout how long to wait for a registry that cannot be reached; the last try may exceed
   *     it by the time of one request. One that refuses the request is not waited for.
   * @throws SchemaRegistryException if it did not answer in time, or not as a schema registry
   */
  public static SchemaRegistry connect(RegistrySettings settings, Duration timeout) {
    requireNonNull(settings, "settings");
    long start = System.nanoTime();
    Duration pause = SHORTEST_PAUSE;
    for (int tries = 1; ; tries++) {
      Duration left = timeout.minusNanos(System.nanoTime() - start);
      try (SchemaRegistryClient probe = newClient(probing(settings, left))) {
        probe.getAllSubjectsByPrefix(SUBJECT_PREFIX);
        break;
      } catch (IOException | RestClientException | RuntimeException e) {
        left = timeout.minusNanos(System.nanoTime() - start);
        if (!mayAnswerLater(e) || left.compareTo(pause) <= 0) {
          throw notReached(settings, e, tries, timeout.minus(left));
        }
        log.debug("registry={} try={} failure={}", settings.displayUrl(), tries, e.toString());
      }
      sleep(settings, pause);
      pause =
          pause.multipliedBy(2).compareTo(LONGEST_PAUSE) < 0
              ? pause.multipliedBy(2)
              : LONGEST_PAUSE;
    }
    return new SchemaRegistry(settings, newClient(settings));
  }

  /** The factory of the serdes that use this registry. */
  public SerdeFactory serdes() {
    return serdes;
  }

  /** Confluent's client; it stays this object's. */
  public SchemaRegistryClient client() {
    return client;
  }

  /**
   * Makes the registry refuse, in every subject without a rule of its own, a schema that cannot
   * read what the version before it wrote.
   *
   * @throws SchemaRegistryException if the registry does not do so
   */
  public void requireBackward() {
    try {
      client.updateCompatibility(null, CompatibilityLevel.BACKWARD.name);
    } catch (IOException | RestClientException | RuntimeException e) {
      throw failed("the default compatibility cannot be set to BACKWARD", e);
    }
  }

  /**
   * Makes the registry refuse, in one subject, a schema that cannot read what the version before it
   * wrote.
   *
   * @throws SchemaRegistryException if the registry does not do so
   */
  public void requireBackward(String subject) {
    try {
      client.updateCompatibility(subject, CompatibilityLevel.BACKWARD.name);
    } catch (IOException | RestClientException | RuntimeException e) {
      throw failed("the compatibility of " + subject + " cannot be set to BACKWARD", e);
    }
  }

  /**
   * Makes sure, before the first record, that the registry holds these schemas and will only accept
   * compatible successors. With {@link RegistrySettings#register} false nothing is changed, only
   * looked up. May be done by several processes at once, and again.
   *
   * @throws SchemaRegistryException if a schema is missing, or contradicts one that the registry
   *     holds
   */
  public void prepare(Collection<Subject> subjects) {
    for (Subject subject : subjects) {
      if (settings.register()) {
        register(subject);
      } else {
        lookUp(subject);
      }
    }
    log.info("registry={} subjects={} prepared", settings.displayUrl(), subjects.size());
  }

  @Override
  public void close() {
    try {
      client.close();
    } catch (IOException e) {
      throw new UncheckedIOException(
          "Schema registry " + settings.displayUrl() + ": cannot be closed", e);
    }
  }

  private void register(Subject subject) {
    try {
      // First the rule, so that it holds for this schema, too; some registries know no rule for a
      // subject without versions.
      boolean ruled = tryRequireBackward(subject.name());
      client.register(subject.name(), subject.registered());
      if (!ruled) {
        requireBackward(subject.name());
      }
    } catch (RestClientException e) {
      if (e.getStatus() != 409) {
        throw failed("schema of " + subject.name() + " cannot be registered", e);
      }
      throw new SchemaRegistryException(
          "Schema registry %s: %s holds a version that this one cannot read (%s)."
                  .formatted(settings.displayUrl(), subject.name(), oneLine(e))
              + " Use the program that wrote it, or a registry of your own.",
          e);
    } catch (IOException | RuntimeException e) {
      throw failed("schema of " + subject.name() + " cannot be registered", e);
    }
  }

  private boolean tryRequireBackward(String subject) throws IOException, RestClientException {
    try {
      client.updateCompatibility(subject, CompatibilityLevel.BACKWARD.name);
      return true;
    } catch (RestClientException e) {
      if (e.getStatus() == 404) {
        return false;
      }
      if (e.getStatus() == 409) {
        // Another process made the rule between the registry's look and its step.
        client.updateCompatibility(subject, CompatibilityLevel.BACKWARD.name);
        return true;
      }
      throw e;
    }
  }

  private void lookUp(Subject subject) {
    try {
      client.getId(subject.name(), subject.registered());
    } catch (RestClientException e) {
      if (e.getStatus() != 404) {
        throw failed("schema of " + subject.name() + " cannot be looked up", e);
      }
      throw new SchemaRegistryException(
          "Schema registry %s: %s does not hold this version's schema. Register it, or allow it to be registered."
              .formatted(settings.displayUrl(), subject.name()),
          e);
    } catch (IOException | RuntimeException e) {
      throw failed("schema of " + subject.name() + " cannot be looked up", e);
    }
  }

  private SchemaRegistryException failed(String what, Exception cause) {
    if (cause instanceof SchemaRegistryException known) {
      return known;
    }
    return new SchemaRegistryException(
        "Schema registry %s: %s: %s. %s"
            .formatted(settings.displayUrl(), what, oneLine(cause), advice(cause)),
        cause);
  }

  private static SchemaRegistryException notReached(
      RegistrySettings settings, Exception cause, int tries, Duration waited) {
    String effort =
        tries == 1 ? "" : ", tried %d times in %d s".formatted(tries, waited.toSeconds());
    return new SchemaRegistryException(
        "Schema registry %s: %s%s. %s"
            .formatted(settings.displayUrl(), oneLine(cause), effort, advice(cause)),
        cause);
  }

  private static boolean mayAnswerLater(Exception failure) {
    if (failure instanceof RestClientException answer) {
      int status = answer.getStatus();
      return status >= 500 || status == 408 || status == 429;
    }
    return failure instanceof IOException
        && !(failure instanceof JsonProcessingException)
        && !(failure instanceof SSLException);
  }

  private static String advice(Exception failure) {
    if (failure instanceof RestClientException answer) {
      return switch (answer.getStatus()) {
        case 401 ->
            "Check user name and password, token or certificate in the client settings (schema.registry.basic.auth.*, .bearer.auth.*, .ssl.keystore.*).";
        case 403 -> "This user may not: ask for the right, or give auto.register.schemas=false.";
        case 404 -> "Check the path in its URL; Apicurio's ends in /apis/ccompat/v7.";
        default -> "See the registry's log.";
      };
    }
    if (failure instanceof JsonProcessingException) {
      return "Something else answers there: check the URL.";
    }
    if (failure instanceof SSLException) {
      return "Check http or https in the URL, and schema.registry.ssl.truststore.* in the client settings.";
    }
    return failure instanceof IOException
        ? "Start the registry, or correct its URL."
        : "Check the registry client's settings.";
  }

  private static String oneLine(Exception failure) {
    if (failure instanceof JsonProcessingException) {
      return "the answer is not JSON";
    }
    if (failure instanceof UnknownHostException) {
      return "unknown host " + failure.getMessage();
    }
    String message = failure.getMessage();
    String line =
        (message == null ? failure.toString() : message)
            .lines()
            .findFirst()
            .orElse("")
            .replaceAll("(\\w+\\.)+\\w+Exception: ", "")
            .strip();
    return line.length() <= LONGEST_REASON ? line : line.substring(0, LONGEST_REASON) + "...";
  }

  private static void sleep(RegistrySettings settings, Duration pause) {
    try {
      Thread.sleep(pause.toMillis());
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new SchemaRegistryException(
          "Schema registry " + settings.displayUrl() + ": interrupted while waiting for it.", e);
    }
  }

  /** For one try within the time that is left. */
  private static RegistrySettings probing(RegistrySettings settings, Duration left) {
    Duration shortest = Duration.ofMillis(100);
    Duration request =
        settings.requestTimeout().compareTo(left) < 0 ? settings.requestTimeout() : left;
    Map<String, String> client = new HashMap<>(settings.client());
    client.put(SchemaRegistryClientConfig.MAX_RETRIES_CONFIG, "0");
    return settings
        .withClient(client)
        .withRequestTimeout(request.compareTo(shortest) < 0 ? shortest : request);
  }

  private static SchemaRegistryClient newClient(RegistrySettings settings) {
    Map<String, Object> config = new HashMap<>();
    String timeout = Long.toString(settings.requestTimeout().toMillis());
    config.put(SchemaRegistryClientConfig.HTTP_CONNECT_TIMEOUT_MS, timeout);
    config.put(SchemaRegistryClientConfig.HTTP_READ_TIMEOUT_MS, timeout);
    config.putAll(settings.client());
    List<String> urls = Stream.of(settings.url().split(",", -1)).map(String::strip).toList();
    return new CachedSchemaRegistryClient(urls, CACHED_SCHEMAS, config);
  }
}
