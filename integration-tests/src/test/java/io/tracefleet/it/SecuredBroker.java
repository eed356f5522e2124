// SPDX-License-Identifier: Apache-2.0
package io.tracefleet.it;

import java.io.OutputStream;
import java.io.PrintStream;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Properties;
import kafka.server.KafkaConfig;
import kafka.server.KafkaRaftServer;
import org.apache.kafka.common.Uuid;
import org.apache.kafka.common.utils.Time;
import org.apache.kafka.metadata.storage.Formatter;
import org.apache.kafka.server.common.MetadataVersion;

/**
 * A broker that speaks TLS only, knows its users by SCRAM-SHA-512, a signed token or a certificate,
 * and denies what no ACL allows.
 */
final class SecuredBroker implements AutoCloseable {
  /** May do everything. */
  static final String ROOT = "root";

  private final int scramPort;
  private final int oauthPort;
  private final int certificatePort;
  private final KafkaRaftServer server;

  private SecuredBroker(int scramPort, int oauthPort, int certificatePort, KafkaRaftServer server) {
    this.scramPort = scramPort;
    this.oauthPort = oauthPort;
    this.certificatePort = certificatePort;
    this.server = server;
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
    int[] ports = freePorts(4);
    Path data = directory.resolve("kafka");
    List<String> users = new ArrayList<>();
    passwords.forEach(
        (name, password) ->
            users.add("SCRAM-SHA-512=[name=" + name + ",password=" + password + "]"));
    try (PrintStream nowhere =
        new PrintStream(OutputStream.nullOutputStream(), false, StandardCharsets.UTF_8)) {
      new Formatter()
          .setPrintStream(nowhere)
          .setNodeId(1)
          .setClusterId(Uuid.randomUuid().toString())
          .setReleaseVersion(MetadataVersion.LATEST_PRODUCTION)
          .setControllerListenerName("CONTROLLER")
          .setMetadataLogDirectory(data.toString())
          .addDirectory(data.toString())
          .setScramArguments(users)
          .run();
    }
    Properties all = new Properties();
    all.putAll(
        Map.of(
            "process.roles", "broker,controller",
            "node.id", "1",
            "listeners",
                "SCRAM://127.0.0.1:%d,OAUTH://127.0.0.1:%d,CONTROLLER://127.0.0.1:%d,MTLS://127.0.0.1:%d"
                    .formatted(ports[0], ports[1], ports[2], ports[3]),
            "listener.security.protocol.map",
                "SCRAM:SASL_SSL,OAUTH:SASL_SSL,CONTROLLER:PLAINTEXT,MTLS:SSL",
            "inter.broker.listener.name", "SCRAM",
            "controller.listener.names", "CONTROLLER",
            "controller.quorum.voters", "1@127.0.0.1:" + ports[2],
            "log.dirs", data.toString()));
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
    all.putAll(
        Map.of(
            "offsets.topic.replication.factor", "1",
            "offsets.topic.num.partitions", "4",
            "transaction.state.log.replication.factor", "1",
            "transaction.state.log.min.isr", "1",
            "transaction.state.log.num.partitions", "4",
            "auto.create.topics.enable", "false",
            "group.initial.rebalance.delay.ms", "0",
            "log.cleaner.dedupe.buffer.size", Integer.toString(8 << 20),
            "log.cleaner.threads", "1",
            "metric.reporters", ""));
    KafkaRaftServer server = new KafkaRaftServer(KafkaConfig.fromProps(all, false), Time.SYSTEM);
    server.startup();
    return new SecuredBroker(ports[0], ports[1], ports[3], server);
  }

  /** For users with a password. */
  String scram() {
    return "127.0.0.1:" + scramPort;
  }

  /** For users with a token. */
  String oauth() {
    return "127.0.0.1:" + oauthPort;
  }

  /** For users with a certificate. */
  String certificate() {
    return "127.0.0.1:" + certificatePort;
  }

  private static int[] freePorts(int count) throws Exception {
    List<ServerSocket> open = new ArrayList<>();
    try {
      for (int i = 0; i < count; i++) {
        open.add(new ServerSocket(0, 1, InetAddress.getLoopbackAddress()));
      }
      return open.stream().mapToInt(ServerSocket::getLocalPort).toArray();
    } finally {
      for (ServerSocket socket : open) {
        socket.close();
      }
    }
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
    server.shutdown();
    server.awaitShutdown();
  }
}
