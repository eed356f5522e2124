// SPDX-License-Identifier: Apache-2.0
package io.tracefleet.cli.bench;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What is measured, given what there is and what was asked for. */
final class BenchPlanTest {
  @TempDir private Path directory;
  private Path linux;

  @BeforeEach
  void setUp() {
    linux = directory.resolve("linux");
  }

  private List<String> names(boolean quick, Path plugins, List<Path> tools, String... only) {
    BenchPlan plan =
        BenchPlan.all(directory, linux, quick, 2, new Peers(plugins, tools))
            .only(Benchmark.filter(List.of(only)));
    List<String> names = new ArrayList<>();
    plan.guests()
        .forEach((guest, cases) -> cases.forEach(c -> names.add(guest.id() + "/" + c.id())));
    return names;
  }

  private void file(String name) throws IOException {
    Files.writeString(directory.resolve(name), "");
    directory.resolve(name).toFile().setExecutable(true);
  }

  @Test
  void everyGuestBeginsWithBareQemu() {
    BenchPlan plan = BenchPlan.all(directory, linux, false, 2, new Peers(null, List.of()));

    assertThat(plan.guests()).hasSize(7);
    assertThat(plan.guests().values())
        .allSatisfy(cases -> assertThat(cases).first().isEqualTo(BenchCase.BARE));
    assertThat(plan.needsPipeline()).isTrue();
  }

  @Test
  void bareQemuStaysWhereACaseStays() {
    assertThat(names(false, null, List.of(), "linux/full-alone", "h*/count-a"))
        .containsExactly(
            "bench/bare",
            "bench/count-alone",
            "chase/bare",
            "chase/count-alone",
            "linux/bare",
            "linux/full-alone");
  }

  @Test
  void tracingThatIsOffIsMeasuredInUserModeAndInLinux() {
    assertThat(names(false, null, List.of(), "off"))
        .containsExactly("bench/bare", "bench/off-alone", "linux/bare", "linux/off-alone");
  }

  @Test
  void aQuickRunHasNoLinux() {
    assertThat(names(true, null, List.of())).noneMatch(name -> name.startsWith("linux/"));
  }

  @Test
  void onlyAloneNeedsNoPipeline() {
    BenchPlan plan =
        BenchPlan.all(directory, linux, false, 2, new Peers(null, List.of()))
            .only(Benchmark.filter(List.of("bench/count-alone")));

    assertThat(plan.needsPipeline()).isFalse();
  }

  @Test
  void peersAreCasesWhereTheyAreThere() throws IOException {
    file("libhotblocks.so");
    file("libexeclog.so");
    file("valgrind");

    assertThat(
            names(
                false,
                directory,
                List.of(directory),
                "hotblocks",
                "hwprofile",
                "execlog",
                "lackey",
                "drmemtrace"))
        .containsExactly(
            "bench/bare", "bench/hotblocks", "small/bare", "small/execlog", "small/lackey");
  }
}
