// SPDX-License-Identifier: Apache-2.0
package io.tracefleet.jobs.query;

import io.tracefleet.jobs.flow.SectionId;
import io.tracefleet.jobs.table.Chunk;
import io.tracefleet.jobs.table.ChunkKey;
import io.tracefleet.jobs.table.Group;
import io.tracefleet.jobs.table.StoreRead;
import io.tracefleet.jobs.table.StoreView;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.TreeSet;
import org.apache.kafka.streams.KafkaStreams;
import org.apache.kafka.streams.errors.InvalidStateStoreException;
import org.apache.kafka.streams.query.QueryResult;
import org.apache.kafka.streams.query.StateQueryRequest;

/** The stores of this instance. */
public final class LocalStores {
  private final KafkaStreams streams;
  private final String store;

  /**
   * @param store name of the tasks' store
   */
  public LocalStores(KafkaStreams streams, String store) {
    this.streams = streams;
    this.store = store;
  }

  /**
   * Answers by partition, for those that this instance processes now; none while it starts, stops
   * or is given others. All answers of a partition are as of the same commit.
   */
  public Map<Integer, List<Answer>> ask(List<Ask> asks) {
    StoreRead<List<Answer>> read =
        new StoreRead<>(view -> asks.stream().map(ask -> answer(view, ask)).toList());
    Map<Integer, List<Answer>> answers = new TreeMap<>();
    try {
      Map<Integer, QueryResult<List<Answer>>> results =
          streams
              .query(StateQueryRequest.inStore(store).withQuery(read).requireActive())
              .getPartitionResults();
      results.forEach(
          (partition, result) -> {
            if (result.isSuccess()) {
              answers.put(partition, result.getResult());
            }
          });
    } catch (InvalidStateStoreException e) {
      // Not started, stopped, or a task was just taken away: the partitions count as missing.
      return Map.of();
    }
    return answers;
  }

  private static Answer answer(StoreView view, Ask ask) {
    long version = view.version(ask.table().id(), ask.run());
    if (ask.versionOnly()) {
      return new Answer(version, List.of());
    }
    // Accounting has one chunk for each vCPU, so it tells which there are.
    List<Chunk> accounting =
        view.chunks(
            ChunkKey.firstOf(SectionId.ACCOUNTING.id(), ask.run()),
            ChunkKey.lastOf(SectionId.ACCOUNTING.id(), ask.run()));
    if (ask.table() == SectionId.ACCOUNTING) {
      return new Answer(version, accounting);
    }
    TreeSet<Integer> vcpus = new TreeSet<>();
    accounting.forEach(chunk -> vcpus.add(chunk.key().vcpu()));
    List<Chunk> chunks = new ArrayList<>();
    for (int vcpu : vcpus) {
      long last = ask.isWholeRun() ? Group.WHOLE_RUN : ask.to() - 1;
      chunks.addAll(
          view.chunks(
              new ChunkKey(ask.table().id(), ask.run(), vcpu, ask.from(), 0),
              new ChunkKey(ask.table().id(), ask.run(), vcpu, last, -1)));
    }
    return new Answer(version, chunks);
  }
}
