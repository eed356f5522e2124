// SPDX-License-Identifier: Apache-2.0
package io.tracefleet.it;

import static org.assertj.core.api.Assertions.assertThat;

import io.tracefleet.node.config.TraceMode;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/**
 * Count mode without accesses: every execution of every block is the oracle's. From QEMU 9.0 on
 * system emulation counts them by inline operations on scoreboards. Without Kafka.
 */
final class CountBlocksIT {
  private static final int IN_LINE = 1;
  private static final int CLOSED = 4;
  private static final int REINSTRUMENT = 2;

  private static PluginRun.Setup countBlocks(String release, List<String> command) {
    PluginRun.Setup setup =
        PluginRun.of(command).mode(TraceMode.COUNT).plugin("count=blocks").withOracle();
    return release.equals("sid") ? setup.environment("TRACEFLEET_PLUGIN_API", "7") : setup;
  }

  private static String qemu(String release) throws Exception {
    return release.equals("host") ? "qemu-system-x86_64" : Places.foreignQemu(release).toString();
  }

  private static void assertEqual(PluginRun run) throws Exception {
    Counts oracle = run.oracle();
    Counts traced = run.ring().counts();
    assertThat(Counts.differences(oracle.only("block "), traced.only("block "))).isEmpty();
    for (String vcpu : oracle.only("vcpu ").lines().keySet()) {
      for (String what : Set.of("blocks", "idles", "resumes")) {
        assertThat(traced.number(vcpu, what))
            .as(vcpu + ": " + what)
            .isEqualTo(oracle.number(vcpu, what));
      }
    }
    assertThat(traced.sum("vcpu ", "instructions")).isEqualTo(oracle.instructionsOfBlocks());
    assertThat(traced.only("page ", "hwaddr ").isEmpty()).isTrue();
  }

  @ParameterizedTest(name = "{0}, {1} vCPUs")
  @CsvSource({"host, 1, 0", "host, 4, 0", "trixie, 4, 1", "sid, 1, 1", "sid, 4, 1"})
  void bareMetal(String release, int vcpus, int tallyState) throws Exception {
    try (PluginRun run = countBlocks(release, BareMetalIT.command(qemu(release), vcpus)).run()) {
      assertThat(run.exitCode()).as(run.said()).isZero();
      assertEqual(run);
      assertThat(run.ring().tallyState()).isEqualTo(tallyState);
    }
  }

  @ParameterizedTest(name = "{0}, {1} vCPUs")
  @CsvSource({"trixie, 2", "sid, 4"})
  void linuxBoot(String release, int vcpus) throws Exception {
    try (PluginRun run =
        countBlocks(release, LinuxBootIT.command(qemu(release), vcpus))
            .flushEveryMillis(500)
            .run()) {
      assertThat(run.exitCode()).as(run.said()).isZero();
      assertThat(run.said()).contains("tracefleet: booted on " + vcpus + " vCPUs");
      assertEqual(run);
      assertThat(run.ring().tallyState()).isEqualTo(IN_LINE);
    }
  }

  /** As when the tables are full: from then on callbacks count. */
  @Test
  void countingInLineEndsWhileSeveralVcpusRun() throws Exception {
    try (PluginRun run =
        countBlocks("sid", LinuxBootIT.command(qemu("sid"), 2)).flushEveryMillis(500).start()) {
      run.await(
          r ->
              r.rings().stream()
                  .filter(ring -> ring.tallyState() == IN_LINE && ring.batches() > 10)
                  .forEach(ring -> ring.control(REINSTRUMENT)));
      assertThat(run.exitCode()).as(run.said()).isZero();
      assertEqual(run);
      assertThat(run.ring().tallyState()).isEqualTo(CLOSED);
    }
  }

  @ParameterizedTest
  @CsvSource({"strings, 1", "threads, 4"})
  void userMode(String guest, int tallyState) throws Exception {
    try (PluginRun run =
        countBlocks("host", List.of("qemu-x86_64", Places.guest(guest).toString())).run()) {
      assertEqual(run);
      assertThat(run.ring().tallyState()).isEqualTo(tallyState);
    }
  }
}
