// SPDX-License-Identifier: Apache-2.0
package io.tracefleet.cli.commands;

import static org.assertj.core.api.Assertions.assertThat;

import io.tracefleet.cli.console.Console;
import io.tracefleet.cli.console.Signals;
import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import picocli.CommandLine;
import picocli.CommandLine.ParseResult;

/** The command line up to the point where something would be started. */
final class CommandLineTest {
  @TempDir private Path directory;
  private final StringWriter errors = new StringWriter();
  private final StringWriter output = new StringWriter();
  private final ByteArrayOutputStream console = new ByteArrayOutputStream();

  private CommandLine line() {
    PrintStream stream = new PrintStream(console, true, StandardCharsets.UTF_8);
    Context context =
        new Context(
            Map.of("XDG_RUNTIME_DIR", directory.toString()),
            quiet -> new Console(stream, stream, quiet, false, false, false),
            Signals.detached(number -> {}),
            new Installation(
                directory.resolve("registry"), Optional.empty(), Optional.empty(), "1.2.3"));
    return Main.commandLine(context)
        .setErr(new PrintWriter(errors, true))
        .setOut(new PrintWriter(output, true));
  }

  private int run(String... arguments) {
    return line().execute(arguments);
  }

  private String error() {
    assertThat(errors.toString()).endsWith("\n");
    assertThat(errors.toString().strip().lines()).hasSize(1);
    return errors.toString().strip();
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "--mode loud | --mode \"loud\" is not one of full, count, off, as-started.",
        "--mode full --address-range 1 | --address-range \"1\" is not BEGIN-END",
        "--mode full --window 5 | --window \"5\" is not A+B, for example 1000000+5000.",
        "--mode full --window-every 5+6 | --window-every \"5+6\" is not M/N",
        "--mode full --window-every 6/5 | window of 6 every 5: expected no more than there are.",
        "--mode full --vcpu 0,-1 | vCPU -1: expected an index from 0 on.",
        "--mode full --budget=-1 | budget -1: expected bytes per second, or 0 for no limit.",
        "--mode as-started --vcpu 1 | --mode as-started goes with no other option."
      })
  void controlSaysWhatIsWrongWithAWish(String options, String said) {
    List<String> arguments = new ArrayList<>(List.of("control", "set", "node-1"));
    arguments.addAll(List.of(options.split(" ", -1)));

    assertThat(run(arguments.toArray(String[]::new))).isEqualTo(64);
    assertThat(error()).contains(said);
  }

  @Test
  void leavesTheGuestsArgumentsAlone() throws Exception {
    String atFile = "@" + Files.writeString(directory.resolve("file"), "--expanded");
    ParseResult parsed =
        line()
            .parseArgs(
                "trace",
                "--local",
                "--label",
                "a=b",
                "--label",
                "c=d=e",
                "--",
                "qemu-x86_64",
                "./p",
                "--local",
                "--",
                atFile,
                "-h",
                "\"q\"",
                "a,b",
                "");

    assertThat(parsed.subcommand().matchedPositionalValue(0, List.of()))
        .asInstanceOf(org.assertj.core.api.InstanceOfAssertFactories.LIST)
        .containsExactly("qemu-x86_64", "./p", "--local", "--", atFile, "-h", "\"q\"", "a,b", "");
    assertThat(parsed.subcommand().matchedOptionValue("--label", Map.of()))
        .isEqualTo(Map.of("a", "b", "c", "d=e"));
  }

  @Test
  void needsNoDashesBeforeQemu() {
    ParseResult parsed =
        line().parseArgs("trace", "--local", "qemu-x86_64", "./p", "--local", "-x");

    assertThat(parsed.subcommand().matchedPositionalValue(0, List.of()))
        .asInstanceOf(org.assertj.core.api.InstanceOfAssertFactories.LIST)
        .containsExactly("qemu-x86_64", "./p", "--local", "-x");
  }

  @Test
  void suggestsWhatWasMeant() {
    assertThat(run("trase")).isEqualTo(64);
    assertThat(error()).contains("'trase'").contains("Did you mean trace?").contains("--help");
  }

  @Test
  void suggestsAnOption() {
    assertThat(run("trace", "--locl", "--", "qemu-x86_64")).isEqualTo(64);
    assertThat(error()).contains("'--locl'").contains("Did you mean --local?");
  }

  @Test
  void refusesAnUnknownOptionWithoutAGuess() {
    assertThat(run("runs", "--frobnicate")).isEqualTo(64);
    assertThat(error()).contains("'--frobnicate'").doesNotContain("Did you mean");
  }

  @Test
  void wantsACommand() {
    assertThat(run()).isEqualTo(64);
    assertThat(error()).contains("trace").contains("demo");
  }

  @Test
  void wantsAGuest() {
    assertThat(run("trace", "--local")).isEqualTo(64);
    assertThat(error()).contains("after --");
  }

  @Test
  void saysThatThereIsNoArchive() {
    String nowhere = directory.resolve("nowhere").toString();

    assertThat(run("sql", "--archive", nowhere, "SELECT 1")).isEqualTo(66);
    assertThat(error()).contains("There is no archive " + nowhere).contains("tracefleet archive");
  }

  @Test
  void asksAnArchiveWithoutRuns() throws Exception {
    String empty = Files.createDirectory(directory.resolve("empty")).toString();

    assertThat(run("sql", "--archive", empty, "SELECT 7::HUGEINT AS sum, 'a\u001bb' AS t;"))
        .isZero();
    assertThat(console.toString(StandardCharsets.UTF_8))
        .isEqualTo("sum  t\n---  ------\n  7  a\\x1bb\n");
  }

  @Test
  void saysWhatIsWrongWithAQuery() throws Exception {
    String empty = Files.createDirectory(directory.resolve("empty")).toString();

    assertThat(run("sql", "--archive", empty, "SELECT frobs FROM runs")).isEqualTo(64);
    assertThat(error()).contains("frobs");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "sql --archive=s3:nowhere x",
        "sql --archive=/tmp --endpoint=http://127.0.0.1:1 x",
        "sql x",
        "sql --archive=/tmp --limit=0 x",
        "sql --archive=/tmp --format=parquet x",
        "sql --archive=/tmp --out=/nonexistent/dir/file x",
        "export --archive=/tmp --out=/nonexistent/dir/file",
        "export --archive=/tmp --out=events --from-instruction=5 --to-instruction=5",
        "export --archive=/tmp --bootstrap=x:1 --registry=http://x --out=events",
        "archive --to=s3://UPPER",
        "archive --to=/tmp --idle-minutes=0",
        "archive --to=/tmp --refresh-hours=8761",
        "archive"
      })
  void refusesWrongArchives(String command) {
    assertThat(run(command.split(" "))).isEqualTo(64);
    assertThat(error()).startsWith("tracefleet: ");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "--mode=fast",
        "--when-full=wait",
        "--count=blocks",
        "--mode=count --count=some",
        "--limit=0",
        "--wait=0",
        "--ring-buffers=0",
        "--bootstrap=x:1",
        "--json=/nonexistent/dir/report.json",
        "--json-dir=/nonexistent/dir",
        "--port=70000"
      })
  void refusesWrongValuesBeforeAnythingStarts(String options) {
    String[] split = ("trace --local " + options + " -- qemu-x86_64 ./p").split(" ");

    assertThat(run(split)).isEqualTo(64);
    assertThat(error()).startsWith("tracefleet: ");
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "--nodes=0|0 nodes",
        "--vcpus=0|0 vCPUs",
        "--instructions-per-second=2G|make at most 964 M",
        "--instructions-per-second=many|is not a number",
        "--retention=5d|give hours",
        "--lag=0|give more than 0",
        "--broker-cores=0|0 cores",
        "--nodes=10000|several fleets"
      })
  void saysWhichFleetsCannotBeSized(String option, String message) {
    assertThat(run("size", option)).isEqualTo(64);
    assertThat(error()).startsWith("tracefleet: ").contains(message);
  }

  @Test
  void saysWhatToDoWithoutACluster() {
    assertThat(run("runs")).isEqualTo(66);
    assertThat(error()).contains("tracefleet up").contains("--bootstrap");
  }

  @Test
  void wantsBrokerAndRegistryTogether() {
    assertThat(run("runs", "--registry", "http://127.0.0.1:1")).isEqualTo(64);
    assertThat(error()).contains("--bootstrap and --registry go together");
  }

  @Test
  void refusesARegistryUrlThatIsNone() {
    assertThat(run("runs", "--bootstrap", "127.0.0.1:1", "--registry", "foo")).isEqualTo(64);
    assertThat(error()).contains("\"foo\"").contains("http://HOST:PORT");
  }

  @Test
  void refusesAFleetOfOneRun() {
    assertThat(run("top", "hot-blocks", "--fleet", "--run", "x")).isEqualTo(64);
    assertThat(error()).contains("--fleet is for hot-blocks and hot-functions");
  }

  @Test
  void aWrongPortToBeWatchedAtIsOneClearLine() {
    assertThat(run("trace", "--local", "--metrics-port", "often", "--", "qemu-x86_64"))
        .isEqualTo(64);
    assertThat(error())
        .contains("--metrics-port: \"often\" is not off, or 0 (any free port) to 65535.");
  }

  @Test
  void anEmptyAddressToBeWatchedAtIsOneClearLine() {
    assertThat(run("trace", "--local", "--metrics-address", " ", "--", "qemu-x86_64"))
        .isEqualTo(64);
    assertThat(error()).contains("--metrics-address: none given");
  }

  @Test
  void refusesKernelSymbolsThatAreNotThere() {
    assertThat(run("trace", "--local", "--kernel-symbols", "/no/vmlinux", "--", "qemu-x86_64"))
        .isEqualTo(64);
    assertThat(error()).contains("--kernel-symbols /no/vmlinux").contains("no file");
  }

  @Test
  void refusesToScaleWhatIsExact() {
    assertThat(run("top", "syscalls", "--scaled")).isEqualTo(64);
    assertThat(error()).contains("--scaled is not for syscalls").contains("exact");
  }

  @Test
  void refusesATableThatTheFleetDoesNotHave() {
    assertThat(run("top", "vcpus", "--fleet")).isEqualTo(64);
    assertThat(error()).contains("--fleet is for hot-blocks and hot-functions");
  }

  @Test
  void refusesAnUnknownTable() {
    assertThat(run("top", "hotblocks")).isEqualTo(64);
    assertThat(error()).contains("hot-blocks, hot-functions, vcpus, hwaddr, syscalls");
  }

  @Test
  void saysThatThereIsNoSuchQemu() {
    assertThat(run("trace", "--local", "--", "qemu-of-nowhere", "./p")).isEqualTo(127);
    assertThat(error()).contains("qemu-of-nowhere");
  }

  @Test
  void readsTheNodesConfigurationFirst() throws Exception {
    Path config = Files.writeString(directory.resolve("node.yaml"), "nod: x\n");

    assertThat(run("node", "--config", config.toString())).isEqualTo(78);
    assertThat(error()).contains(config.toString());
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "trace", "node", "up", "runs", "top", "audit", "archive", "sql", "export", "size", "demo",
        "version"
      })
  void helpsWithEveryCommand(String command) {
    assertThat(run(command, "--help")).isZero();
    assertThat(output.toString()).contains("tracefleet " + command);
  }

  @Test
  void listsEveryCommand() {
    assertThat(run("--help")).isZero();
    assertThat(output.toString())
        .contains("trace", "node", "up", "runs", "top", "audit", "demo", "version", "verify");
  }

  @Test
  void tellsItsVersion() {
    assertThat(run("version")).isZero();
    assertThat(console.toString(StandardCharsets.UTF_8)).startsWith("tracefleet 1.2.3\n");
  }
}
