// SPDX-License-Identifier: Apache-2.0
package io.tracefleet.archive.export;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.tracefleet.archive.export.EventExport.Format;
import io.tracefleet.archive.store.ArchiveException;
import io.tracefleet.archive.table.Duck;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class EventExportTest {
  private static final String RUN = "01972d2f-0001-7000-8000-000000000001";

  @TempDir Path directory;

  private static EventExport export(long from, long to) {
    return new EventExport(RUN, null, from, to);
  }

  private static EventExport.BatchSource twoBlocks(int leading) {
    return (wanted, sink) -> sink.batch(1, 2, 0, 100, 1, FullPayload.twoBlocks(leading));
  }

  @Test
  void eachEventHasItsInstructionNumber() throws Exception {
    Path file = directory.resolve("events.csv");

    long rows = export(0, Long.MAX_VALUE).write(twoBlocks(0), Format.CSV, file, count -> {});

    assertThat(rows).isEqualTo(5);
    assertThat(Files.readAllLines(file))
        .containsExactly(
            "vcpu,generation,instruction,kind,vaddr,size,physical,device,number,value",
            "1,2,100,block,0x1000,3,,,,",
            "1,2,101,store,0x2000,8,,,,",
            "1,2,103,block,0x1100,2,,,,",
            "1,2,105,block,0x1000,3,,,,",
            "1,2,106,store,0x2000,8,,,,");
  }

  @Test
  void whatABlockBegunBeforeDispatchedComesFirst() throws Exception {
    Path file = directory.resolve("events.csv");

    export(0, Long.MAX_VALUE).write(twoBlocks(2), Format.CSV, file, count -> {});

    assertThat(Files.readAllLines(file).get(1)).isEqualTo("1,2,102,block,0x1000,3,,,,");
  }

  @Test
  void onlyTheInstructionsThatAreWanted() throws Exception {
    Path file = directory.resolve("events.csv");

    assertThat(export(101, 105).write(twoBlocks(0), Format.CSV, file, count -> {})).isEqualTo(2);

    assertThat(Files.readAllLines(file).subList(1, 3))
        .containsExactly("1,2,101,store,0x2000,8,,,,", "1,2,103,block,0x1100,2,,,,");
  }

  @Test
  void parquetIsWrittenInPiecesThatBecomeOneFile() throws Exception {
    Path file = directory.resolve("events.parquet");
    EventExport.BatchSource source =
        (wanted, sink) -> sink.batch(0, 0, 0, 0, 1, FullPayload.loop(2_500_000));

    long rows = export(0, Long.MAX_VALUE).write(source, Format.PARQUET, file, count -> {});

    assertThat(rows).isEqualTo(2_500_000);
    try (Duck duck = Duck.open(null, null, 256, 1)) {
      assertThat(duck.run("SELECT count(DISTINCT instruction) FROM read_parquet('" + file + "')"))
          .isEqualTo(2_500_000);
      assertThat(duck.run("SELECT max(instruction) FROM read_parquet('" + file + "')"))
          .isEqualTo(3 * 2_499_999L);
    }
    try (Stream<Path> files = Files.list(directory)) {
      assertThat(files).as("no temporary files").containsExactly(file);
    }
  }

  @Test
  void countModeHasNoEvents() {
    EventExport.BatchSource source = (wanted, sink) -> sink.batch(0, 0, 0, 0, 2, new byte[320]);

    assertThatThrownBy(
            () -> export(0, 9).write(source, Format.CSV, directory.resolve("e"), count -> {}))
        .isInstanceOf(ArchiveException.class)
        .hasMessageContaining("--mode full");
  }
}
