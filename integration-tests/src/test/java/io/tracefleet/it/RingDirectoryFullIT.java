// SPDX-License-Identifier: Apache-2.0
package io.tracefleet.it;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;

/**
 * No room in the ring directory while a guest runs. A guest that finds none at its start: {@link
 * BadInputIT}.
 */
@ExtendWith(TestCluster.Extension.class)
final class RingDirectoryFullIT {
  private static final Duration LIMIT = Duration.ofMinutes(2);

  /** Room for a ring with two buffers of 0.9 MiB, a child's four besides, and not one more. */
  private static final int MEBIBYTES = 6;

  private static final Pattern COUNT =
      Pattern.compile(
          "([0-9]+) forked child(?:ren)? of run [0-9a-f-]+ (?:were|was) not traced: no room for a"
              + " ring in ");

  @TempDir Path directory;

  @Test
  void forkedChildrenWithoutARingAreCountedAndTheRestIsWhole(TestCluster cluster) throws Exception {
    Path oracle = directory.resolve("oracle");
    Path json = directory.resolve("report.json");
    try (SmallDisk small = SmallDisk.at(directory.resolve("small"), MEBIBYTES)) {
      List<String> arguments = new ArrayList<>(List.of("trace", "--json", json.toString()));
      arguments.addAll(List.of("--ring-dir", small.path().toString(), "--ring-buffers", "2"));
      arguments.addAll(cluster.options());
      arguments.addAll(List.of("--", "qemu-x86_64", "-plugin", Places.oracle() + ",out=" + oracle));
      arguments.addAll(List.of(Places.guest("processes").toString(), "storm", "20"));
      try (CommandLine command = CommandLine.start(directory, arguments)) {
        int code = command.exitCode(LIMIT);

        String errors = command.stderr();
        assertThat(code).as(errors).isEqualTo(1);
        List<String> refused =
            errors.lines().filter(line -> line.contains("a forked child is not traced: ")).toList();
        assertThat(refused)
            .as(errors)
            .isNotEmpty()
            .allMatch(line -> line.contains("there is not enough room for the ring"))
            .allMatch(line -> line.contains(small.path().toString()));
        Matcher counted =
            COUNT.matcher(
                errors
                    .lines()
                    .filter(line -> line.contains("not all of the guest could be traced: "))
                    .findFirst()
                    .orElse(""));
        assertThat(counted.find()).as(errors).isTrue();
        assertThat(counted.group(1)).as(errors).isEqualTo("" + refused.size());
      }
      assertThat(small.path()).as("rings that are left").isEmptyDirectory();
    }
    assertThat(
            Counts.differences(
                Counts.ofOracle(Places.oracleDump(), oracle).asReported(),
                ReportFile.counts(ReportFile.read(json))))
        .isEmpty();
  }
}
