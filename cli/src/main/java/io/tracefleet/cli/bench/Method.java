// SPDX-License-Identifier: Apache-2.0
package io.tracefleet.cli.bench;

import io.tracefleet.node.config.TraceMode;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;

/** How a guest is run. */
sealed interface Method {
  /** QEMU and nothing else: what the others are compared with. */
  record Bare() implements Method {}

  /**
   * With the plugin, which throws every batch away.
   *
   * @param options further arguments of the plugin
   */
  record PluginAlone(TraceMode mode, Map<String, String> options) implements Method {}

  /**
   * With plugin, node, broker and jobs on this machine, until the results are there.
   *
   * @param options further arguments of the plugin
   */
  record Everything(TraceMode mode, Map<String, String> options) implements Method {}

  /**
   * With a plugin that is not ours.
   *
   * @param library its file
   * @param logged what it prints goes to a file, whose size is measured
   */
  record StockPlugin(Path library, boolean logged) implements Method {}

  /**
   * The program in another tool, without QEMU.
   *
   * @param prefix the tool and its arguments; {@code {out}} stands for a directory to write to
   */
  record Tool(List<String> prefix) implements Method {}
}
