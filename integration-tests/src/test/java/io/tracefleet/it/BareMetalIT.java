// SPDX-License-Identifier: Apache-2.0
package io.tracefleet.it;

import static org.assertj.core.api.Assertions.assertThat;

import io.tracefleet.cli.report.RunReport;
import io.tracefleet.node.config.TraceMode;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/** The bare-metal guest: the oracle's counts, and those that its source says. */
@ExtendWith(TestCluster.Extension.class)
final class BareMetalIT {
  static Stream<Arguments> cases() {
    return IntStream.of(1, 4)
        .boxed()
        .flatMap(
            n -> Stream.of(TraceMode.FULL, TraceMode.COUNT).map(mode -> Arguments.of(n, mode)));
  }

  static List<String> command(String qemu, int vcpus) {
    return List.of(
        qemu,
        "-bios",
        Places.guest("bare.bin").toString(),
        "-smp",
        Integer.toString(vcpus),
        "-m",
        "64",
        "-nographic",
        "-vga",
        "none",
        "-net",
        "none",
        "-no-reboot");
  }

  @ParameterizedTest(name = "{0} vCPUs, {1}")
  @MethodSource("cases")
  void everyCountIsTheOraclesAndIsKnownByHand(int vcpus, TraceMode mode, TestCluster cluster)
      throws Exception {
    try (Traces traces = Traces.open(cluster)) {
      Traces.Traced traced = traces.trace(mode, command("qemu-system-x86_64", vcpus));

      traces.assertEqual(traced);
      assertThat(traced.outcome().exitCode()).as(traces.said()).isZero();
      assertThat(traces.said()).contains("bare: up");
      assertThat(traced.root().run().smpVcpus()).isEqualTo(vcpus);
      assertKnownByHand(traced, vcpus, 0);
      // In 7.2 a callback on each block, and on each access: guests/system/bare.S.
      assertThat(traced.rootCounts().number("vcpu 0.0", "instructions"))
          .isEqualTo(91559 + (vcpus - 1) * 28L);
    }
  }

  /**
   * The numbers in guests/system/bare.S.
   *
   * @param unfinished instructions behind the one that powers off which may not have come to pass
   */
  static void assertKnownByHand(Traces.Traced traced, int vcpus, int unfinished) {
    Counts counts = traced.rootCounts();
    long others = vcpus - 1;
    assertThat(counts.number("vcpu 0.0", "instructions"))
        .isBetween(91559 + others * 28 - unfinished, 91559 + others * 28);
    for (int v = 1; v < vcpus; v++) {
      assertThat(counts.number("vcpu " + v + ".0", "instructions"))
          .as("vCPU " + v)
          // Having answered, it may be stopped before its last two instructions.
          .isBetween(81966L, 81968L);
    }
    for (int v = 0; v < vcpus; v++) {
      for (int p = 0; p < 16; p++) {
        assertThat(
                counts.line("page 0x" + Integer.toHexString(0x200000 + v * 0x10000 + p * 0x1000)))
            .isEqualTo("reads=1024 writes=1024 readBytes=4096 writeBytes=4096");
      }
      assertThat(counts.line("hwaddr " + v + " IO apic-msi"))
          .isEqualTo(
              v == 0
                  ? "reads=1 writes=%d readBytes=4 writeBytes=%d"
                      .formatted(17 + others * 8, 4 * (17 + others * 8))
                  : "reads=1 writes=7 readBytes=4 writeBytes=28");
    }
    for (int p = 0; p < 16; p++) {
      assertThat(counts.line("page 0x" + Integer.toHexString(0x400000 + p * 0x1000)))
          .isEqualTo("reads=0 writes=64 readBytes=0 writeBytes=256");
    }
    assertThat(counts.line("hwaddr 0 IO ioapic"))
        .isEqualTo("reads=1 writes=5 readBytes=4 writeBytes=20");
    // The HPET is smaller than a page; not every QEMU has a name for it.
    List<RunReport.HwaddrRow> rest = new ArrayList<>(traced.root().hwaddr());
    rest.removeIf(
        row -> row.kind().equals("RAM") || List.of("apic-msi", "ioapic").contains(row.device()));
    assertThat(rest)
        .singleElement()
        .satisfies(
            row -> {
              assertThat(row.vcpu()).isZero();
              assertThat(row.reads()).isEqualTo(5);
              assertThat(row.writes()).isEqualTo(6);
            });
  }
}
