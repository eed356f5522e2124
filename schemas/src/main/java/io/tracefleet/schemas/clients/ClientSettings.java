// SPDX-License-Identifier: Apache-2.0
package io.tracefleet.schemas.clients;

import io.confluent.kafka.schemaregistry.client.SchemaRegistryClientConfig;
import java.io.IOException;
import java.io.Reader;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.nio.file.AccessDeniedException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.HashSet;
import java.util.Map;
import java.util.Optional;
import java.util.Properties;
import java.util.Set;
import java.util.TreeMap;
import org.apache.kafka.clients.admin.AdminClientConfig;
import org.apache.kafka.clients.consumer.ConsumerConfig;
import org.apache.kafka.clients.producer.ProducerConfig;
import org.apache.kafka.common.config.ConfigDef;

/**
 * What the clients of Kafka and of the schema registry need beside an address: TLS, SASL, basic
 * authentication, a token. From a properties file with Kafka's own names, as Kafka's tools take it
 * by {@code --command-config}; {@code schema.registry.*} goes to the registry's client. The values
 * are secret: nothing here shows one.
 *
 * @param kafka for every client of Kafka, by Kafka's names, secrets resolved
 * @param registry for the registry's client, by Confluent's names, secrets resolved
 */
public record ClientSettings(Map<String, String> kafka, Map<String, String> registry) {
  /** No security. */
  public static final ClientSettings NONE = new ClientSettings(Map.of(), Map.of());

  /** Names the file for components to which no option or setting does. */
  public static final String VARIABLE = "TRACEFLEET_CLIENT_CONFIG";

  /** False: schemas are looked up, never registered; Confluent's name of the setting. */
  public static final String AUTO_REGISTER = "auto.register.schemas";

  private static final String REGISTRY_PREFIX = SchemaRegistryClientConfig.CLIENT_NAMESPACE;

  /** What the two records say of addresses belongs to options of its own. */
  private static final Set<String> ADDRESSES = Set.of("bootstrap.servers", "schema.registry.url");

  private static final Set<String> REGISTRY_NAMES =
      Set.of(
          AUTO_REGISTER,
          SchemaRegistryClientConfig.BASIC_AUTH_CREDENTIALS_SOURCE,
          SchemaRegistryClientConfig.USER_INFO_CONFIG,
          SchemaRegistryClientConfig.BEARER_AUTH_CREDENTIALS_SOURCE,
          SchemaRegistryClientConfig.BEARER_AUTH_TOKEN_CONFIG,
          SchemaRegistryClientConfig.BEARER_AUTH_LOGICAL_CLUSTER,
          SchemaRegistryClientConfig.BEARER_AUTH_IDENTITY_POOL_ID,
          SchemaRegistryClientConfig.BEARER_AUTH_CUSTOM_PROVIDER_CLASS,
          SchemaRegistryClientConfig.HTTP_CONNECT_TIMEOUT_MS,
          SchemaRegistryClientConfig.HTTP_READ_TIMEOUT_MS,
          SchemaRegistryClientConfig.MAX_RETRIES_CONFIG,
          SchemaRegistryClientConfig.RETRIES_WAIT_MS_CONFIG,
          SchemaRegistryClientConfig.RETRIES_MAX_WAIT_MS_CONFIG,
          SchemaRegistryClientConfig.PROXY_HOST,
          SchemaRegistryClientConfig.PROXY_PORT);

  private static final Set<String> REGISTRY_SECRETS =
      Set.of(
          SchemaRegistryClientConfig.USER_INFO_CONFIG,
          SchemaRegistryClientConfig.BEARER_AUTH_TOKEN_CONFIG);

  private static final ConfigDef SSL = new ConfigDef().withClientSslSupport();

  public ClientSettings {
    kafka = Map.copyOf(kafka);
    registry = Map.copyOf(registry);
  }

  /**
   * Reads the file that was named, else that of {@link #VARIABLE}; {@link #NONE} without either.
   *
   * @throws IllegalArgumentException as {@link #load}
   */
  public static ClientSettings of(Optional<Path> file, Map<String, String> environment) {
    String variable = environment.getOrDefault(VARIABLE, "");
    if (file.isEmpty() && variable.isEmpty()) {
      return NONE;
    }
    return load(file.orElseGet(() -> Path.of(variable)));
  }

  /**
   * Reads a properties file in UTF-8.
   *
   * @throws IllegalArgumentException if it cannot be read, names an unknown setting, or a secret
   *     that it refers to is not there: one line without any value
   */
  public static ClientSettings load(Path file) {
    Properties properties = new Properties();
    String where = "Client settings " + file;
    try (Reader reader = Files.newBufferedReader(file, StandardCharsets.UTF_8)) {
      properties.load(reader);
    } catch (NoSuchFileException e) {
      throw new IllegalArgumentException(where + ": no such file.", e);
    } catch (AccessDeniedException e) {
      throw new IllegalArgumentException(where + ": this user may not read it.", e);
    } catch (CharacterCodingException e) {
      throw new IllegalArgumentException(where + ": not a text file in UTF-8.", e);
    } catch (IOException | IllegalArgumentException e) {
      // A malformed \\uxxxx; the reason quotes nothing.
      throw new IllegalArgumentException(where + ": cannot be read: " + e.getMessage() + ".", e);
    }
    Map<String, String> settings = new TreeMap<>();
    properties
        .stringPropertyNames()
        .forEach(name -> settings.put(name, properties.getProperty(name)));
    return of(where, settings);
  }

