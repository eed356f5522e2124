// SPDX-License-Identifier: Apache-2.0
package io.tracefleet.it;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import io.tracefleet.cli.report.RunReport;
import io.tracefleet.schemas.VcpuTotals;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.TreeMap;
import java.util.function.Function;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

/** What is said of guests of which only windows were recorded: scaled, it is what they executed. */
@ExtendWith(TestCluster.Extension.class)
final class EstimateIT {
  /** As in docs/queries.md. */
  private static final String NAME = "in-windows";

  private static final Duration LIMIT = Duration.ofMinutes(2);
  private static final long INNER = TinyGuest.CODE + 5 + 5;

  /** A guest that does the same all the time is estimated well; its sum is true, exactly. */
  @Test
  void aUniformGuestIsEstimatedWellAndItsTotalIsExact(TestCluster cluster) throws Exception {
    try (Traces traces = Traces.open(cluster)) {
      Traces.Traced traced =
          InWindows.trace(
              cluster, traces, "uniform", InWindows.uniform(traces.directory()), 6_000, 600_000);
      VcpuTotals totals = traced.outcome().root().getTotals().get(0);
      assertThat(totals.getPassed()).as("the windows were obeyed in time").isPositive();

      JsonNode exact = ask(cluster, traced, "/hot-blocks");
      JsonNode scaled = ask(cluster, traced, "/hot-blocks?scaled=true");

      assertThat(exact.get("totalWeight").asLong()).isEqualTo(totals.getEncoded());
      assertThat(scaled.get("totalWeight").asLong())
          .as("executed, to the instruction")
          .isEqualTo(totals.getExecuted());
      assertThat(
              ask(cluster, traced, "/hot-functions?scaled=true").get("totalInstructions").asLong())
          .isEqualTo(totals.getExecuted());
      JsonNode vcpus = ask(cluster, traced, "/vcpus?scaled=true").get("sum");
      assertThat(vcpus.get("instructions").asLong()).isEqualTo(totals.getExecuted());
      JsonNode inner = scaled.at("/rows/0");
      assertThat(inner.get("vaddr").asText()).isEqualTo("0x" + Long.toHexString(INNER));
      double share = 4095.0 * 6 / (4096 * 6 + 3);
      System.out.printf(
          "[estimate] uniform: executed %,d, recorded %,d; inner loop recorded %,d, estimated %,d, executed about %,.0f%n",
          totals.getExecuted(),
          totals.getEncoded(),
          exact.at("/rows/0/weight").asLong(),
          inner.get("weight").asLong(),
          totals.getExecuted() * share);
      assertThat(inner.get("weight").asDouble())
          .isCloseTo(totals.getExecuted() * share, within(0.002 * totals.getExecuted()));
      assertThat(vcpus.get("stores").asDouble() / totals.getExecuted())
          .isCloseTo(1 / 6.0, within(0.001));
      traces.good();
    }
  }

  /** Live equals offline, and the command line equals both: every row of every table. */
  @Test
  void theSameOverHttpOnTheCommandLineAndInTheDocumentedQueries(TestCluster cluster)
      throws Exception {
    try (Traces traces = Traces.open(cluster)) {
      Traces.Traced traced =
          InWindows.trace(
              cluster,
              traces,
              NAME,
              LinuxBootIT.command("qemu-system-x86_64", 2),
              20_000,
              1_000_000);
      List<VcpuTotals> totals = traced.outcome().root().getTotals();
      long executed = totals.stream().mapToLong(VcpuTotals::getExecuted).sum();
      System.out.printf(
          "[estimate] linux: executed %,d, recorded %,d%n",
          executed, totals.stream().mapToLong(VcpuTotals::getEncoded).sum());
      assertThat(totals).allMatch(vcpu -> vcpu.getPassed() > 10 * vcpu.getEncoded());
      Path archive = traces.directory().resolve("archive");
      List<String> write =
          new ArrayList<>(List.of("archive", "--to", archive.toString(), "--once"));
      write.addAll(cluster.options());
      command(traces, write);

      // blocks, also added up; a fault midway counts a whole block, so their sum may be a bit more
      List<String> blocks = csv(cluster, traced, "/hot-blocks?scaled=true");
      assertThat(pick(blocks, "vaddr", "codeHash", "executions", "weight"))
          .hasSizeGreaterThan(1_000)
          .isEqualTo(sql(traces, archive, 16));
      long weights = sum(blocks, "weight");
      long whole = sum(csv(cluster, traced, "/hot-blocks"), "weight");
      assertThat((double) weights / executed).isCloseTo(1, within(0.001));
      System.out.printf("[estimate] linux: blocks recorded %,d, scaled %,d%n", whole, weights);

      // vCPUs, devices, pages
      List<String> vcpus = csv(cluster, traced, "/vcpus?scaled=true");
      assertThat(sum(vcpus, "instructions")).as("to the instruction").isEqualTo(executed);
      List<String> devices = csv(cluster, traced, "/hwaddr?scaled=true");
      assertThat(pick(devices, "vcpu", "device", "reads", "writes", "readBytes", "writeBytes"))
          .hasSizeGreaterThan(4)
          .isEqualTo(sql(traces, archive, 17));
      List<String> pages = csv(cluster, traced, "/hwaddr/pages?scaled=true");
      for (String column : List.of("reads", "writes", "readBytes", "writeBytes")) {
        assertThat(sum(pages, column))
            .as("RAM's " + column)
            .isEqualTo(sum(devices.stream().filter(row -> !row.contains(",IO,")).toList(), column));
      }

      // the command line
      List<String> top =
          new ArrayList<>(
              List.of(
                  "top", "hot-functions", "--run", NAME, "--scaled", "--json", "--limit", "99999"));
      top.addAll(cluster.options());
      JsonNode functions = JsonMapper.builder().build().readTree(command(traces, top));
      assertThat(functions.get("scaled").asBoolean()).isTrue();
      assertThat(functions.get("weights")).hasSize(2);
      TreeMap<String, String> shown = new TreeMap<>();
      functions
          .get("rows")
          .forEach(
              row ->
                  shown.put(
                      row.get("name").asText() + " " + row.get("image").asText(""),
                      row.get("instructions").asText() + " " + row.get("executions").asText()));
      TreeMap<String, String> asked = new TreeMap<>();
      JsonNode answer = ask(cluster, traced, "/hot-functions?scaled=true&limit=1000");
      answer
          .get("rows")
          .forEach(
              row ->
                  asked.put(
                      row.get("name").asText() + " " + row.get("image").asText(""),
                      row.get("instructions").asText() + " " + row.get("executions").asText()));
      assertThat(shown).isEqualTo(asked).hasSize(answer.get("total").asInt());

      // exact stays exact
      assertThat(pick(csv(cluster, traced, "/vcpus"), "instructions"))
          .isEqualTo(
              traced.root().vcpus().stream()
                  .map(RunReport.VcpuRow::instructions)
                  .map(String::valueOf)
                  .sorted()
                  .toList());
      traces.good();
    }
  }

