// SPDX-License-Identifier: Apache-2.0
package io.tracefleet.cli.cluster;

import java.io.IOException;
import java.io.OutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.Properties;
import kafka.server.KafkaConfig;
import kafka.server.KafkaRaftServer;
import org.apache.kafka.common.Uuid;
import org.apache.kafka.common.utils.Time;
import org.apache.kafka.metadata.storage.Formatter;
import org.apache.kafka.server.common.MetadataVersion;

/**
 * One Kafka broker and controller (KRaft, combined) in this JVM. {@link #start()} and {@link
 * #stop()} block and are called by one thread at a time.
 */
final class EmbeddedBroker {
  private static final int NODE_ID = 1;
  private static final String CONTROLLER = "CONTROLLER";
  private static final int CLEANER_BUFFER_BYTES = 8 << 20;

  private final int port;
  private final int controllerPort;
  private final Path directory;
  private KafkaRaftServer server;

  EmbeddedBroker(int port, int controllerPort, Path directory) {
    this.port = port;
    this.controllerPort = controllerPort;
    this.directory = directory;
  }

  String bootstrap() {
    return LoopbackPorts.HOST + ":" + port;
  }

  void start() throws Exception {
    format();
    server = new KafkaRaftServer(KafkaConfig.fromProps(properties(), false), Time.SYSTEM);
    server.startup();
  }

  void stop() {
    if (server != null) {
      server.shutdown();
      server.awaitShutdown();
    }
  }

  private void format() throws Exception {
    if (Files.exists(directory.resolve("meta.properties"))) {
      return; // kept data of an earlier start
    }
    Files.createDirectories(directory);
    try (PrintStream nowhere =
        new PrintStream(OutputStream.nullOutputStream(), false, StandardCharsets.UTF_8)) {
      new Formatter()
          .setPrintStream(nowhere)
          .setNodeId(NODE_ID)
          .setClusterId(Uuid.randomUuid().toString())
          .setReleaseVersion(MetadataVersion.LATEST_PRODUCTION)
          .setControllerListenerName(CONTROLLER)
          .setMetadataLogDirectory(directory.toString())
          .addDirectory(directory.toString())
          .run();
    } catch (IOException e) {
      throw new IOException("formatting " + directory + " failed: " + e.getMessage(), e);
    }
  }

  private Properties properties() {
    Properties properties = new Properties();
    properties.putAll(
        Map.of(
            "process.roles",
            "broker,controller",
            "node.id",
            String.valueOf(NODE_ID),
            "listeners",
            "PLAINTEXT://" + bootstrap() + "," + CONTROLLER + "://" + controllerAddress(),
            "advertised.listeners",
            "PLAINTEXT://" + bootstrap(),
            "listener.security.protocol.map",
            "PLAINTEXT:PLAINTEXT," + CONTROLLER + ":PLAINTEXT",
            "controller.listener.names",
            CONTROLLER,
            "controller.quorum.voters",
            NODE_ID + "@" + controllerAddress(),
            "log.dirs",
            directory.toString()));
    // One broker: internal topics have one copy; few partitions, because each costs start-up time.
    properties.putAll(
        Map.of(
            "offsets.topic.replication.factor", "1",
            "offsets.topic.num.partitions", "4",
            "transaction.state.log.replication.factor", "1",
            "transaction.state.log.min.isr", "1",
            "transaction.state.log.num.partitions", "4",
            "share.coordinator.state.topic.replication.factor", "1",
            "share.coordinator.state.topic.min.isr", "1",
            "share.coordinator.state.topic.num.partitions", "1",
            "default.replication.factor", "1",
            "auto.create.topics.enable", "false"));
    // Small: broker, jobs, node and emulators share one machine.
    properties.putAll(
        Map.of(
            "group.initial.rebalance.delay.ms", "0",
            "log.cleaner.dedupe.buffer.size", String.valueOf(CLEANER_BUFFER_BYTES),
            "log.cleaner.threads", "1",
            "num.network.threads", "2",
            "num.io.threads", "4",
            "background.threads", "2",
            "num.replica.fetchers", "1",
            // Metrics of Kafka's own cost threads and time that nobody reads here.
            "metric.reporters", ""));
    return properties;
  }

  private String controllerAddress() {
    return LoopbackPorts.HOST + ":" + controllerPort;
  }
}
