// SPDX-License-Identifier: Apache-2.0
package io.tracefleet.jobs.catalog;

import static org.assertj.core.api.Assertions.assertThat;

import io.tracefleet.jobs.code.CodePlace;
import io.tracefleet.jobs.testing.Batches;
import io.tracefleet.jobs.testing.Runs;
import io.tracefleet.schemas.BlockDetail;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.UUID;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.rocksdb.Options;
import org.rocksdb.RocksDB;

class BlockStoreTest {
  private static final UUID RUN = UUID.fromString(Batches.RUN);

  @TempDir Path directory;

  private static BlockDetail detail(
      long vaddr, String image, Long offset, String buildId, String function, String symbol) {
    return BlockDetail.newBuilder(Runs.block(Batches.RUN, vaddr, 7, symbol, image, offset, "nop"))
        .setBuildId(buildId)
        .setFunction(function)
        .build();
  }

  private static void put(BlockStore store, BlockDetail... details) {
    try (BlockStore.Update update = store.update()) {
      for (BlockDetail detail : details) {
        update.put(
            new BlockId(RUN, detail.getVaddr(), detail.getCodeHash()), new byte[] {1}, detail);
      }
      update.offset(3, "topic", 42);
      update.write();
    }
  }

  private static Map<Long, CodePlace> places(BlockStore store) {
    Map<Long, CodePlace> places = new LinkedHashMap<>();
    store.places(RUN, (vaddr, hash, place) -> places.put(vaddr, place));
    return places;
  }

  @Test
  void placesAreAsTheNodesSaid() throws Exception {
    try (BlockStore store = new BlockStore(directory, false)) {
      String longest = "\u20ac\0".repeat(40_000);
      BlockDetail[] details = {
        detail(0x10, "/a", 0L, "id", "f", "s"),
        detail(0x20, "/a", 16L, "id", "f", "s"),
        detail(0x30, "/a", null, "id", "f", "s"),
        detail(0x40, "/a", 16L, "i", "df", "s"),
        detail(0x50, "/a", 16L, null, null, null),
        detail(0x60, null, null, null, null, "s"),
        detail(0x70, "", 0x7fff_ffff_ffffL, "", "", ""),
        detail(-0x10, longest, -1L, null, longest, null),
      };
      put(store, details);
      put(store, detail(0x80, null, null, null, null, null));

      assertThat(places(store))
          .containsExactlyEntriesOf(
              Arrays.stream(details)
                  .collect(
                      LinkedHashMap::new,
                      (map, one) -> map.put(one.getVaddr(), CodePlace.of(one)),
                      Map::putAll));
    }
  }

  @Test
  void whatIsSaidLaterCounts() throws Exception {
    try (BlockStore store = new BlockStore(directory, false)) {
      put(store, detail(0x10, "/a", 16L, "id", null, null));
      put(store, detail(0x10, "/a", 16L, "id", "f", null));
      assertThat(places(store).get(0x10L).function()).isEqualTo("f");

      put(store, detail(0x10, null, null, null, null, null));
      assertThat(places(store)).isEmpty();
    }
  }

  @Test
  void itIsKeptForTheNextProcess() throws Exception {
    try (BlockStore store = new BlockStore(directory, false)) {
      put(store, detail(0x10, "/a", 16L, "id", "f", null));
    }
    try (BlockStore store = new BlockStore(directory, false)) {
      assertThat(places(store)).hasSize(1);
      assertThat(store.nextOffset(3, "topic")).isEqualTo(42);
    }
  }

  @Test
  void whatAnOlderVersionWroteIsReadFromTheTopicAgain() throws Exception {
    try (BlockStore store = new BlockStore(directory, false)) {
      put(store, detail(0x10, "/a", 16L, "id", "f", null));
    }
    try (Options options = new Options();
        RocksDB db = RocksDB.open(options, directory.toString())) {
      db.delete("f".getBytes(StandardCharsets.US_ASCII)); // which the first one did not have
    }

    try (BlockStore store = new BlockStore(directory, false)) {
      assertThat(places(store)).isEmpty();
      assertThat(store.nextOffset(3, "topic")).isZero();
    }
  }
}
