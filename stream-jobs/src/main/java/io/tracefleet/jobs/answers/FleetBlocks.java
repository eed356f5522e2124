// SPDX-License-Identifier: Apache-2.0
package io.tracefleet.jobs.answers;

import static io.tracefleet.jobs.answers.Answered.hex;
import static io.tracefleet.jobs.answers.Answered.row;

import io.tracefleet.jobs.catalog.BlockId;
import io.tracefleet.jobs.catalog.Catalog;
import io.tracefleet.jobs.catalog.Place;
import io.tracefleet.jobs.flow.SectionId;
import io.tracefleet.jobs.query.BlockRows;
import io.tracefleet.jobs.query.Missing;
import io.tracefleet.jobs.query.View;
import io.tracefleet.jobs.query.Views;
import io.tracefleet.schemas.BlockDetail;
import io.tracefleet.schemas.Run;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.UUID;
import java.util.function.LongSupplier;
import java.util.function.ToLongFunction;

/**
 * Hot blocks of many runs, the same code in one row: by image and offset where they are known, so
 * that address space randomization does not matter, else by address.
 */
public final class FleetBlocks {
  /** Fields that can be sorted by. */
  public static final List<String> ORDERS =
      List.of("weight", "executions", "instructions", "bytes", "runs", "nodes");

  private static final List<String> COLUMNS =
      List.of(
          "target",
          "image",
          "imageOffset",
          "vaddr",
          "codeHash",
          "instructions",
          "bytes",
          "executions",
          "weight",
          "runs",
          "nodes",
          "symbol",
          "function",
          "functionOffset",
          "file",
          "line",
          "runId",
          "code");

  /** The newest so many runs that match are added up. */
  private static final int MAX_RUNS = 1_000;

  /** Results stay for at least this long, and for ten times what they took to add up. */
  private static final long KEPT_NANOS = 1_000_000_000L;

  private static final int KEPT_SUMS = 4;

  private final Views views;
  private final Catalog catalog;
  private final LongSupplier nanoTime;
  private final Map<Key, Sums> kept =
      new LinkedHashMap<>(16, 0.75f, true) {
        private static final long serialVersionUID = 1L;

        @Override
        protected boolean removeEldestEntry(Map.Entry<Key, Sums> eldest) {
          return size() > KEPT_SUMS;
        }
      };

  public FleetBlocks(Views views, Catalog catalog, LongSupplier nanoTime) {
    this.views = views;
    this.catalog = catalog;
    this.nanoTime = nanoTime;
  }

  private record Key(List<String> runIds, Span span) {}

  private record Code(String target, String image, long address, int codeHash, int instructions) {}

  private static final class Sum {
    private final Code code;
    private final String runId;
    private final long vaddr;
    private final Set<String> runs = new HashSet<>(2);
    private final Set<String> nodes = new HashSet<>(2);
    private boolean severalAddresses;
    private int bytes;
    private long executions;

    Sum(Code code, String runId, long vaddr) {
      this.code = code;
      this.runId = runId;
      this.vaddr = vaddr;
    }

    long weight() {
      return executions * code.instructions();
    }
  }

  private record Sums(
      List<Sum> rows, long totalWeight, List<Missing> missing, boolean nothing, long validUntil) {}

