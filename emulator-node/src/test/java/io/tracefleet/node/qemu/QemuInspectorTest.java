// SPDX-License-Identifier: Apache-2.0
package io.tracefleet.node.qemu;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.tracefleet.node.config.ExitCode;
import io.tracefleet.node.config.NodeException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** With scripts that answer as the QEMU in question does. */
class QemuInspectorTest {
  @TempDir private Path directory;

  private QemuInspector inspector() {
    return new QemuInspector(directory.toString(), Duration.ofSeconds(20));
  }

  private Path qemu(String name, String version, String help) throws Exception {
    return script(
        name,
        """
        #!/bin/sh
        case "$1" in --version) cat <<'X'
        %s
        X
        ;; --help) cat <<'X'
        %s
        X
        esac
        """
            .formatted(version, help));
  }

  private Path script(String name, String text) throws Exception {
    Path file = Files.writeString(directory.resolve(name), text);
    return Files.setPosixFilePermissions(file, PosixFilePermissions.fromString("rwxr-xr-x"));
  }

  private static void assertRefused(ThrowingCallable call, ExitCode code, String message) {
    assertThatThrownBy(call)
        .isInstanceOfSatisfying(NodeException.class, e -> assertThat(e.exitCode()).isEqualTo(code))
        .message()
        .contains(message)
        .doesNotContain("\n");
  }

  @Test
  void aUserModeQemu() throws Exception {
    Path file =
        qemu(
            "qemu-x86_64",
            "qemu-x86_64 version 7.2.22 (Debian 1:7.2+dfsg-7+deb12u18)\nCopyright (c) 2003",
            "usage: qemu-x86_64 [options]\n-plugin              QEMU_PLUGIN       [file=]<file>");

    QemuInfo info = inspector().inspect("qemu-x86_64");

    assertThat(info).isEqualTo(new QemuInfo(file, "7.2.22", false, "x86_64", 0, 1, 0));
  }

  @Test
  void aSystemQemuByPath() throws Exception {
    Path file =
        qemu(
            "my-qemu",
            "QEMU emulator version 11.1.3 (v11.1.3)",
            "-plugin [file=]<file>[,<argname>=<argvalue>]");

    QemuInfo info = inspector().inspect(file.toString());

    assertThat(info).isEqualTo(new QemuInfo(file, "11.1.3", true, null, 7, 7, 7));
  }

  @Test
  void noSuchQemu() {
    assertRefused(
        () -> inspector().inspect("qemu-vax"), ExitCode.NOT_FOUND, "qemu-vax: not found on PATH");
    assertRefused(
        () -> inspector().inspect("./qemu-vax"), ExitCode.NOT_FOUND, "./qemu-vax: no such file");
  }

  @Test
  void notExecutable() throws Exception {
    Path file = Files.writeString(directory.resolve("qemu-x86_64"), "text");

    assertRefused(
        () -> inspector().inspect("qemu-x86_64"),
        ExitCode.NOT_EXECUTABLE,
        "found on PATH, but not executable");
    assertRefused(
        () -> inspector().inspect(file.toString()), ExitCode.NOT_EXECUTABLE, "not executable");
    assertRefused(
        () -> inspector().inspect(directory.toString()), ExitCode.NOT_EXECUTABLE, "not executable");
  }

  @Test
  void executableButNotForThisMachine() throws Exception {
    script("qemu-x86_64", "\u007fELF nonsense");

    assertRefused(
        () -> inspector().inspect("qemu-x86_64"), ExitCode.QEMU_UNUSABLE, "is not a QEMU");
  }

  @Test
  void notAQemu() {
    assertRefused(
        () -> inspector().inspect("/bin/ls"),
        ExitCode.QEMU_UNUSABLE,
        "/bin/ls is not a QEMU: it answers --version with \"ls (GNU");
    assertRefused(
        () -> inspector().inspect("/bin/false"),
        ExitCode.QEMU_UNUSABLE,
        "/bin/false is not a QEMU");
  }

