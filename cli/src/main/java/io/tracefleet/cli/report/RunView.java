// SPDX-License-Identifier: Apache-2.0
package io.tracefleet.cli.report;

import io.tracefleet.schemas.Run;
import java.util.List;

/**
 * A run's report and what only the tables show.
 *
 * @param run the run's own record
 * @param report what goes into JSON
 * @param blocks the report's hot blocks, in the same order, with their details
 * @param pages RAM pages over all vCPUs, most accesses first
 */
public record RunView(Run run, RunReport report, List<BlockView> blocks, List<PageView> pages) {
  public RunView {
    blocks = List.copyOf(blocks);
    pages = List.copyOf(pages);
  }
}
