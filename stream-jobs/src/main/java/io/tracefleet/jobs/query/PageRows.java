// SPDX-License-Identifier: Apache-2.0
package io.tracefleet.jobs.query;

import io.tracefleet.jobs.hwaddr.HwaddrFeature;
import io.tracefleet.jobs.table.Chunk;
import io.tracefleet.jobs.table.Totals;
import io.tracefleet.jobs.weight.ScaledRows;
import io.tracefleet.jobs.weight.Weights;
import java.util.function.IntToLongFunction;

/**
 * Traffic with RAM pages, added up over vCPUs; also over neighbouring pages, for maps, and scaled
 * by the weights of the vCPUs.
 */
public final class PageRows extends SortedTotals {
  /** How they are decoded. */
  public static final Views.Form<PageRows> FORM =
      new Views.Form<>(
          "pages",
          chunks -> new PageRows(PageRows.SUMS.recorded(chunks), PageRows.PAGE_SHIFT),
          PageRows::size);

  private static final int PAGES = HwaddrFeature.COLUMNS;
  private static final int COLUMNS = HwaddrFeature.COLUMNS + 1;
  private static final int PAGE_SHIFT = 12;
  private static final ScaledSums SUMS =
      new ScaledSums(COLUMNS, PageRows::addRows, PageRows::addScaled);

  private final int shift;

  private PageRows(Totals totals, int shift) {
    super(totals);
    this.shift = shift;
  }

  /** How they are decoded and scaled. */
  public static Views.Form<PageRows> scaled(Weights weights) {
    return weights.scale()
        ? new Views.Form<>(
            "pages " + weights,
            chunks -> new PageRows(SUMS.scaled(chunks, weights), PAGE_SHIFT),
            PageRows::size)
        : FORM;
  }

  private static void addRows(Chunk chunk, Totals totals) {
    if (chunk.key().names()) {
      return;
    }
    chunk.rows(
        HwaddrFeature.COLUMNS,
        (page, kind, columns) -> {
          if (kind == HwaddrFeature.PAGE) {
            int row = totals.row(page, 0);
            totals.set(row, PAGES, 1);
            for (int column = 0; column < HwaddrFeature.COLUMNS; column++) {
              totals.add(row, column, columns[column]);
            }
          }
        });
  }

  /** In the order of addresses, signed, as they lie in archives. */
  private static void addScaled(Totals own, ScaledRows scaled, Totals totals) {
    for (int from :
        Ordering.sorted(own.size(), (a, b) -> Long.compare(own.first(a), own.first(b)))) {
      int row = totals.row(own.first(from), 0);
      totals.set(row, PAGES, 1);
      for (int column = 0; column < HwaddrFeature.COLUMNS; column++) {
        totals.add(row, column, scaled.next(column, own.get(from, column)));
      }
    }
  }

  /** Added up in the smallest buckets of a power of two of which at most so many are needed. */
  public PageRows binned(int bins) {
    if (size() == 0) {
      return this;
    }
    long low = lowest();
    long high = highest();
    int wide = PAGE_SHIFT;
    while (Long.compareUnsigned((high >>> wide) - (low >>> wide), bins) >= 0) {
      wide++;
    }
    Totals sums = Totals.detached(COLUMNS);
    for (int from = 0; from < size(); from++) {
      int row = sums.row(page(from) >>> wide << wide, 0);
      for (int column = 0; column < COLUMNS; column++) {
        sums.add(row, column, totals().get(from, column));
      }
    }
    return new PageRows(sums, wide);
  }

  public long bucketBytes() {
    return 1L << shift;
  }

  /** The lowest address; only if there are rows. */
  public long lowest() {
    return page(order("page", false)[0]);
  }

  /** The address of the highest page or bucket; only if there are rows. */
  public long highest() {
    return page(order("page", true)[0]);
  }

  public long page(int row) {
    return totals().first(row);
  }

  /** Pages that were accessed. */
  public long pages(int row) {
    return totals().get(row, PAGES);
  }

  public long reads(int row) {
    return totals().get(row, HwaddrFeature.READS);
  }

  public long writes(int row) {
    return totals().get(row, HwaddrFeature.WRITES);
  }

  public long readBytes(int row) {
    return totals().get(row, HwaddrFeature.READ_BYTES);
  }

  public long writeBytes(int row) {
    return totals().get(row, HwaddrFeature.WRITE_BYTES);
  }

  /**
   * @param field accesses, page, reads, writes, readBytes or writeBytes
   */
  public int[] order(String field, boolean descending) {
    IntToLongFunction by =
        switch (field) {
          case "accesses" -> row -> reads(row) + writes(row);
          case "page" -> this::page;
          case "reads" -> this::reads;
          case "writes" -> this::writes;
          case "readBytes" -> this::readBytes;
          case "writeBytes" -> this::writeBytes;
          default -> throw new IllegalArgumentException(field);
        };
    return order(field, by, field.equals("page"), descending);
  }
}