  @Test
  void aProgramThatNeverAnswersIsNotWaitedForForEver() throws Exception {
    script("qemu-x86_64", "#!/bin/sh\nexec sleep 1000\n");
    QemuInspector hasty = new QemuInspector(directory.toString(), Duration.ofMillis(200));

    assertRefused(
        () -> hasty.inspect("qemu-x86_64"), ExitCode.QEMU_UNUSABLE, "does not end after --version");
  }

  @Test
  void builtWithoutPlugins() throws Exception {
    qemu("qemu-system-x86_64", "QEMU emulator version 7.2.22", "-display sdl");

    assertRefused(
        () -> inspector().inspect("qemu-system-x86_64"),
        ExitCode.QEMU_UNUSABLE,
        "was built without plugins");
  }

  @Test
  void statically() {
    assertThat(ElfFile.isStatic(Path.of("/bin/ls"))).isFalse();
    assertThat(ElfFile.isStatic(Path.of("/bin/busybox"))).isTrue();
    assertThat(ElfFile.isStatic(Path.of("/etc/passwd"))).isFalse();
    assertThat(ElfFile.textOffset(Path.of("/bin/ls")).orElseThrow() % 4096).isZero();
    assertThat(ElfFile.textOffset(Path.of("/etc/passwd"))).isEmpty();
    assertThat(ElfFile.textOffset(Path.of("/none"))).isEmpty();
  }

  @Test
  void releasesThatThePluginDoesNotKnow() throws Exception {
    qemu("old", "QEMU emulator version 4.1.0", "-plugin x");
    qemu("new", "QEMU emulator version 12.0.0", "-plugin x");

    assertRefused(() -> inspector().inspect("old"), ExitCode.QEMU_UNUSABLE, "QEMU 4.1.0 (");
    assertRefused(
        () -> inspector().inspect("new"),
        ExitCode.QEMU_UNUSABLE,
        "the plugin knows 4.2 and later, before 12.0");
  }

  @Test
  void theApiOfEveryRelease() {
    assertThat(PluginApi.of(4, 1)).isNull();
    assertThat(PluginApi.of(4, 2)).isEqualTo(new PluginApi(0, 0, 0));
    assertThat(PluginApi.of(5, 2)).isEqualTo(new PluginApi(0, 0, 0));
    assertThat(PluginApi.of(6, 0)).isEqualTo(new PluginApi(0, 1, 0));
    assertThat(PluginApi.of(8, 2)).isEqualTo(new PluginApi(0, 1, 0));
    assertThat(PluginApi.of(9, 0)).isEqualTo(new PluginApi(2, 2, 2));
    assertThat(PluginApi.of(9, 1)).isEqualTo(new PluginApi(2, 3, 2));
    assertThat(PluginApi.of(9, 2)).isEqualTo(new PluginApi(2, 4, 2));
    assertThat(PluginApi.of(10, 0)).isEqualTo(new PluginApi(2, 4, 2));
    assertThat(PluginApi.of(10, 2)).isEqualTo(new PluginApi(2, 5, 2));
    assertThat(PluginApi.of(11, 0).claim()).isEqualTo(6);
    assertThat(PluginApi.of(11, 1)).isEqualTo(new PluginApi(7, 7, 7));
    assertThat(PluginApi.of(12, 0)).isNull();
  }

  @Test
  void whatQemusSay() {
    assertThat(QemuVersion.parse("qemu-aarch64 version 10.0.2 (Debian 1:10.0.2+ds-1)\nCopyright"))
        .contains(new QemuVersion("10.0.2", 10, 0, "aarch64"));
    assertThat(QemuVersion.parse("QEMU emulator version 8.1.50 (v8.1.0-1-gabc)"))
        .contains(new QemuVersion("8.1.50", 8, 1, null));
    assertThat(QemuVersion.parse("QEMU emulator version 9.2.0\n"))
        .contains(new QemuVersion("9.2.0", 9, 2, null));
    assertThat(QemuVersion.parse("qemu-img version 7.2.22"))
        .contains(new QemuVersion("7.2.22", 7, 2, "img"));
    assertThat(QemuVersion.parse("")).isEmpty();
  }
}
