// SPDX-License-Identifier: Apache-2.0
package io.tracefleet.cli.see;

import static org.assertj.core.api.Assertions.assertThat;

import io.tracefleet.archive.read.ArchiveDatabase;
import io.tracefleet.archive.store.ArchiveStore;
import io.tracefleet.archive.store.StoreLocation;
import io.tracefleet.codec.Aggregator;
import io.tracefleet.codec.BatchCounts;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What the benchmark makes up is what it says. */
final class SyntheticTest {
  @TempDir Path directory;

  @Test
  void aPayloadHasTheBlocksThatItsBatchCounts() throws Exception {
    CountedBlocks blocks = CountedBlocks.of(2_500, 1_000);
    ByteBuffer payload = blocks.payload();
    byte[] bytes = new byte[payload.remaining()];
    payload.get(bytes);
    BatchCounts counts = new BatchCounts();

    new Aggregator().fold(bytes, 0, bytes.length, counts);

    assertThat(counts.blocks()).isEqualTo(blocks.executions());
    assertThat(counts.instructions()).isEqualTo(blocks.instructions());
  }

  @Test
  void anArchiveHasItsRunsAndRows() throws Exception {
    SyntheticArchive.write(directory, 3);

    try (ArchiveStore store = StoreLocation.parse(directory.toString(), null).openToRead();
        ArchiveDatabase database = ArchiveDatabase.open(store, 256, null, null)) {
      assertThat(database.duck().run("SELECT count(*) FROM hot_blocks")).isEqualTo(30_000);
      assertThat(database.duck().run("SELECT count(DISTINCT run_id) FROM hot_blocks")).isEqualTo(3);
    }
  }

  @Test
  void questionsAreMeasuredFirstAndAgain() throws Exception {
    SyntheticArchive.write(directory, 1);
    SeeResult.Gathering to = new SeeResult.Gathering();

    SqlQuestions.measure(
        directory, SqlQuestions.BY_BLOCK, to, SeeFigure.SQL_BLOCK_FIRST, SeeFigure.SQL_BLOCK_WARM);

    assertThat(to.result().samples().get(SeeFigure.SQL_BLOCK_FIRST)).hasSize(1);
    assertThat(to.result().samples().get(SeeFigure.SQL_BLOCK_WARM))
        .hasSize(2)
        .allSatisfy(seconds -> assertThat(seconds).isPositive());
  }

  @Test
  void casesAreNamedAsTheOthers() {
    assertThat(SeeCase.names(SeeCase.only(name -> name.contains("see/a"))))
        .isEqualTo(List.of("see/api", "see/archive"));
  }
}
