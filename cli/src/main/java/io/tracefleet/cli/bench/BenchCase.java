// SPDX-License-Identifier: Apache-2.0
package io.tracefleet.cli.bench;

import io.tracefleet.node.config.TraceMode;
import java.util.List;
import java.util.Map;

/**
 * One row of the comparison.
 *
 * @param id short name, unique in its guest
 * @param title what it is, for people
 * @param method how the guest is run
 */
record BenchCase(String id, String title, Method method) {
  static final BenchCase BARE = new BenchCase("bare", "bare QEMU", new Method.Bare());

  private static final Map<String, String> NONE = Map.of();
  private static final Map<String, String> BLOCKS = Map.of("count", "blocks");

  /** The plugin is there and waits for the node to want something: nothing is recorded. */
  static final BenchCase OFF_ALONE =
      new BenchCase("off-alone", "off, plugin alone", new Method.PluginAlone(TraceMode.OFF, NONE));

  static final BenchCase COUNT_BLOCKS_ALONE =
      new BenchCase(
          "blocks-alone",
          "count blocks, plugin alone",
          new Method.PluginAlone(TraceMode.COUNT, BLOCKS));
  static final BenchCase COUNT_BLOCKS =
      new BenchCase(
          "blocks",
          "count blocks, until the results are there",
          new Method.Everything(TraceMode.COUNT, BLOCKS));
  static final BenchCase COUNT_ALONE =
      new BenchCase(
          "count-alone", "count, plugin alone", new Method.PluginAlone(TraceMode.COUNT, NONE));
  static final BenchCase COUNT =
      new BenchCase(
          "count",
          "count, until the results are there",
          new Method.Everything(TraceMode.COUNT, NONE));
  static final BenchCase FULL_ALONE =
      new BenchCase(
          "full-alone", "full, plugin alone", new Method.PluginAlone(TraceMode.FULL, NONE));
  static final BenchCase FULL =
      new BenchCase(
          "full", "full, until the results are there", new Method.Everything(TraceMode.FULL, NONE));

  /** Tracefleet's own, for a guest. */
  static List<BenchCase> own(BenchGuest.Variant variant) {
    return switch (variant) {
      case MAIN ->
          List.of(
              BARE,
              OFF_ALONE,
              COUNT_BLOCKS_ALONE,
              COUNT_BLOCKS,
              COUNT_ALONE,
              COUNT,
              FULL_ALONE,
              FULL);
      case USER -> List.of(BARE, COUNT_ALONE, COUNT, FULL_ALONE, FULL);
      case SYSTEM -> List.of(BARE, OFF_ALONE, COUNT, FULL_ALONE, FULL);
      case SMALL -> List.of(BARE, FULL_ALONE, FULL);
    };
  }
}
