// SPDX-License-Identifier: Apache-2.0
package io.tracefleet.node.run;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.tracefleet.node.config.ExitCode;
import io.tracefleet.node.config.NodeException;
import io.tracefleet.node.config.RingSettings;
import io.tracefleet.node.qemu.ProcessIdentity;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class RingDirectoriesTest {
  @TempDir private Path directory;
  private final FakeMachine machine = new FakeMachine();

  private RingDirectories directories(Path base) {
    return new RingDirectories(RingSettings.defaults().withDirectory(base), "node-1");
  }

  @Test
  void everyGuestHasAPrivateDirectory() throws Exception {
    RingDirectories directories = directories(directory.resolve("base"));
    directories.prepare();

    Path first = directories.create();
    Path second = directories.create();

    assertThat(first).isNotEqualTo(second);
    assertThat(Files.getPosixFilePermissions(first))
        .isEqualTo(PosixFilePermissions.fromString("rwx------"));
    assertThat(Files.getPosixFilePermissions(first.getParent()))
        .isEqualTo(PosixFilePermissions.fromString("rwx------"));
  }

  @Test
  void directoriesOfDeadNodesAreOrphans() throws Exception {
    RingDirectories directories = directories(directory);
    Path mine = directories.create();
    Path theirs = Files.createDirectory(directory.resolve("a-node-42-420-1"));
    Path dead = Files.createDirectory(directory.resolve("a-node-43-430-1"));
    Files.createDirectory(directory.resolve("something-else"));
    machine.alive.add(ProcessIdentity.self());
    machine.start(42);

    assertThat(directories.orphans(machine)).containsExactly(dead).doesNotContain(mine, theirs);
  }

  @Test
  void aRingDirectoryThatCannotBeUsedIsOneClearLine() throws Exception {
    Path file = Files.writeString(directory.resolve("file"), "");

    assertRefused(() -> directories(file).prepare(), "is not a directory");
    assertRefused(() -> directories(directory.resolve("no/base")).prepare(), "does not exist");
    assertRefused(() -> directories(Path.of("/proc/self/x")).prepare(), "cannot be made");
  }

  @Test
  void aRingDirectoryWithoutRoomIsOneClearLine() {
    RingDirectories directories =
        new RingDirectories(
            RingSettings.defaults().withDirectory(Path.of("/proc")).withBuffers(512), "n");

    assertRefused(directories::create, "has 0 MiB free, a ring of 512 buffers needs 452");
  }

  private static void assertRefused(ThrowingCallable call, String message) {
    assertThatThrownBy(call)
        .isInstanceOfSatisfying(
            NodeException.class, e -> assertThat(e.exitCode()).isEqualTo(ExitCode.RING_DIR))
        .hasMessageStartingWith("ring directory ")
        .message()
        .contains(message)
        .doesNotContain("\n");
  }

  @Test
  void removingTakesEverything() throws Exception {
    Path guest = Files.createDirectory(directory.resolve("guest"));
    Files.writeString(guest.resolve("doorbell"), "");
    Files.writeString(guest.resolve("x.ring.tmp"), "");

    RingDirectories.remove(guest);

    assertThat(guest).doesNotExist();
  }
}
