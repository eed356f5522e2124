// SPDX-License-Identifier: Apache-2.0
package io.tracefleet.jobs;

import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Properties;
import java.util.Set;
import org.apache.kafka.clients.CommonClientConfigs;
import org.apache.kafka.clients.admin.AdminClientConfig;
import org.apache.kafka.clients.consumer.ConsumerConfig;
import org.apache.kafka.clients.producer.ProducerConfig;
import org.apache.kafka.streams.StreamsConfig;

/** Kafka Streams' settings for the jobs. */
final class StreamsSettings {
  /**
   * What a user cannot set by Kafka's names, because it has a setting of its own or must be as it
   * is.
   */
  static final List<String> OWN =
      List.of(
          StreamsConfig.APPLICATION_ID_CONFIG,
          StreamsConfig.BOOTSTRAP_SERVERS_CONFIG,
          StreamsConfig.PROCESSING_GUARANTEE_CONFIG,
          StreamsConfig.STATE_DIR_CONFIG,
          StreamsConfig.NUM_STREAM_THREADS_CONFIG,
          StreamsConfig.COMMIT_INTERVAL_MS_CONFIG,
          StreamsConfig.REPLICATION_FACTOR_CONFIG,
          StreamsConfig.APPLICATION_SERVER_CONFIG);

  /**
   * Batches are large: so many lie in memory for each partition, besides those that were just
   * polled.
   */
  private static final int BUFFERED_BATCHES = 8;

  private StreamsSettings() {}

  static Properties of(JobsConfig config) {
    Properties all = new Properties();
    all.put(StreamsConfig.APPLICATION_ID_CONFIG, config.applicationId());
    all.put(StreamsConfig.BOOTSTRAP_SERVERS_CONFIG, config.bootstrap());
    all.put(StreamsConfig.PROCESSING_GUARANTEE_CONFIG, StreamsConfig.EXACTLY_ONCE_V2);
    all.put(StreamsConfig.STATE_DIR_CONFIG, config.stateDir().toString());
    all.put(StreamsConfig.NUM_STREAM_THREADS_CONFIG, config.threads());
    all.put(StreamsConfig.COMMIT_INTERVAL_MS_CONFIG, config.commitInterval().toMillis());
    all.put(StreamsConfig.REPLICATION_FACTOR_CONFIG, config.replication());

    // The store is a write-behind cache of its own.
    all.put(StreamsConfig.STATESTORE_CACHE_MAX_BYTES_CONFIG, 0L);
    all.put(StreamsConfig.NUM_STANDBY_REPLICAS_CONFIG, 0);
    all.put(StreamsConfig.ROCKSDB_CONFIG_SETTER_CLASS_CONFIG, RocksDbLimits.class);
    all.put(StreamsConfig.BUFFERED_RECORDS_PER_PARTITION_CONFIG, BUFFERED_BATCHES);

    all.put(StreamsConfig.consumerPrefix(ConsumerConfig.FETCH_MAX_BYTES_CONFIG), 16 << 20);
    all.put(
        StreamsConfig.mainConsumerPrefix(ConsumerConfig.MAX_PARTITION_FETCH_BYTES_CONFIG), 4 << 20);
    all.put(
        StreamsConfig.mainConsumerPrefix(ConsumerConfig.MAX_POLL_RECORDS_CONFIG), BUFFERED_BATCHES);
    // A process that was killed holds its partitions for so long.
    all.put(StreamsConfig.consumerPrefix(ConsumerConfig.SESSION_TIMEOUT_MS_CONFIG), 10_000);
    all.put(StreamsConfig.consumerPrefix(ConsumerConfig.HEARTBEAT_INTERVAL_MS_CONFIG), 2_000);

    // Results are many and small, and much alike.
    all.put(StreamsConfig.producerPrefix(ProducerConfig.COMPRESSION_TYPE_CONFIG), "lz4");
    all.put(StreamsConfig.producerPrefix(ProducerConfig.BATCH_SIZE_CONFIG), 128 << 10);
    all.put(StreamsConfig.producerPrefix(ProducerConfig.LINGER_MS_CONFIG), 20);
    all.put(StreamsConfig.producerPrefix(ProducerConfig.BUFFER_MEMORY_CONFIG), 32L << 20);

    all.putAll(config.kafka());
    return all;
  }

  /** Settings of an admin client. */
  static Map<String, Object> admin(JobsConfig config) {
    return client(config, AdminClientConfig.configNames(), StreamsConfig.ADMIN_CLIENT_PREFIX);
  }

  /** Settings of a consumer beside those of Kafka Streams. */
  static Map<String, Object> consumer(JobsConfig config) {
    return client(config, ConsumerConfig.configNames(), StreamsConfig.CONSUMER_PREFIX);
  }

  private static Map<String, Object> client(JobsConfig config, Set<String> names, String prefix) {
    Map<String, Object> client = new HashMap<>();
    config
        .kafka()
        .forEach(
            (key, value) -> {
              if (names.contains(key)) {
                client.put(key, value);
              } else if (key.startsWith(prefix)) {
                client.put(key.substring(prefix.length()), value);
              }
            });
    client.put(CommonClientConfigs.BOOTSTRAP_SERVERS_CONFIG, config.bootstrap());
    return client;
  }
}
