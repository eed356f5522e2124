// SPDX-License-Identifier: Apache-2.0
package io.tracefleet.schemas.serde;

import static java.util.Objects.requireNonNull;

import io.tracefleet.schemas.clients.ClientSettings;
import io.tracefleet.schemas.clients.RegistryUrls;
import java.net.URI;
import java.net.URISyntaxException;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/**
 * How to reach the schema registry.
 *
 * @param url base URL of the registry, or several of one registry with commas between them; http or
 *     https, with the path where it has one ({@code http://host:8080/apis/ccompat/v7})
 * @param client further settings of Confluent's client, such as {@code
 *     basic.auth.credentials.source=USER_INFO} and {@code basic.auth.user.info=name:password}
 * @param register true: schemas that the registry does not hold yet are registered; false: they
 *     must be there, and a missing one is an error
 * @param requestTimeout how long one request may take to connect, and then to answer; 1 ms to 10
 *     min
 */
public record RegistrySettings(
    String url, Map<String, String> client, boolean register, Duration requestTimeout) {

  /** Default of {@link #requestTimeout}. */
  public static final Duration DEFAULT_REQUEST_TIMEOUT = Duration.ofSeconds(10);

  private static final Duration LONGEST_REQUEST_TIMEOUT = Duration.ofMinutes(10);

  public RegistrySettings {
    url = requireNonNull(url, "url").strip();
    client = Map.copyOf(client);
    for (String one : url.split(",", -1)) {
      checkUrl(one.strip());
    }
    if (requestTimeout.toMillis() < 1 || requestTimeout.compareTo(LONGEST_REQUEST_TIMEOUT) > 0) {
      throw new IllegalArgumentException(
          "Request timeout of the schema registry is %s ms: give 1 to %s."
              .formatted(requestTimeout.toMillis(), LONGEST_REQUEST_TIMEOUT.toMillis()));
    }
  }

  /** A registry without authentication, schemas registered, the default request timeout. */
  public static RegistrySettings of(String url) {
    return new RegistrySettings(url, Map.of(), true, DEFAULT_REQUEST_TIMEOUT);
  }

  /**
   * The same registry with further settings of Confluent's client. {@code
   * auto.register.schemas=false} among them turns {@link #register} off.
   */
  public RegistrySettings withClient(Map<String, String> settings) {
    Map<String, String> others = new HashMap<>(settings);
    boolean missingSchemas = register;
    for (String prefix : List.of("", "schema.registry.")) {
      String word = others.remove(prefix + ClientSettings.AUTO_REGISTER);
      if (word != null && !word.equals("true") && !word.equals("false")) {
        throw new IllegalArgumentException(
            "Setting %s is \"%s\": give true or false."
                .formatted(ClientSettings.AUTO_REGISTER, word));
      }
      missingSchemas = word == null ? missingSchemas : word.equals("true");
    }
    return new RegistrySettings(url, others, missingSchemas, requestTimeout);
  }

  /** The same registry, registering missing schemas or not. */
  public RegistrySettings withRegister(boolean missingSchemas) {
    return new RegistrySettings(url, client, missingSchemas, requestTimeout);
  }

  /** The same registry with another bound for one request. */
  public RegistrySettings withRequestTimeout(Duration timeout) {
    return new RegistrySettings(url, client, register, timeout);
  }

  /** The URL for people: without user name and password. */
  String displayUrl() {
    return RegistryUrls.withoutPassword(url);
  }

  /** Names the client's settings but not their values, which may be secret. */
  @Override
  public String toString() {
    return "RegistrySettings[url=%s, client=%s, register=%s, requestTimeout=%s]"
        .formatted(displayUrl(), new TreeMap<>(client).keySet(), register, requestTimeout);
  }

  private static void checkUrl(String url) {
    try {
      URI uri = new URI(url);
      boolean web = "http".equals(uri.getScheme()) || "https".equals(uri.getScheme());
      if (web && uri.getHost() != null) {
        return;
      }
    } catch (URISyntaxException e) {
      // Reported below with the same words: the parser's reason quotes the password, too.
    }
    throw new IllegalArgumentException(
        "Schema registry URL \"%s\" is not one: give http://HOST:PORT or https://HOST:PORT, with the"
                .formatted(RegistryUrls.withoutPassword(url))
            + " path where the registry has one.");
  }
}
