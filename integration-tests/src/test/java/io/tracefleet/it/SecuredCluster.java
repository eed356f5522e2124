// SPDX-License-Identifier: Apache-2.0
package io.tracefleet.it;

import io.tracefleet.cli.cluster.ClusterSettings;
import io.tracefleet.cli.cluster.EmbeddedCluster;
import io.tracefleet.schemas.clients.ClientSettings;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/**
 * A broker and a registry that demand credentials, and a file of client settings for each user, as
 * an operator would write them: secrets are in files of their own.
 */
final class SecuredCluster implements AutoCloseable {
  static final List<String> USERS =
      List.of("root", "node", "jobs", "archiver", "reader", "controller", "admin", "nobody");

  /** Every secret has this in it, so that whoever looks for leaks finds all. */
  static final String MARK = "S3cr3t";

  private static final String STORE_PASSWORD = MARK + "-store";
  private static final String REGISTRY_USER = "fleet";
  private static final String REGISTRY_PASSWORD = MARK + "-registry";
  private static final String REGISTRY_TOKEN = MARK + "-registry-token";

  private final Path directory;
  private final Certificates certificates;
  private final EmbeddedCluster registry;
  private final RegistryGate gate;
  private final SecuredBroker broker;

  private SecuredCluster(
      Path directory,
      Certificates certificates,
      EmbeddedCluster registry,
      RegistryGate gate,
      SecuredBroker broker) {
    this.directory = directory;
    this.certificates = certificates;
    this.registry = registry;
    this.gate = gate;
    this.broker = broker;
  }

  static SecuredCluster start(Path directory) throws Exception {
    Path secrets = Files.createDirectory(directory.resolve("secrets"));
    Certificates certificates = Certificates.make(secrets, STORE_PASSWORD);
    Map<String, String> passwords = new HashMap<>();
    for (String user : USERS) {
      passwords.put(user, MARK + "-" + user);
      Files.writeString(secrets.resolve(user), passwords.get(user) + "\n");
    }
    Files.writeString(secrets.resolve("wrong"), MARK + "-wrong\n");
    Files.writeString(
        secrets.resolve("registry.properties"),
        "user=%s:%s\ntoken=%s\nwrong=%s:%s-wrong\n"
            .formatted(REGISTRY_USER, REGISTRY_PASSWORD, REGISTRY_TOKEN, REGISTRY_USER, MARK));
    Tokens tokens = new Tokens();
    Path jwks = Files.writeString(directory.resolve("jwks.json"), tokens.jwks());
    Files.writeString(secrets.resolve("reader.jwt"), tokens.token("reader"));
    Files.writeString(secrets.resolve("forged.jwt"), new Tokens().token("reader"));
    SecuredBroker.allow(jwks);
    EmbeddedCluster registry =
        EmbeddedCluster.start(ClusterSettings.temporary(Places.registryHome()));
    return new SecuredCluster(
        directory,
        certificates,
        registry,
        RegistryGate.open(
            certificates,
            STORE_PASSWORD,
            registry.registryUrl(),
            REGISTRY_USER + ":" + REGISTRY_PASSWORD,
            REGISTRY_TOKEN),
        SecuredBroker.start(directory, certificates, STORE_PASSWORD, passwords, jwks));
  }

  String bootstrap() {
    return broker.scram();
  }

  String oauthBootstrap() {
    return broker.oauth();
  }

  String certificateBootstrap() {
    return broker.certificate();
  }

  String registryUrl() {
    return gate.url();
  }

  Path secret(String name) {
    return directory.resolve("secrets").resolve(name);
  }

  /** Names broker, registry and the settings of this user. */
  List<String> options(String user) throws IOException {
    return List.of(
        "--bootstrap",
        bootstrap(),
        "--registry",
        registryUrl(),
        "--client-config",
        clientConfig(user, Map.of()).toString());
  }

  /**
   * Settings of a user who has nothing but a certificate, for Kafka and the registry.
   *
   * @param store the settings that name it, without their prefix {@code ssl.keystore.}
   */
  Path certificateConfig(Map<String, String> store) throws IOException {
    Map<String, String> settings = new TreeMap<>();
    settings.put("security.protocol", "SSL");
    for (String password :
        List.of(
            "sasl.mechanism",
            "sasl.jaas.config",
            "schema.registry.basic.auth.credentials.source",
            "schema.registry.basic.auth.user.info")) {
      settings.put(password, "");
    }
    store.forEach(
        (name, value) -> {
          settings.put("ssl.keystore." + name, value);
          settings.put("schema.registry.ssl.keystore." + name, value);
        });
    return clientConfig("certificate", settings);
  }

  /** Key and certificate of a user in one file. */
  Map<String, String> keyPem(String user) {
    return Map.of("type", "PEM", "location", certificates.keyPem(user).toString());
  }

  /** The same in a store with a password. */
  Map<String, String> keyStore(String user) {
    return Map.of(
        "type",
        "PKCS12",
        "location",
        certificates.keyStore(user).toString(),
        "password",
        "${dir:%s:store-password}".formatted(directory.resolve("secrets")));
  }

  /** The settings of this user for a client in this JVM. */
  Map<String, Object> client(String user) throws IOException {
    Map<String, Object> config =
        new HashMap<>(ClientSettings.load(clientConfig(user, Map.of())).kafka());
    config.put("bootstrap.servers", bootstrap());
    return config;
  }

  /** A file with the settings of this user; some may be others. */
  Path clientConfig(String user, Map<String, String> others) throws IOException {
    Map<String, String> settings = new TreeMap<>();
    settings.put("security.protocol", "SASL_SSL");
    settings.put("ssl.truststore.type", "PEM");
    settings.put("ssl.truststore.location", certificates.trustedPem().toString());
    settings.put("sasl.mechanism", "SCRAM-SHA-512");
    settings.put("sasl.jaas.config", scram(user, user));
    settings.put("schema.registry.basic.auth.credentials.source", "USER_INFO");
    settings.put("schema.registry.basic.auth.user.info", registrySecret("user"));
    settings.put("schema.registry.ssl.truststore.type", "PEM");
    settings.put("schema.registry.ssl.truststore.location", certificates.trustedPem().toString());
    settings.putAll(others);
    settings.values().removeIf(String::isEmpty);
    StringBuilder text = new StringBuilder();
    settings.forEach((key, value) -> text.append(key).append('=').append(value).append('\n'));
    return Files.writeString(
        Files.createTempFile(directory, user + "-", ".properties"), text.toString());
  }

  /** A login with a password from a file. */
  String scram(String user, String passwordFile) {
    return "org.apache.kafka.common.security.scram.ScramLoginModule required username=\"%s\" password=\"${dir:%s:%s}\";"
        .formatted(user, directory.resolve("secrets"), passwordFile);
  }

  /** An entry of the registry's secrets. */
  String registrySecret(String key) {
    return "${file:%s:%s}".formatted(secret("registry.properties"), key);
  }

  /** Trusts somebody else's certificate. */
  Path strangersPem() {
    return certificates.strangersPem();
  }

  @Override
  public void close() {
    broker.close();
    gate.close();
    registry.close();
  }
}
