// SPDX-License-Identifier: Apache-2.0
package io.tracefleet.it;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.KeyStore;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.concurrent.TimeUnit;

/** Certificates for 127.0.0.1 that nobody but a test trusts, made by the JDK's keytool. */
final class Certificates {
  /** Users whose certificates the servers trust, and one whom nobody does. */
  private static final List<String> CLIENTS = List.of("reader", "node");

  private static final String STRANGER = "stranger";

  private final Path directory;
  private final Path password;

  private Certificates(Path directory, Path password) {
    this.directory = directory;
    this.password = password;
  }

  /** Key stores of a server and of some users, and what each needs to trust the other. */
  static Certificates make(Path directory, String password) throws Exception {
    Path file = Files.writeString(directory.resolve("store-password"), password + "\n");
    Certificates made = new Certificates(directory, file);
    made.keyPair("server");
    made.keyPair(STRANGER);
    made.writeKey(STRANGER);
    StringBuilder trusted = new StringBuilder();
    for (String client : CLIENTS) {
      made.keyPair(client);
      made.writeKey(client);
      trusted.append(Files.readString(directory.resolve(client + ".pem")));
    }
    Files.writeString(made.clientsPem(), trusted);
    return made;
  }

  /** PKCS 12. */
  Path serverStore() {
    return directory.resolve("server.p12");
  }

  /** Of the server. */
  Path trustedPem() {
    return directory.resolve("server.pem");
  }

  /** Of all users who may come. */
  Path clientsPem() {
    return directory.resolve("clients.pem");
  }

  /** Private key and certificate of a user, as a PEM file. */
  Path keyPem(String user) {
    return directory.resolve(user + "-key.pem");
  }

  /** The same as PKCS 12, with the password of all stores. */
  Path keyStore(String user) {
    return directory.resolve(user + ".p12");
  }

  /** The key is not encrypted: the file itself is the secret. */
  private void writeKey(String user) throws Exception {
    char[] secret = Files.readString(password).strip().toCharArray();
    KeyStore store = KeyStore.getInstance(keyStore(user).toFile(), secret);
    String key =
        Base64.getMimeEncoder(64, new byte[] {'\n'})
            .encodeToString(store.getKey(user, secret).getEncoded());
    Files.writeString(
        keyPem(user),
        "-----BEGIN PRIVATE KEY-----\n%s\n-----END PRIVATE KEY-----\n%s"
            .formatted(key, Files.readString(directory.resolve(user + ".pem"))));
  }

  /** Of somebody else. */
  Path strangersPem() {
    return directory.resolve("stranger.pem");
  }

  private void keyPair(String alias) throws Exception {
    keytool(
        alias,
        "-genkeypair",
        "-keyalg",
        "EC",
        "-groupname",
        "secp256r1",
        "-dname",
        "CN=" + alias,
        "-ext",
        "SAN=ip:127.0.0.1",
        "-validity",
        "2");
    keytool(alias, "-exportcert", "-rfc", "-file", directory.resolve(alias + ".pem").toString());
  }

  private void keytool(String alias, String... arguments) throws IOException, InterruptedException {
    List<String> command =
        new ArrayList<>(
            List.of(Path.of(System.getProperty("java.home"), "bin/keytool").toString()));
    command.addAll(List.of(arguments));
    command.addAll(
        List.of(
            "-alias",
            alias,
            "-keystore",
            directory.resolve(alias + ".p12").toString(),
            "-storetype",
            "PKCS12",
            "-storepass:file",
            password.toString()));
    Path log = directory.resolve("keytool.log");
    Process process =
        new ProcessBuilder(command).redirectErrorStream(true).redirectOutput(log.toFile()).start();
    assertThat(process.waitFor(1, TimeUnit.MINUTES)).as("keytool ends").isTrue();
    assertThat(process.exitValue()).as(Files.readString(log)).isZero();
  }
}
