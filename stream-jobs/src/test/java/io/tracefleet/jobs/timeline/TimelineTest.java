// SPDX-License-Identifier: Apache-2.0
package io.tracefleet.jobs.timeline;

import static io.tracefleet.jobs.testing.Batches.MINUTE;
import static io.tracefleet.jobs.testing.Batches.RUN;
import static io.tracefleet.jobs.testing.Batches.batch;
import static io.tracefleet.jobs.testing.Batches.simple;
import static org.assertj.core.api.Assertions.assertThat;

import io.tracefleet.jobs.flow.SectionId;
import io.tracefleet.jobs.table.Chunk;
import io.tracefleet.jobs.table.ChunkKey;
import io.tracefleet.jobs.table.StoreRead;
import io.tracefleet.jobs.testing.JobsDriver;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.List;
import java.util.UUID;
import org.apache.kafka.streams.query.PositionBound;
import org.apache.kafka.streams.query.QueryConfig;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class TimelineTest {
  private static final UUID ID = UUID.fromString(RUN);
  private static final byte TABLE = SectionId.TIMELINE.id();

  @TempDir Path directory;

  private JobsDriver jobs;

  @BeforeEach
  void start() {
    // Room for one row: everything is forgotten and read back all the time.
    jobs = new JobsDriver(directory, false, 1, Duration.ofSeconds(2));
  }

  @AfterEach
  void stop() {
    jobs.close();
  }

  @Test
  void addsUpBySecondOfOpening() {
    jobs.send(batch(0, 0, MINUTE.plusMillis(1_999), simple(5)));
    jobs.send(batch(0, 1, MINUTE.plusMillis(1_000), simple(7)));
    jobs.send(batch(0, 2, MINUTE.plusMillis(59_999), simple(1)));
    jobs.send(batch(0, 2, MINUTE.plusMillis(59_999), simple(1))); // a duplicate
    jobs.settle();

    assertThat(rows()).containsExactly("0s+1: 36", "0s+59: 3");
  }

  @Test
  void keepsTheLastWindowsOfEachVcpu() {
    jobs.send(batch(7, 0, MINUTE, simple(1)));
    for (int minute = 0; minute < TimelineProcessor.KEPT_WINDOWS + 2; minute++) {
      jobs.send(batch(0, minute, MINUTE.plusSeconds(60L * minute), simple(1)));
      jobs.settle();
    }

    assertThat(rows())
        .hasSize(TimelineProcessor.KEPT_WINDOWS + 1)
        .contains("0s+0: 3") // of the other vCPU
        .doesNotContain("60s+0: 3")
        .contains("120s+0: 3");
  }

  @Test
  void aVersionChangesWithItsRunOnly() {
    jobs.send(batch(0, 0, MINUTE, simple(1)));
    long before = version(TABLE, ID);
    long other = version(TABLE, UUID.randomUUID());

    jobs.send(batch(0, 1, MINUTE, simple(1)));

    assertThat(version(TABLE, ID)).isNotEqualTo(before);
    assertThat(version(TABLE, UUID.randomUUID())).isEqualTo(other);
  }

  private long version(byte table, UUID run) {
    return read(new StoreRead<>(view -> view.version(table, run)));
  }

  private List<String> rows() {
    List<Chunk> chunks =
        read(
            new StoreRead<>(
                view -> view.chunks(ChunkKey.firstOf(TABLE, ID), ChunkKey.lastOf(TABLE, ID))));
    List<String> rows = new ArrayList<>();
    for (Chunk chunk : chunks) {
      long window =
          ChronoUnit.SECONDS.between(
              MINUTE, Instant.EPOCH.plus(chunk.key().windowStart(), ChronoUnit.MICROS));
      chunk.rows(
          TimelineProcessor.COLUMNS,
          (second, zero, columns) ->
              rows.add(window + "s+" + second + ": " + columns[TimelineProcessor.INSTRUCTIONS]));
    }
    return rows;
  }

  private <T> T read(StoreRead<T> read) {
    return jobs.store().query(read, PositionBound.unbounded(), new QueryConfig(false)).getResult();
  }
}
