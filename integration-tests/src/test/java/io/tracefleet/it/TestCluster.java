// SPDX-License-Identifier: Apache-2.0
package io.tracefleet.it;

import io.tracefleet.cli.cluster.ClusterSettings;
import io.tracefleet.cli.cluster.EmbeddedCluster;
import io.tracefleet.cli.report.AggregationProgress;
import io.tracefleet.cli.report.ReportBuilder;
import io.tracefleet.cli.report.ResultReader;
import io.tracefleet.cli.report.RunData;
import io.tracefleet.cli.report.RunView;
import io.tracefleet.jobs.JobsConfig;
import io.tracefleet.jobs.StateKind;
import io.tracefleet.jobs.StreamJobs;
import io.tracefleet.jobs.http.HttpConfig;
import io.tracefleet.node.config.ClusterAccess;
import io.tracefleet.schemas.Run;
import io.tracefleet.schemas.TraceBatch;
import io.tracefleet.schemas.TraceControl;
import io.tracefleet.schemas.serde.RegistrySettings;
import io.tracefleet.schemas.serde.SchemaRegistry;
import io.tracefleet.schemas.topics.Topics;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Properties;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;
import org.apache.kafka.common.serialization.ByteArraySerializer;
import org.apache.kafka.common.serialization.Deserializer;
import org.apache.kafka.common.serialization.Serializer;
import org.junit.jupiter.api.extension.ExtensionContext;
import org.junit.jupiter.api.extension.ParameterContext;
import org.junit.jupiter.api.extension.ParameterResolver;

/** The embedded broker, registry and stream jobs that all tests of this JVM share. */
final class TestCluster implements AutoCloseable {
  /** Starts the cluster for the first test that asks for it; JUnit closes it after the last one. */
  static final class Extension implements ParameterResolver {
    private static final ExtensionContext.Namespace NAMESPACE =
        ExtensionContext.Namespace.create(TestCluster.class);

    @Override
    public boolean supportsParameter(ParameterContext parameter, ExtensionContext context) {
      return parameter.getParameter().getType() == TestCluster.class;
    }

    @Override
    public TestCluster resolveParameter(ParameterContext parameter, ExtensionContext context) {
      return context
          .getRoot()
          .getStore(NAMESPACE)
          .getOrComputeIfAbsent(TestCluster.class, type -> start(), TestCluster.class);
    }
  }

  private final EmbeddedCluster cluster;
  private final StreamJobs jobs;
  private final SchemaRegistry registry;

  private TestCluster(EmbeddedCluster cluster, StreamJobs jobs, SchemaRegistry registry) {
    this.cluster = cluster;
    this.jobs = jobs;
    this.registry = registry;
  }

  private static TestCluster start() {
    try {
      EmbeddedCluster cluster =
          EmbeddedCluster.start(ClusterSettings.temporary(Places.registryHome()));
      try {
        StreamJobs jobs =
            StreamJobs.start(
                JobsConfig.of(cluster.bootstrap(), cluster.registryUrl())
                    .withState(StateKind.MEMORY, cluster.dataDirectory().resolve("jobs"))
                    .withHttp(HttpConfig.local(0)));
        return new TestCluster(
            cluster,
            jobs,
            SchemaRegistry.connect(
                RegistrySettings.of(cluster.registryUrl()), Duration.ofSeconds(10)));
      } catch (Exception e) {
        cluster.close();
        throw e;
      }
    } catch (Exception e) {
      throw new IllegalStateException("the embedded cluster did not start", e);
    }
  }

  ClusterAccess access() {
    return ClusterAccess.embedded(cluster.bootstrap(), cluster.registryUrl());
  }

  /** How a process of its own reaches this cluster. */
  List<String> options() {
    return List.of("--bootstrap", cluster.bootstrap(), "--registry", cluster.registryUrl());
  }

