// SPDX-License-Identifier: Apache-2.0
package io.tracefleet.cli.bench;

import java.util.List;
import java.util.Optional;

/**
 * One guest, measured.
 *
 * @param id of the guest
 * @param title of the guest
 * @param command its program and arguments, or QEMU's where the guest is a machine
 * @param vcpus that it uses
 * @param cases bare QEMU first
 */
record GuestResult(String id, String title, String command, int vcpus, List<CaseResult> cases) {
  GuestResult {
    cases = List.copyOf(cases);
  }

  /** What it executes, as a full trace found it, else as a count. */
  Optional<Events> events() {
    return find(BenchCase.FULL.id())
        .flatMap(CaseResult::events)
        .or(() -> find(BenchCase.COUNT.id()).flatMap(CaseResult::events));
  }

  Optional<CaseResult> find(String caseId) {
    return cases.stream().filter(which -> which.id().equals(caseId)).findFirst();
  }
}
