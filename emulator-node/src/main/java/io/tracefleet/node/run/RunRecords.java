// SPDX-License-Identifier: Apache-2.0
package io.tracefleet.node.run;

import io.tracefleet.node.config.TraceWish;
import io.tracefleet.node.ring.RingInfo;
import io.tracefleet.node.ring.VcpuTally;
import io.tracefleet.schemas.EpochMicros;
import io.tracefleet.schemas.Run;
import io.tracefleet.schemas.TraceChange;
import io.tracefleet.schemas.TracedRange;
import io.tracefleet.schemas.TracedWindow;
import io.tracefleet.schemas.VcpuAtChange;
import io.tracefleet.schemas.VcpuTotals;
import java.util.List;
import java.util.OptionalLong;

/** Builds run records. */
final class RunRecords {
  private RunRecords() {}

  /** How a run ended: {@code exitCode} may be null. */
  record End(long atMicros, Integer exitCode, String reason) {}

  static Run started(GuestManifest guest, RingInfo ring, RunChanges changes) {
    return Run.newBuilder()
        .setChanges(changes.records())
        .setChangesLeftOut(changes.leftOut())
        .setRunId(ring.runId())
        .setParentRunId(ring.parentRunId().orElse(null))
        .setRootRunId(guest.rootRunId())
        .setNode(guest.node())
        .setName(guest.name())
        .setLabels(guest.labels())
        .setCommand(guest.command())
        .setTarget(ring.target())
        .setSystemEmulation(ring.systemEmulation())
        .setQemuVersion(guest.qemuVersion())
        .setPluginApiMin(ring.apiMin())
        .setPluginApiCurrent(ring.apiCurrent())
        .setSmpVcpus(ring.smpVcpus())
        .setMaxVcpus(ring.maxVcpus())
        .setMode(ring.mode().word())
        .setWhenFull(ring.whenFull().word())
        .setImage(ring.image().orElse(null))
        .setStartCode(boxed(ring.startCode()))
        .setEndCode(boxed(ring.endCode()))
        .setEntryCode(boxed(ring.entryCode()))
        .setStart(EpochMicros.instant(ring.createdMicros()))
        .setPluginVersion(guest.pluginVersion())
        .build();
  }

  static Run ended(
      GuestManifest guest,
      RingInfo ring,
      RunChanges changes,
      End end,
      List<VcpuTally> tallies,
      long batches,
      long payloadBytes,
      long wireBytes,
      long heldNanos) {
    return Run.newBuilder(started(guest, ring, changes))
        .setEnd(EpochMicros.instant(end.atMicros()))
        .setExitCode(end.exitCode())
        .setEndReason(end.reason())
        .setTotals(tallies.stream().map(RunRecords::totals).toList())
        .setBatches(batches)
        .setPayloadBytes(payloadBytes)
        .setWireBytes(wireBytes)
        .setHeldNanos(heldNanos)
        .build();
  }

  /** A change that the plugin has made. */
  static TraceChange change(MadeChange made) {
    TraceWish to = made.to();
    return TraceChange.newBuilder()
        .setAt(EpochMicros.instant(made.micros()))
        .setFrom(made.from().word())
        .setTo(to.mode().word())
        .setAddressFilters(
            to.ranges().stream().map(r -> new TracedRange(r.begin(), r.end())).toList())
        .setVcpuFilter(to.vcpus())
        .setWindows(
            to.windows().stream()
                .map(w -> new TracedWindow(w.from(), w.count(), w.every()))
                .toList())
        .setAskedBy(to.askedBy())
        .setVcpus(
            made.vcpus().entrySet().stream()
                .map(
                    vcpu ->
                        new VcpuAtChange(
                            vcpu.getKey(), vcpu.getValue().traced(), vcpu.getValue().passed()))
                .toList())
        .build();
  }

  private static VcpuTotals totals(VcpuTally tally) {
    return VcpuTotals.newBuilder()
        .setVcpu(tally.vcpu())
        .setGenerations(tally.generations())
        .setExecuted(tally.executed())
        .setEncoded(tally.encoded())
        .setDropped(tally.dropped())
        .setPublished(tally.published())
        .setBatches(tally.batches())
        .setDroppedBatches(tally.droppedBatches())
        .setPassed(tally.passed())
        .build();
  }

  private static Long boxed(OptionalLong value) {
    return value.isPresent() ? value.getAsLong() : null;
  }
}
