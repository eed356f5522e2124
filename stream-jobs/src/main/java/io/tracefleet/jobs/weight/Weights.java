// SPDX-License-Identifier: Apache-2.0
package io.tracefleet.jobs.weight;

import io.tracefleet.schemas.Run;
import io.tracefleet.schemas.VcpuTotals;
import java.util.Collections;
import java.util.Map;
import java.util.TreeMap;

/**
 * The weights of a run's vCPUs.
 *
 * @param byVcpu by QEMU's vCPU index, in its order
 */
public record Weights(Map<Integer, Weight> byVcpu) {
  /** Nothing was passed over. */
  public static final Weights NONE = new Weights(Map.of());

  public Weights {
    byVcpu = Collections.unmodifiableMap(new TreeMap<>(byVcpu));
  }

  /**
   * The weights of a run: by the node's totals once it has ended, before by what its batches said.
   *
   * @param soFar by vCPU, what was aggregated, and passed over when the last batch was sealed
   */
  public static Weights of(Run run, Map<Integer, Weight> soFar) {
    Map<Integer, Weight> weights = new TreeMap<>(soFar);
    if (run.getTotals() != null) {
      for (VcpuTotals total : run.getTotals()) {
        weights.put(total.getVcpu(), new Weight(total.getEncoded(), total.getPassed()));
      }
    }
    return new Weights(weights);
  }

  /** Of a vCPU; of one that is not known, that nothing was passed over. */
  public Weight of(int vcpu) {
    return byVcpu.getOrDefault(vcpu, Weight.ONE);
  }

  /** True if scaling changes anything. */
  public boolean scale() {
    return byVcpu.values().stream().anyMatch(Weight::scales);
  }

  /** Passed over on all vCPUs, also on those on which nothing can stand for it. */
  public long passed() {
    return byVcpu.values().stream().mapToLong(Weight::passed).sum();
  }
}
