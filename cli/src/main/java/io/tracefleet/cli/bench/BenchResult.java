// SPDX-License-Identifier: Apache-2.0
package io.tracefleet.cli.bench;

import io.tracefleet.cli.see.SeeFigure;
import io.tracefleet.cli.see.SeeResult;
import java.util.List;
import java.util.Optional;

/**
 * All that was measured.
 *
 * @param machine on which
 * @param command how to do it again
 * @param quick the guests were too short to say whether targets are reached
 * @param rounds of each case
 * @param seconds that it took
 * @param guests in the order measured
 * @param java JMH's; empty if they were not asked for
 * @param see what users wait for
 */
public record BenchResult(
    Machine machine,
    String command,
    boolean quick,
    int rounds,
    long seconds,
    List<GuestResult> guests,
    List<JavaResult> java,
    SeeResult see) {
  public BenchResult {
    guests = List.copyOf(guests);
    java = List.copyOf(java);
  }

  Optional<GuestResult> guest(String id) {
    return guests.stream().filter(guest -> guest.id().equals(id)).findFirst();
  }

  Optional<CaseResult> find(String guestId, String caseId) {
    return guest(guestId).flatMap(guest -> guest.find(caseId));
  }

  Optional<Spread> see(SeeFigure figure) {
    return Spread.of(see.samples().getOrDefault(figure, List.of()));
  }

  Optional<JavaResult> java(String id) {
    return java.stream().filter(result -> result.id().equals(id)).findFirst();
  }
}