  /**
   * Takes settings by name and resolves their secrets.
   *
   * @param where they come from, for messages
   * @throws IllegalArgumentException if one is unknown, or a secret is not there
   */
  public static ClientSettings of(String where, Map<String, String> settings) {
    for (String name : settings.keySet()) {
      if (ADDRESSES.contains(name)) {
        throw new IllegalArgumentException(
            "%s: %s: addresses are given by options and settings of their own."
                .formatted(where, name));
      }
      if (!(isRegistrys(name) ? isKnownToRegistry(name) : isKnownToKafka(name))) {
        throw new IllegalArgumentException(
            "%s: %s: no setting of Kafka's clients%s; correct or remove it."
                .formatted(
                    where,
                    name,
                    name.startsWith(REGISTRY_PREFIX) ? " or the schema registry's" : ""));
      }
    }
    Map<String, String> kafka = new TreeMap<>();
    Map<String, String> registry = new TreeMap<>();
    SecretFiles.resolve(where, settings)
        .forEach((name, value) -> (isRegistrys(name) ? registry : kafka).put(name, value));
    return new ClientSettings(kafka, registry);
  }

  /**
   * Settings whose names are not these classes' business, with their secrets.
   *
   * @throws IllegalArgumentException if a secret is not there
   */
  public static Map<String, String> resolved(String where, Map<String, String> settings) {
    return SecretFiles.resolve(where, settings);
  }

  /** These, and over them those. */
  public ClientSettings plus(ClientSettings others) {
    Map<String, String> allKafka = new TreeMap<>(kafka);
    allKafka.putAll(others.kafka);
    Map<String, String> allRegistry = new TreeMap<>(registry);
    allRegistry.putAll(others.registry);
    return new ClientSettings(allKafka, allRegistry);
  }

  /**
   * Refuses a secret among settings that others on the machine can see: arguments.
   *
   * @param prefix with which settings of a client begin there
   * @param instead what they begin with in a file
   * @throws IllegalArgumentException if there is one; the line has the name only
   */
  public static void refuseSecrets(String prefix, String instead, Map<String, String> settings) {
    settings.forEach(
        (name, value) -> {
          if (name.startsWith(prefix)
              && isSecret(instead + name.substring(prefix.length()))
              && !SecretFiles.isReference(value)) {
            throw new IllegalArgumentException(
                "%s is secret, and everyone on this machine can see it there: put it into a file, and give ${file:FILE:KEY}."
                    .formatted(name));
          }
        });
  }

  /** Whether a setting of this name holds a password or a token. */
  static boolean isSecret(String name) {
    String plain = withoutPrefix(name);
    if (isRegistrys(name) && REGISTRY_SECRETS.contains(plain)) {
      return true;
    }
    for (ConfigDef def :
        new ConfigDef[] {
          ProducerConfig.configDef(), ConsumerConfig.configDef(), AdminClientConfig.configDef(), SSL
        }) {
      ConfigDef.ConfigKey key = def.configKeys().get(plain);
      if (key != null && key.type == ConfigDef.Type.PASSWORD) {
        return true;
      }
    }
    // Prefixes of Kafka Streams, such as consumer.
    int dot = plain.indexOf('.');
    return dot > 0
        && Set.of("consumer", "producer", "admin", "main", "restore", "global")
            .contains(plain.substring(0, dot))
        && isSecret(plain.substring(dot + 1));
  }

  private static boolean isRegistrys(String name) {
    return name.startsWith(REGISTRY_PREFIX)
        || name.equals(AUTO_REGISTER)
        || name.startsWith("basic.auth.")
        || name.startsWith("bearer.auth.");
  }

  private static boolean isKnownToRegistry(String name) {
    String plain = withoutPrefix(name);
    return REGISTRY_NAMES.contains(plain)
        || name.startsWith(REGISTRY_PREFIX) && SSL.names().contains(plain);
  }

  private static boolean isKnownToKafka(String name) {
    Set<String> names = new HashSet<>(ProducerConfig.configNames());
    names.addAll(ConsumerConfig.configNames());
    names.addAll(AdminClientConfig.configNames());
    return names.contains(name);
  }

  private static String withoutPrefix(String name) {
    return name.startsWith(REGISTRY_PREFIX) ? name.substring(REGISTRY_PREFIX.length()) : name;
  }

  /** Names but not values. */
  @Override
  public String toString() {
    return "ClientSettings[kafka=%s, registry=%s]"
        .formatted(new TreeMap<>(kafka).keySet(), new TreeMap<>(registry).keySet());
  }
}
