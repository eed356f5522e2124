// SPDX-License-Identifier: Apache-2.0
package io.tracefleet.node.ring;

import io.tracefleet.node.config.TraceMode;
import io.tracefleet.node.config.WhenFull;
import io.tracefleet.node.qemu.ProcessIdentity;
import java.util.Optional;
import java.util.OptionalLong;

/**
 * What a ring's header says about its run.
 *
 * @param runId UUID version 7
 * @param parentRunId run that it was forked from
 * @param process that writes the ring
 * @param createdMicros since the epoch
 * @param target QEMU's target name
 * @param apiMin oldest plugin API that this QEMU accepts
 * @param apiCurrent its plugin API
 * @param smpVcpus at start; 0 in user mode
 * @param maxVcpus 0 in user mode
 * @param mode at the start
 * @param image path of the guest's program, user mode
 * @param startCode guest address, user mode
 * @param endCode guest address, user mode
 * @param entryCode guest address, user mode
 */
public record RingInfo(
    String runId,
    Optional<String> parentRunId,
    ProcessIdentity process,
    long createdMicros,
    String target,
    int apiMin,
    int apiCurrent,
    boolean systemEmulation,
    int smpVcpus,
    int maxVcpus,
    TraceMode mode,
    WhenFull whenFull,
    Optional<String> image,
    OptionalLong startCode,
    OptionalLong endCode,
    OptionalLong entryCode) {}