  private static JsonNode ask(TestCluster cluster, Traces.Traced traced, String rest)
      throws Exception {
    return JsonMapper.builder().build().readTree(get(cluster, traced, rest));
  }

  /** Header and rows. */
  private static List<String> csv(TestCluster cluster, Traces.Traced traced, String rest)
      throws Exception {
    return get(cluster, traced, rest + (rest.contains("?") ? "&" : "?") + "format=csv")
        .lines()
        .toList();
  }

  private static String get(TestCluster cluster, Traces.Traced traced, String rest)
      throws Exception {
    HttpResponse<String> answer =
        HttpClient.newHttpClient()
            .send(
                HttpRequest.newBuilder(
                        URI.create(
                            cluster.url() + "/api/v1/runs/" + traced.root().run().runId() + rest))
                    .timeout(LIMIT)
                    .build(),
                HttpResponse.BodyHandlers.ofString());
    assertThat(answer.statusCode()).as(answer.body()).isEqualTo(200);
    return answer.body();
  }

  /** These columns of all rows, in an order of their own; none of them is ever quoted. */
  private static List<String> pick(List<String> csv, String... columns) {
    List<String> names = List.of(csv.get(0).split(","));
    return csv.stream()
        .skip(1)
        .map(row -> row.split(","))
        .map(
            row ->
                List.of(columns).stream()
                    .map(column -> row[names.indexOf(column)])
                    .collect(Collectors.joining(",")))
        .sorted()
        .toList();
  }

  private static long sum(List<String> csv, String column) {
    int at = List.of(csv.get(0).split(",")).indexOf(column);
    return csv.stream().skip(1).mapToLong(row -> Long.parseLong(row.split(",")[at])).sum();
  }

  /** All rows of a question of docs/queries.md, in an order of their own. */
  private static List<String> sql(Traces traces, Path archive, int question) throws Exception {
    String page = Files.readString(Places.module().resolve("../docs/queries.md").normalize());
    Matcher query =
        Pattern.compile("(?s)\n## %d\\. .*?```sql\n(.*?)```".formatted(question)).matcher(page);
    assertThat(query.find()).as("question " + question).isTrue();
    String text = query.group(1);
    assertThat(text).contains("'" + NAME + "'").contains("LIMIT 5");
    String rows =
        command(
            traces,
            List.of(
                "sql",
                "--archive",
                archive.toString(),
                "--format",
                "csv",
                text.replaceAll("LIMIT 5\\s*$", "")));
    List<String> lines = rows.lines().toList();
    return lines.stream()
        .skip(1)
        .map(question == 16 ? EstimateIT::withHash : Function.identity())
        .sorted(Comparator.naturalOrder())
        .toList();
  }

  /** The archive's hashes are signed numbers. */
  private static String withHash(String row) {
    String[] cells = row.split(",");
    cells[1] = "0x" + Integer.toHexString(Integer.parseInt(cells[1]));
    return String.join(",", cells);
  }

  /** What a command wrote. */
  private static String command(Traces traces, List<String> arguments) throws Exception {
    try (CommandLine command = CommandLine.start(traces.directory(), arguments)) {
      assertThat(command.exitCode(LIMIT)).as(command.stderr()).isZero();
      return command.stdout();
    }
  }
}
