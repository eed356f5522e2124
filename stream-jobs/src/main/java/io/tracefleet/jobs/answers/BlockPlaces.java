// SPDX-License-Identifier: Apache-2.0
package io.tracefleet.jobs.answers;

import io.tracefleet.jobs.catalog.Catalog;
import io.tracefleet.jobs.code.CodePlace;
import io.tracefleet.jobs.query.BlockRows;
import java.util.Arrays;

/** Where each block of a run comes from. */
final class BlockPlaces {
  private final BlockRows blocks;
  private final int[] byAddress;
  private final CodePlace[] places;

  private BlockPlaces(BlockRows blocks) {
    this.blocks = blocks;
    this.byAddress = blocks.order("vaddr", false); // of equal ones the smaller hash first
    this.places = new CodePlace[blocks.size()];
    Arrays.fill(places, CodePlace.UNKNOWN);
  }

  /** By the number of the row, never null. */
  static CodePlace[] of(Catalog catalog, String runId, BlockRows blocks) {
    BlockPlaces all = new BlockPlaces(blocks);
    if (all.places.length > 0) {
      catalog.places(runId, all::put);
    }
    return all.places;
  }

  /** Blocks of the same code may end at different instructions: then several rows are of it. */
  private void put(long vaddr, int codeHash, CodePlace place) {
    for (int i = first(vaddr, codeHash);
        i < byAddress.length && compare(byAddress[i], vaddr, codeHash) == 0;
        i++) {
      if (places[byAddress[i]] == CodePlace.UNKNOWN) { // else the run's own, or a nearer parent's
        places[byAddress[i]] = place;
      }
    }
  }

  private int first(long vaddr, int codeHash) {
    int low = 0;
    int high = byAddress.length;
    while (low < high) {
      int middle = (low + high) >>> 1;
      if (compare(byAddress[middle], vaddr, codeHash) < 0) {
        low = middle + 1;
      } else {
        high = middle;
      }
    }
    return low;
  }

  private int compare(int row, long vaddr, int codeHash) {
    int order = Long.compareUnsigned(blocks.vaddr(row), vaddr);
    return order != 0 ? order : Integer.compareUnsigned(blocks.codeHash(row), codeHash);
  }
}
