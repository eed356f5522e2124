// SPDX-License-Identifier: Apache-2.0
package io.tracefleet.node.qemu;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.tracefleet.node.config.GuestSpec;
import io.tracefleet.node.config.NodeException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class GuestProcessTest {
  @TempDir private Path directory;
  private final CountDownLatch ended = new CountDownLatch(1);

  private GuestSpec guest() {
    return GuestSpec.of(List.of("sh"))
        .withStdin(Path.of("/dev/null"))
        .withStdout(directory.resolve("out"))
        .withStderr(directory.resolve("err"));
  }

  private GuestProcess start(GuestSpec guest, String script) throws Exception {
    return GuestProcess.start(
        new QemuCommand(List.of("/bin/sh", "-c", script), Map.of("A_VARIABLE", "value")),
        guest,
        ended::countDown);
  }

  private void awaitEnd() throws Exception {
    assertThat(ended.await(30, TimeUnit.SECONDS)).isTrue();
  }

  @Test
  void exitCodeStreamsAndEnvironment() throws Exception {
    Path input = Files.writeString(directory.resolve("in"), "line");
    GuestProcess process =
        start(guest().withStdin(input), "cat; echo $A_VARIABLE; echo wrong >&2; exit 5");
    awaitEnd();

    assertThat(process.exitCode()).hasValue(5);
    assertThat(directory.resolve("out")).hasContent("linevalue\n");
    assertThat(directory.resolve("err")).hasContent("wrong\n");
    assertThat(process.identity().isAlive()).isFalse();
  }

  @Test
  void oneFileForBothStreams() throws Exception {
    start(guest().withStderr(directory.resolve("out")), "echo a; echo b >&2; echo c");
    awaitEnd();

    assertThat(directory.resolve("out")).hasContent("a\nb\nc\n");
  }

  @Test
  void aSignalIsPassedOn() throws Exception {
    GuestProcess process = start(guest(), "exec sleep 1000");
    assertThat(process.exitCode()).isEmpty();
    assertThat(process.identity().isAlive()).isTrue();

    process.signal(Signals.TERMINATE);
    awaitEnd();

    assertThat(process.exitCode()).hasValue(128 + 15);
  }

  @Test
  void killing() throws Exception {
    GuestProcess process = start(guest(), "trap '' TERM; while :; do sleep 1000; done");

    process.signal(Signals.KILL);
    awaitEnd();

    assertThat(process.exitCode()).hasValue(128 + 9);
  }

  @Test
  void aFileThatCannotBeReadIsSaid() {
    assertThatThrownBy(() -> start(guest().withStdin(directory.resolve("none")), "true"))
        .isInstanceOf(NodeException.class)
        .hasMessageContaining("stdin: ")
        .hasMessageContaining("cannot be read");
    assertThatThrownBy(() -> start(guest().withStdout(directory.resolve("none/out")), "true"))
        .isInstanceOf(NodeException.class)
        .hasMessageContaining("none/out");
  }

  @Test
  void aPidAloneIsNoProcess() {
    ProcessIdentity self = ProcessIdentity.self();

    assertThat(self.isAlive()).isTrue();
    assertThat(new ProcessIdentity(self.pid(), self.start() + 1).isAlive()).isFalse();
    assertThat(new ProcessIdentity(Integer.MAX_VALUE, 1).isAlive()).isFalse();
    assertThat(self.maps(Path.of("/no/such/file"))).contains(false);
    assertThat(self.maps(Path.of(System.getProperty("java.home")))).contains(true);
  }
}
