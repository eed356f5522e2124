// SPDX-License-Identifier: Apache-2.0
package io.tracefleet.cli.cluster;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.Map;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

final class ClusterStateFileTest {
  @TempDir private Path directory;
  private ClusterStateFile file;
  private ClusterState mine;

  @BeforeEach
  void locate() {
    file = ClusterStateFile.ofUser(Map.of("XDG_RUNTIME_DIR", directory.toString()));
    mine =
        ClusterState.ofThisProcess(
            "127.0.0.1:1", "http://127.0.0.1:2/apis/ccompat/v7", "http://127.0.0.1:3");
  }

  @Test
  void isReadAsItWasWritten() throws Exception {
    file.write(mine);

    assertThat(file.read()).contains(mine);
    assertThat(file.path()).isEqualTo(directory.resolve("tracefleet/cluster.json"));
    assertThat(Files.getPosixFilePermissions(file.path().getParent()))
        .isEqualTo(PosixFilePermissions.fromString("rwx------"));
  }

  @Test
  void isNotThereAtFirst() throws Exception {
    assertThat(file.read()).isEmpty();
  }

  @Test
  void doesNotCountOnceItsProcessIsGone() throws Exception {
    ClusterState reusedPid =
        new ClusterState(
            mine.bootstrap(), mine.registry(), null, mine.pid(), mine.processStart() - 1);
    file.write(reusedPid);

    assertThat(file.read()).isEmpty();
  }

  @Test
  void refusesASecondCluster() throws Exception {
    ProcessHandle parent = ProcessHandle.current().parent().orElseThrow();
    ClusterState other =
        new ClusterState(
            "127.0.0.1:9",
            "http://127.0.0.1:8",
            null,
            parent.pid(),
            parent.info().startInstant().orElseThrow().toEpochMilli());
    file.write(other);

    assertThatThrownBy(() -> file.write(mine))
        .isInstanceOf(ClusterException.class)
        .hasMessageContaining("127.0.0.1:9")
        .hasMessageContaining(Long.toString(parent.pid()));
    assertThat(file.read()).contains(other);
  }

  @Test
  void isRemovedByItsOwnClusterOnly() throws Exception {
    file.write(mine);

    file.remove(
        new ClusterState(
            "elsewhere:1", mine.registry(), mine.dashboard(), mine.pid(), mine.processStart()));
    assertThat(file.read()).contains(mine);

    file.remove(mine);
    assertThat(file.path()).doesNotExist();
  }

  @Test
  void saysWhenItIsDamaged() throws IOException {
    Files.createDirectories(file.path().getParent());
    Files.writeString(file.path(), "{\"bootstrap\":");

    assertThatThrownBy(file::read)
        .isInstanceOf(ClusterException.class)
        .hasMessageContaining(file.path().toString())
        .hasMessageContaining("delete it");
  }

  @Test
  void liesInTheStateDirectoryWithoutARuntimeDirectory() {
    assertThat(ClusterStateFile.ofUser(Map.of("XDG_STATE_HOME", "/s")).path())
        .isEqualTo(Path.of("/s/tracefleet/cluster.json"));
    assertThat(ClusterStateFile.ofUser(Map.of()).path())
        .isEqualTo(
            Path.of(System.getProperty("user.home"), ".local/state/tracefleet/cluster.json"));
  }
}