  /**
   * @param runs those that match, the newest first
   */
  public Answered of(List<Run> runs, Span span, Page asked) {
    Page page = asked.orElse("weight", true);
    List<Run> used = runs.subList(0, Math.min(MAX_RUNS, runs.size()));
    Sums sums = sums(used, span);
    ToLongFunction<Sum> by =
        switch (page.sort()) {
          case "weight" -> Sum::weight;
          case "executions" -> sum -> sum.executions;
          case "instructions" -> sum -> sum.code.instructions();
          case "bytes" -> sum -> sum.bytes;
          case "runs" -> sum -> sum.runs.size();
          default -> sum -> sum.nodes.size();
        };
    Comparator<Sum> order = Comparator.comparingLong(by);
    List<Sum> sorted =
        sums.rows().stream()
            .sorted(
                (page.descending() ? order.reversed() : order)
                    .thenComparing(sum -> sum.code.address(), Long::compareUnsigned)
                    .thenComparing(sum -> sum.code.codeHash())
                    .thenComparing(sum -> sum.runId))
            .toList();
    List<Map<String, Object>> rows = new ArrayList<>();
    for (Sum sum : sorted.subList(page.from(sorted.size()), page.to(sorted.size()))) {
      rows.add(values(sum));
    }
    Map<String, Object> further =
        row(
            "totalWeight", sums.totalWeight(),
            "runsMatched", runs.size(),
            "runsUsed", used.size());
    further.putAll(RunAnswers.bounds(span));
    return new Answered(
        COLUMNS, rows, page, sorted.size(), further, sums.missing(), sums.nothing());
  }

  private Map<String, Object> values(Sum sum) {
    BlockDetail detail =
        catalog.details(sum.runId, new long[] {sum.vaddr}, new int[] {sum.code.codeHash()}).get(0);
    Map<String, Object> code = CodeJson.of(detail);
    boolean known = sum.code.image() != null;
    return row(
        "target", sum.code.target(),
        "image", sum.code.image(),
        "imageOffset", known ? hex(sum.code.address()) : null,
        "vaddr", sum.severalAddresses ? null : hex(sum.vaddr),
        "codeHash", hex(sum.code.codeHash()),
        "instructions", sum.code.instructions(),
        "bytes", sum.bytes,
        "executions", sum.executions,
        "weight", sum.weight(),
        "runs", sum.runs.size(),
        "nodes", sum.nodes.size(),
        "symbol", code.get("symbol"),
        "function", code.get("function"),
        "functionOffset", code.get("functionOffset"),
        "file", code.get("file"),
        "line", code.get("line"),
        "runId", sum.runId,
        "code", code.get("code"));
  }

  /** One at a time: who comes second finds what the first has added up. */
  private synchronized Sums sums(List<Run> runs, Span span) {
    Key key = new Key(runs.stream().map(Run::getRunId).toList(), span);
    long begin = nanoTime.getAsLong();
    Sums known = kept.get(key);
    if (known != null && begin - known.validUntil() < 0) {
      return known;
    }
    Map<Code, Sum> sums = new HashMap<>();
    Set<Missing> missing = new LinkedHashSet<>();
    long total = 0;
    boolean nothing = !runs.isEmpty();
    for (Run run : runs) {
      View<BlockRows> view =
          views.get(BlockRows.FORM, span.ask(SectionId.HOT_BLOCKS, run.getRunId()), Set.of());
      missing.addAll(view.missing());
      nothing &= view.nothing();
      total += view.data().totalWeight();
      add(run, view.data(), sums);
    }
    long end = nanoTime.getAsLong();
    Sums result =
        new Sums(
            List.copyOf(sums.values()),
            total,
            List.copyOf(missing),
            nothing,
            end + Math.max(KEPT_NANOS, 10 * (end - begin)));
    kept.put(key, result);
    return result;
  }

  private void add(Run run, BlockRows blocks, Map<Code, Sum> sums) {
    Map<BlockId, Place> places = catalog.places(run.getRunId());
    UUID runId = UUID.fromString(run.getRunId());
    for (int block = 0; block < blocks.size(); block++) {
      long vaddr = blocks.vaddr(block);
      Place place = places.get(new BlockId(runId, vaddr, blocks.codeHash(block)));
      Code code =
          new Code(
              run.getTarget(),
              place == null ? null : place.image(),
              place == null ? vaddr : place.offset(),
              blocks.codeHash(block),
              blocks.instructions(block));
      Sum sum = sums.computeIfAbsent(code, none -> new Sum(none, run.getRunId(), vaddr));
      sum.severalAddresses |= sum.vaddr != vaddr;
      sum.bytes = blocks.bytes(block);
      sum.executions += blocks.executions(block);
      sum.runs.add(run.getRunId());
      sum.nodes.add(run.getNode());
    }
  }
}
