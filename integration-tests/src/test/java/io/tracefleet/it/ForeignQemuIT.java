// SPDX-License-Identifier: Apache-2.0
package io.tracefleet.it;

import static org.assertj.core.api.Assertions.assertThat;

import io.tracefleet.node.config.TraceMode;
import java.util.List;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** The same library in the QEMUs of Debian 13 (10.0, API 2 to 4) and Debian sid (11.1, API 7). */
@ExtendWith(TestCluster.Extension.class)
final class ForeignQemuIT {
  @ParameterizedTest(name = "{0}, {2} vCPUs, {3}")
  @CsvSource({
    "trixie, 2, 1, FULL",
    "trixie, 2, 4, FULL",
    "trixie, 2, 4, COUNT",
    "sid, 7, 1, FULL",
    "sid, 7, 4, FULL",
    "sid, 7, 4, COUNT"
  })
  void bareMetal(String release, int apiMin, int vcpus, TraceMode mode, TestCluster cluster)
      throws Exception {
    List<String> command = BareMetalIT.command(Places.foreignQemu(release).toString(), vcpus);

    try (Traces traces = Traces.open(cluster)) {
      Traces.Traced traced = traces.trace(mode, command);

      traces.assertEqual(traced);
      assertThat(traced.outcome().exitCode()).as(traces.said()).isZero();
      assertThat(traced.root().run().pluginApi().min()).isEqualTo(apiMin);
      // These end the block at the port output, so the vCPU may be stopped before the last two.
      BareMetalIT.assertKnownByHand(traced, vcpus, 2);
    }
  }

  /**
   * From 10.0 on QEMU tells plugins another vCPU than that which executes, if they share a thread.
   */
  @ParameterizedTest
  @ValueSource(strings = {"trixie", "sid"})
  void severalVcpusOnOneThreadAreRefused(String release) throws Exception {
    List<String> command = BareMetalIT.command(Places.foreignQemu(release).toString(), 2);
    PluginRun.Setup setup = PluginRun.of(LinuxBootIT.onOneThread(command));
    if (release.equals("sid")) {
      setup = setup.environment("TRACEFLEET_PLUGIN_API", "7");
    }

    try (PluginRun run = setup.run()) {
      assertThat(run.exitCode()).as(run.said()).isEqualTo(1);
      assertThat(run.said()).contains("tracefleet: one thread runs several vCPUs");
    }
  }

  @ParameterizedTest(name = "{0}, {2} vCPUs, {3}")
  @CsvSource({"trixie, 2, 2, FULL", "trixie, 2, 2, COUNT", "sid, 7, 4, FULL", "sid, 7, 4, COUNT"})
  void linuxBoot(String release, int apiMin, int vcpus, TraceMode mode, TestCluster cluster)
      throws Exception {
    List<String> command = LinuxBootIT.command(Places.foreignQemu(release).toString(), vcpus);

    try (Traces traces = Traces.open(cluster)) {
      Traces.Traced traced = traces.trace(mode, command);

      traces.assertEqual(traced);
      assertThat(traced.outcome().exitCode()).as(traces.said()).isZero();
      assertThat(traces.said()).contains("tracefleet: booted on " + vcpus + " vCPUs");
      assertThat(traced.root().run().pluginApi().min()).isEqualTo(apiMin);
    }
  }
}
