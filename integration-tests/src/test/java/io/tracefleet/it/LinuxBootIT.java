// SPDX-License-Identifier: Apache-2.0
package io.tracefleet.it;

import static org.assertj.core.api.Assertions.assertThat;

import io.tracefleet.node.config.TraceMode;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Debian's Linux boots, runs a few programs and powers off: every number is the oracle's. */
@ExtendWith(TestCluster.Extension.class)
final class LinuxBootIT {
  static List<String> command(String qemu, int vcpus) throws Exception {
    Path linux = Places.linux();
    return List.of(
        qemu,
        "-smp",
        Integer.toString(vcpus),
        "-m",
        "256",
        "-net",
        "none",
        "-kernel",
        linux.resolve("vmlinuz").toString(),
        "-initrd",
        linux.resolve("initramfs.gz").toString(),
        "-append",
        "console=ttyS0 panic=-1 quiet",
        "-nographic",
        "-no-reboot");
  }

  /**
   * Up to 10.0, QEMU may end by itself when a vCPU changes the memory map while another one's
   * device access is explained to a plugin: with 4 vCPUs it often does. It cannot where one thread
   * runs them all.
   */
  static List<String> onOneThread(List<String> command) {
    List<String> one = new ArrayList<>(command);
    one.addAll(1, List.of("-accel", "tcg,thread=single"));
    return one;
  }

  @ParameterizedTest(name = "{0} vCPUs, {1}")
  @CsvSource({"1, FULL", "2, FULL", "4, FULL", "1, COUNT", "2, COUNT", "4, COUNT"})
  void everyCountIsTheOracles(int vcpus, TraceMode mode, TestCluster cluster) throws Exception {
    List<String> command = command("qemu-system-x86_64", vcpus);
    try (Traces traces = Traces.open(cluster)) {
      Traces.Traced traced = traces.trace(mode, vcpus < 4 ? command : onOneThread(command));

      traces.assertEqual(traced);
      assertThat(traced.outcome().exitCode()).as(traces.said()).isZero();
      assertThat(traces.said()).contains("tracefleet: booted on " + vcpus + " vCPUs");
      assertThat(traced.root().vcpus()).hasSize(vcpus);
      // One thread for all vCPUs sleeps for none of them.
      assertThat(traced.root().vcpus())
          .allSatisfy(v -> assertThat(v.idles() > 0).isEqualTo(vcpus < 4));
    }
  }
}
