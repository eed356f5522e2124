// SPDX-License-Identifier: Apache-2.0
package io.tracefleet.cli.bench;

import io.tracefleet.cli.console.Console;
import io.tracefleet.node.config.NodeSettings;
import java.nio.file.Path;
import java.util.List;

/** JMH. */
public final class JavaBenchmarks {
  static final String AGGREGATOR = "aggregator";
  static final String AGGREGATOR_PAGES = "aggregator-pages";
  static final String CURSOR = "cursor";
  public static final JavaBenchmarks NONE = new JavaBenchmarks();

  private JavaBenchmarks() {}

  public static JavaBenchmarks of(Path g, Path l, boolean q, List<String> only) {
    return NONE;
  }

  public List<String> names() {
    return List.of();
  }

  public List<JavaResult> run(Path scratch, NodeSettings node, Console console) {
    return List.of();
  }
}
