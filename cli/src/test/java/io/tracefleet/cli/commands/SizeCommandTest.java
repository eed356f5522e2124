// SPDX-License-Identifier: Apache-2.0
package io.tracefleet.cli.commands;

import static org.assertj.core.api.Assertions.assertThat;

import io.tracefleet.cli.console.Console;
import io.tracefleet.cli.console.Exit;
import io.tracefleet.cli.console.Signals;
import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;

/** The sizing table of docs/kubernetes.md is what its command prints. */
final class SizeCommandTest {
  private static final Pattern COMMAND = Pattern.compile("(?m)^\\./tracefleet (size .*)$");

  @Test
  void thePageHasTheTableThatItsCommandPrints() throws Exception {
    String page = Files.readString(Path.of("../docs/kubernetes.md"));
    Matcher command = COMMAND.matcher(page);
    assertThat(command.find()).as("the page names the command").isTrue();
    ByteArrayOutputStream printed = new ByteArrayOutputStream();
    PrintStream stream = new PrintStream(printed, true, StandardCharsets.UTF_8);

    int code =
        Main.commandLine(
                new Context(
                    Map.of(),
                    quiet -> new Console(stream, stream, quiet, false, false, false),
                    Signals.detached(number -> {}),
                    new Installation(Path.of("."), Optional.empty(), Optional.empty(), "1.2.3")))
            .execute(command.group(1).split(" ", -1));

    assertThat(code).isEqualTo(Exit.OK);
    assertThat(page)
        .as("put what the command prints into docs/kubernetes.md")
        .contains("\n\n" + printed.toString(StandardCharsets.UTF_8) + "\n");
  }
}
