// SPDX-License-Identifier: Apache-2.0
package io.tracefleet.jobs.testing;

import java.io.IOException;
import java.io.OutputStream;
import java.io.PrintStream;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Properties;
import java.util.TreeMap;
import kafka.server.KafkaConfig;
import kafka.server.KafkaRaftServer;
import org.apache.kafka.common.Uuid;
import org.apache.kafka.common.utils.Time;
import org.apache.kafka.metadata.storage.Formatter;
import org.apache.kafka.server.common.MetadataVersion;

/**
 * A broker and controller in this JVM, on free ports of 127.0.0.1, with one copy of everything and
 * few partitions of Kafka's own topics. It is up when the constructor returns.
 */
public final class RaftBroker implements AutoCloseable {
  private static final String HOST = "127.0.0.1:";
  private static final String CONTROLLER = "CONTROLLER";

  private final Map<String, Integer> ports = new LinkedHashMap<>();
  private final KafkaRaftServer server;

  /**
   * @param data directory for all that it keeps
   * @param listeners security protocol by name, the brokers' own first
   * @param scramUsers as the storage tool takes them by {@code --add-scram}
   * @param settings further ones
   */
  public RaftBroker(
      Path data,
      Map<String, String> listeners,
      List<String> scramUsers,
      Map<String, String> settings)
      throws Exception {
    Map<String, String> protocols = new LinkedHashMap<>(listeners);
    protocols.put(CONTROLLER, "PLAINTEXT");
    takePorts(List.copyOf(protocols.keySet()));
    format(data, scramUsers);
    Map<String, String> all = new TreeMap<>();
    all.put("process.roles", "broker,controller");
    all.put("node.id", "1");
    all.put("listeners", joined(ports, "%s://" + HOST + "%s"));
    all.put("listener.security.protocol.map", joined(protocols, "%s:%s"));
    all.put("inter.broker.listener.name", listeners.keySet().iterator().next());
    all.put("controller.listener.names", CONTROLLER);
    all.put("controller.quorum.voters", "1@" + address(CONTROLLER));
    all.put("log.dirs", data.toString());
    all.put("offsets.topic.replication.factor", "1");
    all.put("offsets.topic.num.partitions", "4");
    all.put("transaction.state.log.replication.factor", "1");
    all.put("transaction.state.log.min.isr", "1");
    all.put("transaction.state.log.num.partitions", "4");
    all.put("default.replication.factor", "1");
    all.put("auto.create.topics.enable", "false");
    all.put("group.initial.rebalance.delay.ms", "0");
    all.put("log.cleaner.dedupe.buffer.size", Integer.toString(8 << 20));
    all.put("log.cleaner.threads", "1");
    all.put("metric.reporters", "");
    all.putAll(settings);
    Properties properties = new Properties();
    properties.putAll(all);
    server = new KafkaRaftServer(KafkaConfig.fromProps(properties, false), Time.SYSTEM);
    server.startup();
  }

  private void takePorts(List<String> names) throws IOException {
    List<ServerSocket> open = new ArrayList<>();
    try {
      for (String name : names) {
        ServerSocket socket = new ServerSocket(0, 1, InetAddress.getLoopbackAddress());
        open.add(socket);
        ports.put(name, socket.getLocalPort());
      }
    } finally {
      for (ServerSocket socket : open) {
        socket.close();
      }
    }
  }

  private static void format(Path data, List<String> scramUsers) throws Exception {
    try (PrintStream nowhere =
        new PrintStream(OutputStream.nullOutputStream(), false, StandardCharsets.UTF_8)) {
      new Formatter()
          .setPrintStream(nowhere)
          .setNodeId(1)
          .setClusterId(Uuid.randomUuid().toString())
          .setReleaseVersion(MetadataVersion.LATEST_PRODUCTION)
          .setControllerListenerName(CONTROLLER)
          .setMetadataLogDirectory(data.toString())
          .addDirectory(data.toString())
          .setScramArguments(scramUsers)
          .run();
    }
  }

  private static String joined(Map<String, ?> entries, String format) {
    return String.join(
        ",",
        entries.entrySet().stream()
            .map(entry -> format.formatted(entry.getKey(), entry.getValue()))
            .toList());
  }

  /** Host and port of a listener. */
  public String address(String listener) {
    return HOST + ports.get(listener);
  }

  @Override
  public void close() {
    server.shutdown();
    server.awaitShutdown();
  }
}
