// SPDX-License-Identifier: Apache-2.0
package io.tracefleet.it;

import io.tracefleet.jobs.testing.RaftBroker;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/**
 * A broker that speaks TLS only, knows its users by SCRAM-SHA-512, a signed token or a certificate,
 * and denies what no ACL allows.
 */
final class SecuredBroker implements AutoCloseable {
  /** May do everything. */
  static final String ROOT = "root";

  private static final String SCRAM = "SCRAM";
  private static final String OAUTH = "OAUTH";
  private static final String MTLS = "MTLS";

  private final RaftBroker broker;

  private SecuredBroker(RaftBroker broker) {
    this.broker = broker;
  }

  /**
   * @param passwords of SCRAM users by name, {@link #ROOT} among them
   * @param jwks file with the key set that tokens are checked by
   */
  static SecuredBroker start(
      Path directory,
      Certificates certificates,
      String storePassword,
      Map<String, String> passwords,
      Path jwks)
      throws Exception {
    List<String> users = new ArrayList<>();
    passwords.forEach(
        (name, password) ->
            users.add("SCRAM-SHA-512=[name=" + name + ",password=" + password + "]"));
    Map<String, String> listeners = new LinkedHashMap<>();
    listeners.put(SCRAM, "SASL_SSL");
    listeners.put(OAUTH, "SASL_SSL");
    listeners.put(MTLS, "SSL");
    Map<String, String> all = new TreeMap<>();
    all.putAll(
        Map.of(
            "ssl.keystore.type", "PKCS12",
            "ssl.keystore.location", certificates.serverStore().toString(),
            "ssl.keystore.password", storePassword,
            "ssl.truststore.type", "PEM",
            "ssl.truststore.location", certificates.trustedPem().toString(),
            "sasl.enabled.mechanisms", "SCRAM-SHA-512,OAUTHBEARER",
            "sasl.mechanism.inter.broker.protocol", "SCRAM-SHA-512",
            "listener.name.scram.sasl.enabled.mechanisms", "SCRAM-SHA-512",
            "listener.name.scram.scram-sha-512.sasl.jaas.config",
                "org.apache.kafka.common.security.scram.ScramLoginModule required username=\"%s\" password=\"%s\";"
                    .formatted(ROOT, passwords.get(ROOT))));
    all.putAll(
        Map.of(
            "listener.name.oauth.sasl.enabled.mechanisms", "OAUTHBEARER",
            "listener.name.oauth.oauthbearer.sasl.jaas.config",
                "org.apache.kafka.common.security.oauthbearer.OAuthBearerLoginModule required;",
            "listener.name.oauth.oauthbearer.sasl.server.callback.handler.class",
                "org.apache.kafka.common.security.oauthbearer.OAuthBearerValidatorCallbackHandler",
            "listener.name.oauth.sasl.oauthbearer.jwks.endpoint.url", jwks.toUri().toString(),
            "listener.name.oauth.sasl.oauthbearer.expected.audience", Tokens.AUDIENCE));
    all.putAll(
        Map.of(
            "listener.name.mtls.ssl.client.auth", "required",
            "listener.name.mtls.ssl.truststore.type", "PEM",
            "listener.name.mtls.ssl.truststore.location", certificates.clientsPem().toString(),
            "listener.name.mtls.ssl.principal.mapping.rules", "RULE:^CN=(.*)$/$1/"));
    all.putAll(
        Map.of(
            "authorizer.class.name", "org.apache.kafka.metadata.authorizer.StandardAuthorizer",
            "allow.everyone.if.no.acl.found", "false",
            // The controller's listener is for the broker in the same JVM.
            "super.users", "User:" + ROOT + ";User:ANONYMOUS"));
    return new SecuredBroker(new RaftBroker(directory.resolve("kafka"), listeners, users, all));
  }

  /** For users with a password. */
  String scram() {
    return broker.address(SCRAM);
  }

  /** For users with a token. */
  String oauth() {
    return broker.address(OAUTH);
  }

  /** For users with a certificate. */
  String certificate() {
    return broker.address(MTLS);
  }

  /** Where a file of this test may be read from as the broker's key set or a client's token. */
  static void allow(Path... files) {
    String urls = String.join(",", Arrays.stream(files).map(f -> f.toUri().toString()).toList());
    System.setProperty("org.apache.kafka.sasl.oauthbearer.allowed.urls", urls);
    System.setProperty(
        "org.apache.kafka.sasl.oauthbearer.allowed.files",
        String.join(",", Arrays.stream(files).map(Path::toString).toList()));
  }

  @Override
  public void close() {
    broker.close();
  }
}
