// SPDX-License-Identifier: Apache-2.0
package io.tracefleet.cli.report;

import com.fasterxml.jackson.annotation.JsonPropertyOrder;
import java.util.List;
import java.util.Map;

/**
 * One run in a list of runs; the names are those of its JSON form.
 *
 * @param runId the run
 * @param parentRunId run that it was forked from, or null
 * @param rootRunId first run of its tree
 * @param node node that ran it
 * @param name the guest's name
 * @param labels given by the user
 * @param target QEMU's target name
 * @param systemEmulation false: user mode
 * @param mode full or count
 * @param command QEMU's command line as the user gave it
 * @param start microseconds since the epoch
 * @param end microseconds since the epoch, null while the run goes on
 * @param exitCode of the process, null if not known
 * @param endReason why it ended, null while the run goes on
 * @param executed instructions executed, null while the run goes on
 */
@JsonPropertyOrder({
  "runId",
  "parentRunId",
  "rootRunId",
  "node",
  "name",
  "labels",
  "target",
  "systemEmulation",
  "mode",
  "command",
  "start",
  "end",
  "exitCode",
  "endReason",
  "executed"
})
public record RunSummary(
    String runId,
    String parentRunId,
    String rootRunId,
    String node,
    String name,
    Map<String, String> labels,
    String target,
    boolean systemEmulation,
    String mode,
    List<String> command,
    long start,
    Long end,
    Integer exitCode,
    String endReason,
    Long executed) {}
