// SPDX-License-Identifier: Apache-2.0
package io.tracefleet.cli.report;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.MockConsumer;
import org.apache.kafka.common.Node;
import org.apache.kafka.common.PartitionInfo;
import org.apache.kafka.common.TopicPartition;
import org.junit.jupiter.api.Test;

final class TopicReaderTest {
  private static final String TOPIC = "topic";
  private static final TopicPartition PARTITION = new TopicPartition(TOPIC, 0);

  private final MockConsumer<byte[], byte[]> consumer = new MockConsumer<>("earliest");

  private void topicWithEnd(long end) {
    Node[] none = new Node[0];
    consumer.updatePartitions(
        TOPIC, List.of(new PartitionInfo(TOPIC, 0, Node.noNode(), none, none)));
    consumer.updateBeginningOffsets(Map.of(PARTITION, 0L));
    consumer.updateEndOffsets(Map.of(PARTITION, end));
  }

  private void arrives(long offset, String value) {
    consumer.schedulePollTask(
        () ->
            consumer.addRecord(
                new ConsumerRecord<>(
                    TOPIC, 0, offset, ("k" + offset).getBytes(UTF_8), value.getBytes(UTF_8))));
  }

  @Test
  void readsUpToTheEndAndNoFurther() throws Exception {
    topicWithEnd(2);
    arrives(0, "a");
    arrives(1, "b");
    arrives(2, "too late");
    List<String> read = new ArrayList<>();

    try (TopicReader reader = new TopicReader(consumer, Duration.ofSeconds(5), "broker:9092")) {
      reader.readAll(TOPIC, (key, value) -> read.add(new String(value, UTF_8)));
    }

    assertThat(read).containsExactly("a", "b");
  }

  @Test
  void takesAMissingTopicAsEmpty() throws Exception {
    List<byte[]> read = new ArrayList<>();

    try (TopicReader reader = new TopicReader(consumer, Duration.ofSeconds(5), "broker:9092")) {
      reader.readAll("absent", (key, value) -> read.add(value));
    }

    assertThat(read).isEmpty();
  }

  @Test
  void givesUpWhenNothingArrives() {
    topicWithEnd(1);

    try (TopicReader reader = new TopicReader(consumer, Duration.ofMillis(20), "broker:9092")) {
      assertThatThrownBy(() -> reader.readAll(TOPIC, (key, value) -> {}))
          .isInstanceOf(ResultException.class)
          .hasMessageContaining(TOPIC)
          .hasMessageContaining("check the broker");
    }
  }

  @Test
  void looksAtTheRunIdOfAKeyWithoutDecodingIt() {
    byte[] key = new byte[5 + 1 + 36 + 3];
    key[5] = 72;
    System.arraycopy(Records.ROOT.getBytes(UTF_8), 0, key, 6, 36);

    assertThat(ResultReader.KeyPeek.mayBelongTo(key, Set.of(Records.ROOT))).isTrue();
    assertThat(ResultReader.KeyPeek.mayBelongTo(key, Set.of(Records.CHILD))).isFalse();
    key[5] = 70;
    assertThat(ResultReader.KeyPeek.mayBelongTo(key, Set.of(Records.CHILD))).isTrue();
    assertThat(ResultReader.KeyPeek.mayBelongTo(new byte[3], Set.of(Records.CHILD))).isTrue();
  }
}
