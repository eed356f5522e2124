// SPDX-License-Identifier: Apache-2.0
package io.tracefleet.node.publish;

import io.tracefleet.node.config.ClusterAccess;
import io.tracefleet.node.config.Compression;
import java.util.HashMap;
import java.util.Map;
import org.apache.kafka.clients.producer.ProducerConfig;
import org.apache.kafka.common.serialization.ByteArraySerializer;

/**
 * The producer's settings. The user's properties may add to them and change what is only tuning;
 * what exactness rests on stays.
 */
final class ProducerConfigs {
  /** Room in the producer beyond what may be in flight: its unfilled batches. */
  private static final long SLACK_BYTES = 4L << 20;

  private ProducerConfigs() {}

  static Map<String, Object> of(
      ClusterAccess cluster, Compression compression, long inFlightBytes, String clientId) {
    Map<String, Object> config = new HashMap<>();
    config.put(ProducerConfig.LINGER_MS_CONFIG, 5);
    config.put(ProducerConfig.BATCH_SIZE_CONFIG, 64 << 10);
    config.put(ProducerConfig.REQUEST_TIMEOUT_MS_CONFIG, 30_000);
    config.put(ProducerConfig.RECONNECT_BACKOFF_MAX_MS_CONFIG, 1_000);
    config.putAll(cluster.clientProperties());
    config.put(ProducerConfig.BOOTSTRAP_SERVERS_CONFIG, cluster.bootstrap());
    config.put(ProducerConfig.CLIENT_ID_CONFIG, clientId);
    config.put(ProducerConfig.KEY_SERIALIZER_CLASS_CONFIG, ByteArraySerializer.class);
    config.put(ProducerConfig.VALUE_SERIALIZER_CLASS_CONFIG, ByteArraySerializer.class);
    config.put(ProducerConfig.ACKS_CONFIG, "all");
    config.put(ProducerConfig.ENABLE_IDEMPOTENCE_CONFIG, true);
    config.put(ProducerConfig.COMPRESSION_TYPE_CONFIG, compression.word());
    if (compression == Compression.ZSTD) {
      config.put(ProducerConfig.COMPRESSION_ZSTD_LEVEL_CONFIG, 1);
    }
    config.put(ProducerConfig.MAX_REQUEST_SIZE_CONFIG, 1 << 20);
    config.put(ProducerConfig.BUFFER_MEMORY_CONFIG, inFlightBytes + SLACK_BYTES);
    // A broker that is away is waited for, not given up: what waits is bounded, and the ring holds
    // the guest meanwhile.
    config.put(ProducerConfig.DELIVERY_TIMEOUT_MS_CONFIG, Integer.MAX_VALUE);
    // Shorter than the shortest node timeout, or a guest would take a node that waits for metadata
    // for dead.
    config.put(ProducerConfig.MAX_BLOCK_MS_CONFIG, 2_000);
    // Runs are written at a guest's start and end only: their topic must not be forgotten in
    // between.
    config.put(ProducerConfig.METADATA_MAX_IDLE_CONFIG, Integer.MAX_VALUE);
    return config;
  }
}
