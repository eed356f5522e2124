// SPDX-License-Identifier: Apache-2.0
package io.tracefleet.cli.cluster;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

final class DataDirectoryTest {
  @TempDir private Path base;

  @Test
  void isPrivateAndDeletedInTheEnd() throws Exception {
    DataDirectory data = DataDirectory.temporary(base);
    Files.createDirectories(data.path().resolve("a/b"));
    Files.writeString(data.path().resolve("a/b/c"), "x");
    assertThat(Files.getPosixFilePermissions(data.path()))
        .isEqualTo(PosixFilePermissions.fromString("rwx------"));

    data.close();

    assertThat(base).isEmptyDirectory();
  }

  @Test
  void deletesWhatADeadProcessLeft() throws Exception {
    Path leftover = Files.createDirectory(base.resolve("tracefleet-cluster-1"));
    Files.createFile(leftover.resolve("lock"));
    Path justMade = Files.createDirectory(base.resolve("tracefleet-cluster-2"));
    Path foreign = Files.createDirectory(base.resolve("other"));

    try (DataDirectory data = DataDirectory.temporary(base)) {
      assertThat(leftover).doesNotExist();
      assertThat(justMade).exists();
      assertThat(foreign).exists();
      assertThat(data.path()).exists();
    }
  }

  @Test
  void leavesADirectoryInUseAlone() throws Exception {
    try (DataDirectory first = DataDirectory.temporary(base);
        DataDirectory second = DataDirectory.temporary(base)) {
      assertThat(first.path()).exists();
      assertThat(second.path()).exists();
    }
  }

  @Test
  void leavesADirectoryThatAnotherProcessUsesAloneUntilItIsKilled() throws Exception {
    Process other =
        new ProcessBuilder(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-Xmx32m",
                "-cp",
                System.getProperty(
                    "surefire.test.class.path", System.getProperty("java.class.path")),
                DataDirectoryHolder.class.getName(),
                base.toString())
            .redirectError(ProcessBuilder.Redirect.INHERIT)
            .start();
    try {
      Path held = Path.of(other.inputReader().readLine());

      try (DataDirectory mine = DataDirectory.temporary(base)) {
        assertThat(mine.path()).exists();
        assertThat(held).exists();
      }

      other.destroyForcibly().waitFor();
      assertThat(held).exists();
      DataDirectory.temporary(base).close();
      assertThat(held).doesNotExist();
    } finally {
      other.destroyForcibly();
    }
  }

  @Test
  void aSecondOneInThisProcessLeavesTheFirstLocked() throws Exception {
    try (DataDirectory first = DataDirectory.temporary(base);
        DataDirectory second = DataDirectory.temporary(base)) {
      assertThat(second.path()).exists();

      Object inode = Files.getAttribute(first.path().resolve("lock"), "unix:ino");
      assertThat(Files.readAllLines(Path.of("/proc/locks")))
          .as("locks that the kernel knows")
          .anyMatch(
              line ->
                  line.contains(" " + ProcessHandle.current().pid() + " ")
                      && line.contains(":" + inode + " "));
    }
  }

  @Test
  void keepsAGivenDirectoryAndLetsOneClusterUseIt() throws Exception {
    Path path = base.resolve("kept");
    try (DataDirectory first = DataDirectory.kept(path)) {
      Files.writeString(first.path().resolve("file"), "x");
      assertThatThrownBy(() -> DataDirectory.kept(path))
          .isInstanceOf(ClusterException.class)
          .hasMessageContaining(path.toString())
          .hasMessageContaining("--data");
    }
    assertThat(path.resolve("file")).exists();
    DataDirectory.kept(path).close();
  }

  @Test
  void followsNoLinkOutOfTheDirectory() throws Exception {
    Path outside = Files.writeString(base.resolve("precious"), "x");
    DataDirectory data = DataDirectory.temporary(base);
    Files.createSymbolicLink(data.path().resolve("link"), outside);

    data.close();

    assertThat(outside).exists();
  }
}
