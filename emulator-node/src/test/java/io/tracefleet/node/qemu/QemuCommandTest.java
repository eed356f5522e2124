// SPDX-License-Identifier: Apache-2.0
package io.tracefleet.node.qemu;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.tracefleet.node.config.ExitCode;
import io.tracefleet.node.config.NodeException;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class QemuCommandTest {
  private static final Path LIBRARY = Path.of("/lib/tf.so");

  private static QemuInfo qemu(String version, boolean system, int claim) {
    return new QemuInfo(
        Path.of("/usr/bin/qemu"), version, system, system ? null : "x86_64", 0, 1, claim);
  }

  private static Map<String, String> options(String directory) {
    Map<String, String> options = new LinkedHashMap<>();
    options.put("ring-dir", directory);
    options.put("mode", "full");
    return options;
  }

  @Test
  void thePluginComesRightAfterQemu() throws Exception {
    QemuCommand command =
        QemuCommand.withPlugin(
            qemu("7.2.22", false, 0),
            List.of("qemu-x86_64", "-L", "/x", "prog"),
            LIBRARY,
            options("/d"));

    assertThat(command.arguments())
        .containsExactly(
            "/usr/bin/qemu", "-plugin", "/lib/tf.so,ring-dir=/d,mode=full", "-L", "/x", "prog");
    assertThat(command.environment()).isEmpty();
  }

  @Test
  void commasAreDoubled() throws Exception {
    QemuCommand command =
        QemuCommand.withPlugin(
            qemu("7.2.22", false, 0), List.of("q", "prog"), Path.of("/a,b.so"), options("/c,d"));

    assertThat(command.arguments().get(2)).isEqualTo("/a,,b.so,ring-dir=/c,,d,mode=full");
  }

  @Test
  void upTo61ArgumentsHaveAnotherForm() throws Exception {
    QemuCommand old =
        QemuCommand.withPlugin(qemu("6.1.1", true, 0), List.of("q"), LIBRARY, options("/d"));
    QemuCommand later =
        QemuCommand.withPlugin(qemu("6.2.0", true, 0), List.of("q"), LIBRARY, options("/d"));

    assertThat(old.arguments().get(2)).isEqualTo("/lib/tf.so,arg=ring-dir=/d,arg=mode=full");
    assertThat(later.arguments().get(2)).isEqualTo("/lib/tf.so,ring-dir=/d,mode=full");
  }

  @Test
  void whereThePluginCannotFindOutItIsToldItsApi() throws Exception {
    QemuCommand system =
        QemuCommand.withPlugin(
            qemu("11.1.3", true, 7), List.of("q", "-m", "1G"), LIBRARY, options("/d"));
    QemuCommand user =
        QemuCommand.withPlugin(
            qemu("11.0.0", false, 6), List.of("q", "prog"), LIBRARY, options("/d"));

    assertThat(system.environment()).isEqualTo(Map.of("TRACEFLEET_PLUGIN_API", "7"));
    assertThat(system.arguments()).endsWith("-m", "1G").doesNotContain("-U");
    assertThat(user.environment()).isEqualTo(Map.of("TRACEFLEET_PLUGIN_API", "6"));
    assertThat(user.arguments())
        .as("the guest does not see it")
        .endsWith("-U", "TRACEFLEET_PLUGIN_API", "prog");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "-enable-kvm",
        "--enable-kvm",
        "-accel kvm",
        "-accel kvm,thread=single",
        "-machine q35,accel=kvm:tcg",
        "-M accel=xen"
      })
  void otherAcceleratorsAreRefused(String arguments) {
    assertThatThrownBy(
            () ->
                QemuCommand.withPlugin(
                    qemu("7.2.22", true, 0),
                    List.of(("q " + arguments).split(" ")),
                    LIBRARY,
                    options("/d")))
        .isInstanceOfSatisfying(
            NodeException.class, e -> assertThat(e.exitCode()).isEqualTo(ExitCode.QEMU_UNUSABLE))
        .hasMessageContaining("only guests on QEMU's own translator can be traced");
  }

  @ParameterizedTest
  @ValueSource(strings = {"-accel tcg,thread=multi", "-machine q35", "-M pc,accel=tcg", "-m 1G"})
  void qemusOwnTranslatorIsNot(String arguments) throws Exception {
    assertThat(
            QemuCommand.withPlugin(
                    qemu("7.2.22", true, 0),
                    List.of(("q " + arguments).split(" ")),
                    LIBRARY,
                    options("/d"))
                .arguments())
        .hasSize(5);
  }

  @Test
  void aGuestsOwnOptionsAreNotQemus() throws Exception {
    assertThat(
            QemuCommand.withPlugin(
                    qemu("7.2.22", false, 0),
                    List.of("q", "prog", "-enable-kvm"),
                    LIBRARY,
                    options("/d"))
                .arguments())
        .endsWith("prog", "-enable-kvm");
  }
}
