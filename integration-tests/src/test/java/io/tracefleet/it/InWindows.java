// SPDX-License-Identifier: Apache-2.0
package io.tracefleet.it;

import io.tracefleet.node.config.GuestSpec;
import io.tracefleet.node.config.TraceMode;
import io.tracefleet.schemas.InstructionWindow;
import io.tracefleet.schemas.TraceControl;
import java.nio.file.Path;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.List;

/** Guests of which only windows are recorded: untraced until the node has been told which. */
final class InWindows {
  private static final String NODE = "it";

  private InWindows() {}

  /** The same small loop again and again, for a second or so. */
  static List<String> uniform(Path directory) throws Exception {
    return List.of("qemu-x86_64", TinyGuest.loops(directory, 6_000).toString());
  }

  /** Traces a guest to its end, so many of each so many instructions. */
  static Traces.Traced trace(
      TestCluster cluster, Traces traces, String name, List<String> command, long count, long every)
      throws Exception {
    cluster.control(
        NODE,
        TraceControl.newBuilder()
            .setMode("full")
            .setWindows(List.of(new InstructionWindow(0L, count, every)))
            .setUpdatedBy("InWindows")
            .setUpdatedAt(Instant.now().truncatedTo(ChronoUnit.MICROS))
            .build());
    try {
      return traces.trace(GuestSpec.of(command).withName(name).withMode(TraceMode.OFF));
    } finally {
      cluster.control(NODE, null);
    }
  }
}
