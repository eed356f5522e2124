// SPDX-License-Identifier: Apache-2.0
package io.tracefleet.jobs.code;

import io.tracefleet.schemas.Run;
import java.util.Collections;
import java.util.HashSet;
import java.util.Objects;
import java.util.Set;

/**
 * The same code in many runs, added up. Address, path and run are those of one of them: one whose
 * function is known, then the lowest address, the first path, the newest run.
 */
public final class FleetBlock {
  private final int codeHash;
  private final int instructions;
  /* Most blocks are in one run only: kernels lie elsewhere in each, and there are millions of them. */
  private Set<String> runs = Set.of();
  private Set<String> nodes = Set.of();
  private boolean severalAddresses;
  private int bytes;
  private long executions;
  private long weight;
  private String runId;
  private String target;
  private long vaddr;
  private CodePlace place;

  FleetBlock(int codeHash, int instructions) {
    this.codeHash = codeHash;
    this.instructions = instructions;
  }

  void add(
      Run run,
      long itsVaddr,
      CodePlace itsPlace,
      int itsBytes,
      long itsExecutions,
      long itsWeight) {
    severalAddresses |= runId != null && vaddr != itsVaddr;
    if (runId == null || isBetter(run.getRunId(), itsVaddr, itsPlace)) {
      runId = run.getRunId();
      target = run.getTarget();
      vaddr = itsVaddr;
      place = itsPlace;
    }
    bytes = itsBytes;
    executions += itsExecutions;
    weight += itsWeight;
    runs = with(runs, run.getRunId());
    nodes = with(nodes, run.getNode());
  }

  private static Set<String> with(Set<String> set, String one) {
    if (set.contains(one)) {
      return set;
    }
    if (set.isEmpty()) {
      return Set.of(one);
    }
    Set<String> more = set.size() == 1 ? new HashSet<>(set) : set;
    more.add(one);
    return more;
  }

  private boolean isBetter(String itsRunId, long itsVaddr, CodePlace itsPlace) {
    boolean named = itsPlace.functionName() != null;
    if (named != (place.functionName() != null)) {
      return named;
    }
    int order = Long.compareUnsigned(itsVaddr, vaddr);
    if (order == 0) {
      order = Objects.compare(itsPlace.image(), place.image(), HotFunction.NAMES);
    }
    return order != 0 ? order < 0 : itsRunId.compareTo(runId) > 0;
  }

  /** FNV-1a 32 of the code bytes. */
  public int codeHash() {
    return codeHash;
  }

  /** In the block. */
  public int instructions() {
    return instructions;
  }

  /** Of code. */
  public int bytes() {
    return bytes;
  }

  /** In all runs. */
  public long executions() {
    return executions;
  }

  /** Instructions executed in it: executions times instructions, if none of it is scaled. */
  public long weight() {
    return weight;
  }

  /** Ids of those that executed it. */
  public Set<String> runs() {
    return Collections.unmodifiableSet(runs);
  }

  /** Names of those that these ran on. */
  public Set<String> nodes() {
    return Collections.unmodifiableSet(nodes);
  }

  /** True if it was at more than one address. */
  public boolean severalAddresses() {
    return severalAddresses;
  }

  /** The run that address and path are of. */
  public String runId() {
    return runId;
  }

  public String target() {
    return target;
  }

  public long vaddr() {
    return vaddr;
  }

  public CodePlace place() {
    return place;
  }
}