  /** Base URL of the HTTP interface and the dashboard. */
  String url() {
    return jobs.url().orElseThrow();
  }

  /** Says what a node should trace; null takes back what was said. */
  void control(String node, TraceControl control) throws Exception {
    Properties properties = new Properties();
    properties.put("bootstrap.servers", cluster.bootstrap());
    try (KafkaProducer<byte[], byte[]> producer =
            new KafkaProducer<>(properties, new ByteArraySerializer(), new ByteArraySerializer());
        Serializer<TraceControl> values = registry.serdes().valueSerializer(TraceControl.class)) {
      byte[] value = control == null ? null : values.serialize(Topics.CONTROL, control);
      byte[] key = node.getBytes(java.nio.charset.StandardCharsets.UTF_8);
      producer.send(new ProducerRecord<>(Topics.CONTROL, 0, key, value)).get();
    }
  }

  /** All runs of all tests. */
  List<Run> runs() throws Exception {
    try (ResultReader reader =
        ResultReader.open(cluster.bootstrap(), Map.of(), registry.serdes())) {
      return reader.runs();
    }
  }

  /**
   * Waits until all that these runs sent is aggregated, and reads their reports in the same order.
   */
  List<RunView> reports(List<Run> runs) throws Exception {
    try (ResultReader reader =
        ResultReader.open(cluster.bootstrap(), Map.of(), registry.serdes())) {
      AggregationProgress progress = new AggregationProgress(runs);
      if (!reader.awaitAggregated(
          progress, Duration.ofSeconds(60), () -> jobs.failure().isEmpty(), () -> {})) {
        throw new AssertionError(
            "aggregated %d of %d batches, missing %s; jobs: %s"
                .formatted(
                    progress.aggregatedBatches(),
                    progress.expectedBatches(),
                    progress.missing(5),
                    jobs.failure().orElse("alive")));
      }
      RunData data = reader.read(runs);
      return runs.stream().map(run -> ReportBuilder.build(data, run)).toList();
    }
  }

  /**
   * Writes every payload of a run as vcpu-V-sequence-S.payload, for whoever looks into a failure.
   */
  void keepBatches(String runId, Path directory) throws IOException {
    Properties properties = new Properties();
    properties.put("bootstrap.servers", cluster.bootstrap());
    try (KafkaConsumer<byte[], byte[]> consumer =
            new KafkaConsumer<>(
                properties, new ByteArrayDeserializer(), new ByteArrayDeserializer());
        Deserializer<TraceBatch> batches = registry.serdes().valueDeserializer(TraceBatch.class)) {
      List<TopicPartition> partitions =
          consumer.partitionsFor(Topics.BATCHES).stream()
              .map(p -> new TopicPartition(p.topic(), p.partition()))
              .toList();
      consumer.assign(partitions);
      consumer.seekToBeginning(partitions);
      Map<TopicPartition, Long> ends = consumer.endOffsets(partitions);
      long deadline = System.nanoTime() + Duration.ofSeconds(60).toNanos();
      while (System.nanoTime() < deadline
          && ends.entrySet().stream().anyMatch(e -> consumer.position(e.getKey()) < e.getValue())) {
        for (ConsumerRecord<byte[], byte[]> record : consumer.poll(Duration.ofMillis(200))) {
          if (!new String(record.key(), java.nio.charset.StandardCharsets.UTF_8)
              .startsWith(runId)) {
            continue;
          }
          TraceBatch batch = batches.deserialize(Topics.BATCHES, record.value());
          ByteBuffer payload = batch.getPayload().duplicate();
          byte[] bytes = new byte[payload.remaining()];
          payload.get(bytes);
          Files.write(
              directory.resolve(
                  "vcpu-%d-sequence-%d.payload".formatted(batch.getVcpu(), batch.getSequence())),
              bytes);
        }
      }
    }
  }

  @Override
  public void close() {
    registry.close();
    jobs.close();
    cluster.close();
  }
}
