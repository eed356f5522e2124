// SPDX-License-Identifier: Apache-2.0
package io.tracefleet.archive.write;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.type.TypeReference;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.tracefleet.archive.store.ArchiveException;
import io.tracefleet.archive.store.ArchiveException.Kind;
import io.tracefleet.archive.store.ArchiveStore;
import io.tracefleet.archive.table.Layout;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.Optional;
import org.apache.kafka.common.TopicPartition;

/**
 * How far the topics have been archived, in a small file of the archive itself. All before an
 * offset is in the archive; more may be, for the chunks come first.
 */
final class Offsets {
  private static final ObjectMapper JSON = new ObjectMapper();

  private final ArchiveStore store;
  private final String name;

  Offsets(ArchiveStore store, String topicId) {
    this.store = store;
    this.name = Layout.openDirectory(topicId) + "offsets.json";
  }

  /** The offset of the next record, by "topic/partition". */
  Map<String, Long> read() throws ArchiveException {
    Optional<byte[]> bytes = store.read(name);
    if (bytes.isEmpty()) {
      return Map.of();
    }
    try {
      return JSON.readValue(bytes.get(), new TypeReference<Map<String, Long>>() {});
    } catch (IOException e) {
      throw new ArchiveException(
          Kind.STORE,
          "File %s of archive %s is broken: delete it, and the topics are read from their beginning."
              .formatted(name, store.location()),
          e);
    }
  }

  void write(Map<String, Long> positions) throws ArchiveException {
    Path file = store.work().resolve("offsets.json");
    try {
      Files.write(file, JSON.writeValueAsBytes(positions));
    } catch (JsonProcessingException e) {
      throw new IllegalStateException(e);
    } catch (IOException e) {
      throw Room.failed(store, e);
    }
    store.put(name, file);
  }

  static String key(TopicPartition partition) {
    return partition.topic() + "/" + partition.partition();
  }
}
