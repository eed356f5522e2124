// SPDX-License-Identifier: Apache-2.0
package io.tracefleet.jobs.answers;

import io.tracefleet.schemas.EpochMicros;
import io.tracefleet.schemas.Run;
import java.util.Map;

/**
 * Which runs are wanted; null and empty mean all.
 *
 * @param node name of the node
 * @param name of the guest
 * @param target QEMU's target name
 * @param root first run of the tree
 * @param labels that the run must have, with these values
 * @param ended true: only those that have ended; false: only those that go on
 * @param start when they started
 */
public record RunFilter(
    String node,
    String name,
    String target,
    String root,
    Map<String, String> labels,
    Boolean ended,
    Span start) {
  public RunFilter {
    labels = Map.copyOf(labels);
  }

  boolean accepts(Run run) {
    return (node == null || node.equals(run.getNode()))
        && (name == null || name.equals(run.getName()))
        && (target == null || target.equals(run.getTarget()))
        && (root == null || root.equals(run.getRootRunId()))
        && (ended == null || ended == (run.getEnd() != null))
        && labels.entrySet().stream()
            .allMatch(label -> label.getValue().equals(run.getLabels().get(label.getKey())))
        && start.contains(EpochMicros.of(run.getStart()));
  }
}
