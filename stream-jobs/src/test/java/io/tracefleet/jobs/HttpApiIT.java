// SPDX-License-Identifier: Apache-2.0
package io.tracefleet.jobs;

import static io.tracefleet.jobs.testing.Batches.OTHER_RUN;
import static io.tracefleet.jobs.testing.Batches.RUN;
import static io.tracefleet.jobs.testing.Batches.batch;
import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.networknt.schema.JsonSchema;
import com.networknt.schema.JsonSchemaFactory;
import com.networknt.schema.SpecVersion;
import io.tracefleet.jobs.http.HttpConfig;
import io.tracefleet.jobs.testing.ApiClient;
import io.tracefleet.jobs.testing.Batches;
import io.tracefleet.jobs.testing.Cluster;
import io.tracefleet.jobs.testing.CountPayload;
import io.tracefleet.jobs.testing.Runs;
import io.tracefleet.schemas.BlockDetail;
import io.tracefleet.schemas.Run;
import io.tracefleet.schemas.TraceBatch;
import io.tracefleet.schemas.VcpuTotals;
import java.io.BufferedReader;
import java.io.InputStreamReader;
import java.net.HttpURLConnection;
import java.net.Socket;
import java.net.URI;
import java.net.URLEncoder;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/** The answers of one instance, with a real broker. */
@Timeout(value = 2, unit = TimeUnit.MINUTES)
class HttpApiIT {
  private static final String LIVE_RUN = "0190a000-0000-7000-8000-000000000003";
  private static final String NO_RUN = "0190a000-0000-7000-8000-0000000000ff";
  private static final String HOSTILE = "=1+1,\"<script>\nalert(1)</script>";

  private static final int EVENT_CLIENTS = 3;

  /** Leaves out the runs that single tests make for themselves, a day before. */
  private static final String NOT_APART = "from=2025-06-01T12:00:00Z";

  @TempDir static Path directory;

  private static Cluster cluster;
  private static StreamJobs jobs;
  private static ApiClient api;

  @BeforeAll
  static void start() throws Exception {
    cluster = new Cluster(directory.resolve("kafka"));
    jobs =
        StreamJobs.start(
            JobsConfig.of(cluster.bootstrap(), cluster.registry())
                .withState(StateKind.MEMORY, directory.resolve("jobs"))
                .withHttp(
                    new HttpConfig(
                        Optional.of(0),
                        "127.0.0.1",
                        Optional.empty(),
                        Optional.empty(),
                        EVENT_CLIENTS)));
    api = new ApiClient(jobs.url().orElseThrow());
    fill();
  }

  @AfterAll
  static void stop() {
    jobs.close();
    cluster.close();
  }

  /**
   * RUN: two vCPUs, the second with a batch in the next minute. OTHER_RUN: the same code at another
   * address. LIVE_RUN: has not ended.
   */
  private static void fill() throws Exception {
    Run run = Runs.run(RUN, "n1", "guest", Map.of("team", "a"));
    Run other = Runs.run(OTHER_RUN, "n2", HOSTILE, Map.of("team", "b"));
    Run live = Runs.run(LIVE_RUN, "n2", "live", Map.of());
    cluster.send(Runs.ended(run, Runs.totals(0, 345, 1), Runs.totals(1, 24, 2)));
    cluster.send(Runs.ended(other, Runs.totals(0, 20, 1)));
    cluster.send(Run.newBuilder(live).setStart(Runs.START.plusSeconds(1)).build());
    cluster.send(Runs.block(RUN, 0x1000, 0x11, "main", "/bin/a", 0x100L, "push %rbp", "ret"));
    cluster.send(Runs.block(RUN, 0x2000, 0x22, HOSTILE, null, null, HOSTILE));
    cluster.send(Runs.block(OTHER_RUN, 0x7000, 0x11, "main", "/bin/a", 0x100L, "push", "ret"));

    cluster.send(
        batch(
            0,
            0,
            CountPayload.system()
                .block(0x1000, 0x11, 3, 9, 100)
                .block(0x2000, 0x22, 5, 12, 9)
                .accesses(false, 2, 10)
                .accesses(true, 2, 4)
                .ram(0x1000, 3, 1, 12, 4)
                .ram(0x9000, 5, 1, 20, 4)
                .device(HOSTILE, 2, 2, 8, 8)
                .idle(2, 1)));
    cluster.send(batch(1, 0, CountPayload.system().block(0x1000, 0x11, 3, 9, 4)));
    cluster.send(
        batch(
            1,
            1,
            Batches.OPENED.plusSeconds(60),
            CountPayload.system().block(0x3000, 0x33, 1, 2, 12)));
    cluster.send(
        of(
            OTHER_RUN,
            batch(
                0,
                0,
                CountPayload.user()
                    .block(0x7000, 0x11, 3, 9, 5)
                    .block(0x2000, 0x22, 5, 12, 1)
                    .syscall(1, 7, 6, 2)
                    .syscall(9999, 1, 1, 0))));
    cluster.send(of(LIVE_RUN, batch(0, 0, CountPayload.user().block(0x1000, 0x55, 2, 2, 5))));
    api.await("/api/v1/nodes", nodes -> nodes.at("/fleet/instructions").asLong() == 399);
    api.await(
        "/api/v1/runs/" + OTHER_RUN + "/hot-blocks",
        blocks -> blocks.at("/rows/0/symbol").asText().equals("main"));
    api.await(
        "/api/v1/runs/" + RUN + "/hot-blocks",
        blocks -> blocks.at("/rows/1/image").isNull() && !blocks.at("/rows/1/code").isNull());
  }

  private static TraceBatch of(String run, TraceBatch batch) {
    return TraceBatch.newBuilder(batch).setRunId(run).build();
  }

  private static String of(String rest) {
    return "/api/v1/runs/" + RUN + rest;
  }

  private static List<String> column(JsonNode answer, String name) {
    List<String> values = new ArrayList<>();
    answer.get("rows").forEach(row -> values.add(row.get(name).asText()));
    return values;
  }

  @ParameterizedTest
  @CsvSource(
      nullValues = "none",
      value = {
        "'',                      3",
        "node=n2,                 2",
        "label=team=a,            1",
        "label=team=a&label=x=y,  0",
        "name=live,               1",
        "target=riscv64,          0",
        "state=running,           1",
        "state=ended,             2",
        "root=0190a000-0000-7000-8000-000000000001, 1",
        "from=2025-06-01T12:34:51Z, 1",
        "to=1748781291000000,     2",
        "offset=1&limit=1,        3",
      })
  void runsAreFiltered(String query, int total) throws Exception {
    JsonNode answer =
        api.json("/api/v1/runs?" + query + (query.contains("from=") ? "" : "&" + NOT_APART));

    assertThat(answer.get("total").asInt()).isEqualTo(total);
    assertThat(answer.get("missing")).isEmpty();
  }

  @Test
  void runsAreSortedAndPaged() throws Exception {
    assertThat(column(api.json("/api/v1/runs?" + NOT_APART), "runId"))
        .containsExactly(LIVE_RUN, OTHER_RUN, RUN);
    assertThat(column(api.json("/api/v1/runs?sort=-instructions&" + NOT_APART), "instructions"))
        .containsExactly("369", "20", "10");
    assertThat(
            column(api.json("/api/v1/runs?sort=executed&offset=1&limit=1&" + NOT_APART), "runId"))
        .containsExactly(RUN);
  }

  @Test
  void aRunSaysHowFarItIs() throws Exception {
    JsonNode run = api.json(of(""));

    assertThat(run.at("/run/name").asText()).isEqualTo("guest");
    assertThat(run.at("/run/labels/team").asText()).isEqualTo("a");
    assertThat(run.at("/progress/instructions").asLong()).isEqualTo(369);
    assertThat(run.at("/progress/batches").asLong()).isEqualTo(3);
    assertThat(run.at("/progress/lag").asLong()).isZero();
    assertThat(api.json("/api/v1/runs/latest").at("/run/runId").asText()).isEqualTo(LIVE_RUN);
  }

  @Test
  void hotBlocksAreAddedUpOverVcpus() throws Exception {
    JsonNode blocks = api.json(of("/hot-blocks"));

    assertThat(column(blocks, "vaddr")).containsExactly("0x1000", "0x2000", "0x3000");
    assertThat(column(blocks, "weight")).containsExactly("312", "45", "12");
    assertThat(blocks.get("totalWeight").asLong()).isEqualTo(369);
    JsonNode first = blocks.at("/rows/0");
    assertThat(first.get("executions").asLong()).isEqualTo(104);
    assertThat(first.get("image").asText()).isEqualTo("/bin/a");
    assertThat(first.get("imageOffset").asText()).isEqualTo("0x100");
    assertThat(first.at("/code/1/vaddr").asText()).isEqualTo("0x1002");
    assertThat(first.at("/code/1/bytes").asText()).isEqualTo("0f90");
    assertThat(first.at("/code/1/text").asText()).isEqualTo("ret");
    assertThat(blocks.at("/rows/1/symbol").asText()).isEqualTo(HOSTILE);
    assertThat(blocks.at("/rows/2/code").isNull()).isTrue();
  }

  @ParameterizedTest
  @CsvSource({
    "sort=vaddr,            0x1000 0x2000 0x3000",
    "sort=-vaddr,           0x3000 0x2000 0x1000",
    "sort=executions,       0x2000 0x3000 0x1000",
    "sort=-instructions,    0x2000 0x1000 0x3000",
    "limit=1&offset=1,      0x2000",
    "offset=7,              ''",
    "vcpu=1,                0x1000 0x3000",
    "vcpu=0&vcpu=1&limit=2, 0x1000 0x2000",
    "vcpu=77,               ''",
    "from=2025-06-01T12:35:00Z, 0x3000",
    "to=2025-06-01T12:35:00Z,   0x1000 0x2000",
    "from=2025-06-01T12:36:00Z, ''",
  })
  void hotBlocksAreSortedPagedAndFiltered(String query, String vaddrs) throws Exception {
    assertThat(String.join(" ", column(api.json(of("/hot-blocks?" + query)), "vaddr")))
        .isEqualTo(vaddrs);
  }

  @Test
  void theSameRequestIsAnsweredAnewWhenSomethingChanged() throws Exception {
    String path = "/api/v1/runs/" + LIVE_RUN + "/hot-blocks";
    long before = api.json(path).at("/rows/0/executions").asLong();
    assertThat(api.json(path).at("/rows/0/code").isNull()).isTrue();

    cluster.send(Runs.block(LIVE_RUN, 0x1000, 0x55, null, null, null, "nop", "nop"));

    api.await(path, blocks -> blocks.at("/rows/0/code/0/text").asText().equals("nop"));
    assertThat(api.json(path).at("/rows/0/executions").asLong()).isEqualTo(before);
  }

  @Test
  void vcpus() throws Exception {
    JsonNode answer = api.json(of("/vcpus"));

    assertThat(column(answer, "instructions")).containsExactly("345", "24");
    assertThat(answer.at("/rows/0/loads").asLong()).isEqualTo(10);
    assertThat(answer.at("/rows/0/storeBytes").asLong()).isEqualTo(16);
    assertThat(answer.at("/sum/instructions").asLong()).isEqualTo(369);
    assertThat(column(api.json(of("/vcpus?vcpu=1")), "vcpu")).containsExactly("1");
    assertThat(column(api.json(of("/vcpus?sort=-vcpu")), "vcpu")).containsExactly("1", "0");
    assertThat(column(api.json(of("/vcpus?from=2025-06-01T12:35:10Z")), "instructions"))
        .containsExactly("12");
  }

  @Test
  void memoryTraffic() throws Exception {
    JsonNode answer = api.json(of("/hwaddr"));

    assertThat(column(answer, "kind")).containsExactly("RAM", "IO");
    assertThat(column(answer, "device")).containsExactly("RAM", HOSTILE);
    assertThat(answer.at("/sum/ram/reads").asLong()).isEqualTo(8);
    assertThat(answer.at("/sum/io/writeBytes").asLong()).isEqualTo(8);
    assertThat(api.json(of("/hwaddr?by=device")).at("/rows/0/vcpu").isNull()).isTrue();
    assertThat(column(api.json(of("/hwaddr/pages")), "page")).containsExactly("0x9000", "0x1000");
    JsonNode map = api.json(of("/hwaddr/pages?bins=1"));
    assertThat(column(map, "pages")).containsExactly("2");
    assertThat(column(map, "reads")).containsExactly("8");
    assertThat(map.get("bucketBytes").asLong()).isEqualTo(65536);
    assertThat(api.json(of("/hwaddr/pages?bins=16")).get("bucketBytes").asLong()).isEqualTo(4096);
    assertThat(api.json("/api/v1/runs/" + OTHER_RUN + "/hwaddr").get("rows")).isEmpty();
  }

  /** vCPU 0 recorded 100 of 400 instructions, vCPU 1 all of its 8, vCPU 2 none of 50. */
  private static Run windowed(String id, boolean ended) throws Exception {
    Run run = Run.newBuilder(apart(id)).setName("windowed").build();
    TraceBatch passed =
        of(
            id,
            batch(
                0,
                0,
                CountPayload.system()
                    .block(0x1000, 0x11, 3, 9, 20)
                    .block(0x2000, 0x22, 1, 2, 40)
                    .accesses(false, 2, 5)
                    .ram(0x1000, 3, 0, 12, 0)
                    .ram(0x9000, 1, 0, 4, 0)
                    .device("serial", 1, 0, 4, 0)
                    .idle(2, 1)));
    passed.setPassedInstructions(300);
    cluster.send(passed);
    cluster.send(
        of(
            id,
            batch(
                1,
                0,
                CountPayload.system().block(0x1000, 0x11, 3, 9, 2).block(0x2000, 0x22, 1, 2, 2))));
    VcpuTotals first = Runs.totals(0, 100, 1);
    first.setExecuted(400L);
    first.setPassed(300L);
    VcpuTotals last = Runs.totals(2, 0, 0);
    last.setExecuted(50L);
    last.setPassed(50L);
    cluster.send(ended ? Runs.ended(run, first, Runs.totals(1, 8, 1), last) : run);
    api.await(
        "/api/v1/runs/" + id + "/vcpus", vcpus -> vcpus.at("/sum/instructions").asLong() == 108);
    return run;
  }

  @Test
  void anEstimateScalesEachVcpuByItsWeightAndSaysSo() throws Exception {
    String id = "0190a000-0000-7000-8000-000000000007";
    windowed(id, true);
    String run = "/api/v1/runs/" + id;

    JsonNode exact = api.json(run + "/hot-blocks");
    assertThat(exact.get("scaled").asBoolean()).isFalse();
    assertThat(exact.has("weights")).isFalse();
    assertThat(exact.at("/rows/0").has("scaled")).isFalse();
    assertThat(exact.get("totalWeight").asLong()).isEqualTo(108);

    JsonNode blocks = api.json(run + "/hot-blocks?scaled=true");
    assertThat(blocks.get("scaled").asBoolean()).isTrue();
    assertThat(blocks.get("weights").toString())
        .isEqualTo(
            "[{\"vcpu\":0,\"encoded\":100,\"passed\":300,\"weight\":4.0},"
                + "{\"vcpu\":1,\"encoded\":8,\"passed\":0,\"weight\":1.0},"
                + "{\"vcpu\":2,\"encoded\":0,\"passed\":50,\"weight\":null}]");
    assertThat(column(blocks, "executions")).containsExactly("82", "162");
    assertThat(column(blocks, "weight")).containsExactly("246", "162");
    assertThat(column(blocks, "scaled")).containsExactly("true", "true");
    assertThat(blocks.get("totalWeight").asLong()).isEqualTo(400 + 8);
    assertThat(column(api.json(run + "/hot-blocks?scaled=true&vcpu=1"), "executions"))
        .containsExactly("2", "2");

    JsonNode functions = api.json(run + "/hot-functions?scaled=true");
    assertThat(functions.get("totalInstructions").asLong()).isEqualTo(408);
    assertThat(column(functions, "instructions")).containsExactly("408");
    assertThat(column(functions, "executions")).containsExactly("244");
    assertThat(column(api.json(run + "/hot-functions"), "instructions")).containsExactly("108");

    JsonNode vcpus = api.json(run + "/vcpus?scaled=true");
    assertThat(column(vcpus, "instructions")).containsExactly("400", "8");
    assertThat(column(vcpus, "loads")).containsExactly("20", "0");
    assertThat(column(vcpus, "idles")).as("always recorded").containsExactly("2", "0");
    assertThat(vcpus.at("/sum/instructions").asLong()).isEqualTo(408);

    JsonNode devices = api.json(run + "/hwaddr?scaled=true&by=device");
    assertThat(column(devices, "reads")).containsExactly("16", "4");
    assertThat(devices.at("/sum/ram/readBytes").asLong()).isEqualTo(64);
    assertThat(devices.get("scaled").asBoolean()).isTrue();
    assertThat(column(api.json(run + "/hwaddr/pages?scaled=true"), "reads"))
        .containsExactly("12", "4");
    assertThat(api.json(run + "/hwaddr/pages?scaled=true&bins=1").at("/rows/0/reads").asLong())
        .isEqualTo(16);

    for (String csv : List.of("/hot-blocks", "/vcpus", "/hwaddr/pages")) {
      List<String> lines = api.get(run + csv + "?format=csv&scaled=true").body().lines().toList();
      assertThat(lines.get(0)).endsWith(",scaled");
      assertThat(lines.subList(1, lines.size()))
          .isNotEmpty()
          .allMatch(line -> line.endsWith(",true"));
      assertThat(api.get(run + csv + "?format=csv").body()).doesNotContain("scaled");
    }
    assertThat(api.json(run + "/audit").at("/sum/passed").asLong()).isEqualTo(350);
    assertThat(api.json(run).at("/weights/0/weight").asDouble()).isEqualTo(4.0);
  }

  @Test
  void whileARunGoesOnItsBatchesTellTheWeights() throws Exception {
    String id = "0190a000-0000-7000-8000-000000000008";
    windowed(id, false);

    JsonNode blocks =
        api.await(
            "/api/v1/runs/" + id + "/hot-blocks?scaled=true",
            answer -> answer.get("totalWeight").asLong() == 408);

    assertThat(blocks.at("/weights/0/passed").asLong()).isEqualTo(300);
    assertThat(blocks.get("weights")).hasSize(2);
  }

  @Test
  void theFleetIsScaledRunByRun() throws Exception {
    String id = "0190a000-0000-7000-8000-00000000000a";
    Run run = windowed(id, true);
    String plain = "0190a000-0000-7000-8000-00000000000b";
    cluster.send(Run.newBuilder(run).setRunId(plain).setRootRunId(id).build());
    cluster.send(of(plain, batch(0, 0, CountPayload.system().block(0x1000, 0x11, 3, 9, 1000))));
    String filter = "root=" + id;
    api.await("/api/v1/hot-blocks?" + filter, answer -> answer.get("totalWeight").asLong() == 3108);

    JsonNode blocks = api.json("/api/v1/hot-blocks?scaled=true&" + filter);
    JsonNode functions = api.json("/api/v1/hot-functions?scaled=true&" + filter);

    assertThat(blocks.get("scaled").asBoolean()).isTrue();
    assertThat(blocks.get("runsScaled").asInt()).isEqualTo(1);
    assertThat(blocks.get("runsUsed").asInt()).isEqualTo(2);
    assertThat(column(blocks, "executions")).containsExactly("1082", "162");
    assertThat(column(blocks, "weight")).containsExactly("3246", "162");
    assertThat(blocks.get("totalWeight").asLong()).isEqualTo(3408);
    assertThat(functions.get("totalInstructions").asLong()).isEqualTo(3408);
    assertThat(column(functions, "scaled")).containsOnly("true");
    assertThat(column(api.json("/api/v1/hot-blocks?" + filter), "weight"))
        .containsExactly("3066", "42");
  }

  /** But for what is said of it. */
  @ParameterizedTest
  @ValueSource(strings = {"/hot-blocks", "/hot-functions", "/vcpus", "/hwaddr", "/hwaddr/pages"})
  void withoutWindowsAnEstimateIsWhatWasRecorded(String table) throws Exception {
    for (String run : List.of(RUN, OTHER_RUN, LIVE_RUN)) {
      JsonNode exact = api.json("/api/v1/runs/" + run + table);
      JsonNode scaled = api.json("/api/v1/runs/" + run + table + "?scaled=true");

      assertThat(scaled.get("scaled").asBoolean()).isTrue();
      scaled
          .get("weights")
          .forEach(weight -> assertThat(weight.get("weight").asDouble()).isEqualTo(1.0));
      for (JsonNode row : scaled.get("rows")) {
        ((ObjectNode) row).remove("scaled");
      }
      assertThat(scaled.get("rows")).isEqualTo(exact.get("rows"));
      for (String sum : List.of("sum", "totalWeight", "totalInstructions")) {
        assertThat(scaled.get(sum)).isEqualTo(exact.get(sum));
      }
    }
  }

  @Test
  void estimatesAreOfWholeRunsAndNeverOfWhatIsAlwaysRecorded() throws Exception {
    for (String table : List.of("/hot-blocks", "/hot-functions", "/vcpus", "/hwaddr")) {
      HttpResponse<String> answer = api.get(of(table) + "?scaled=true&from=2025-06-01T12:00:00Z");
      assertThat(answer.statusCode()).isEqualTo(400);
      assertThat(answer.body()).contains("weights are of whole runs");
    }
    assertThat(api.get("/api/v1/hot-blocks?scaled=true&to=2025-06-01T12:00:00Z").statusCode())
        .isEqualTo(400);
    assertThat(api.get(of("/hot-blocks?scaled=1")).statusCode()).isEqualTo(400);
    assertThat(api.get(of("/syscalls?scaled=true")).statusCode()).isEqualTo(400);
    assertThat(api.get(of("/timeline?scaled=true")).statusCode()).isEqualTo(400);
  }

  @Test
  void systemCalls() throws Exception {
    JsonNode answer = api.json("/api/v1/runs/" + OTHER_RUN + "/syscalls");

    assertThat(column(answer, "name")).containsExactly("write", "sys_9999");
    assertThat(answer.at("/rows/0/calls").asLong()).isEqualTo(7);
    assertThat(answer.at("/rows/0/returns").asLong()).isEqualTo(6);
    assertThat(answer.at("/rows/0/errors").asLong()).isEqualTo(2);
  }

  @Test
  void timelineInSecondsAndMinutes() throws Exception {
    JsonNode fine = api.json(of("/timeline?step=1"));
    assertThat(column(fine, "start"))
        .containsExactly("1748781296000000", "1748781296000000", "1748781356000000");
    assertThat(column(fine, "instructions")).containsExactly("345", "12", "12");
    assertThat(fine.at("/rows/0/ramReads").asLong()).isEqualTo(8);
    assertThat(fine.at("/rows/0/ioWrites").asLong()).isEqualTo(2);
    assertThat(fine.get("fineFrom").asLong()).isEqualTo(1748781296000000L);

    JsonNode coarse = api.json(of("/timeline?step=60&by=run"));
    assertThat(column(coarse, "instructions")).containsExactly("357", "12");
    assertThat(coarse.at("/rows/0/ramReads").asLong()).isEqualTo(8);
    assertThat(coarse.at("/rows/0/ioWrites").asLong()).isEqualTo(2);
    assertThat(api.json(of("/timeline")).get("stepSeconds").asInt()).isEqualTo(1);
    assertThat(column(api.json(of("/timeline?step=1&from=1748781300000000")), "vcpu"))
        .containsExactly("1");
  }

  @Test
  void audit() throws Exception {
    JsonNode ok = api.json(of("/audit"));

    assertThat(ok.get("verdict").asText()).isEqualTo("ok");
    assertThat(ok.get("line").asText())
        .isEqualTo(
            "AUDIT OK  executed 369 = encoded 369 + dropped 0, published 369, aggregated 369 instructions; 1 run, 2 vCPUs, 0 gaps, 0 duplicates");
    assertThat(column(api.json(of("/audit?sort=executed")), "vcpu")).containsExactly("1", "0");
    assertThat(api.json("/api/v1/runs/" + LIVE_RUN + "/audit").get("verdict").asText())
        .isEqualTo("running");
  }

  @Test
  void auditFindsWhatIsMissing() throws Exception {
    String id = "0190a000-0000-7000-8000-000000000004";
    Run run = apart(id);
    cluster.send(of(id, batch(0, 1, CountPayload.user().block(0x1000, 0x55, 2, 2, 5))));
    cluster.send(Runs.ended(run, Runs.totals(0, 20, 2)));

    JsonNode audit =
        api.await(
            "/api/v1/runs/" + id + "/audit",
            answer -> answer.get("verdict").asText().equals("failed"));

    assertThat(audit.at("/sum/gaps").asLong()).isEqualTo(1);
    assertThat(audit.at("/failures/0").asText())
        .isEqualTo("run " + id + " vCPU 0: published 20, but aggregated 10");
    assertThat(api.json("/api/v1/runs/" + id).at("/progress/gaps").asLong()).isEqualTo(1);
  }

  @Test
  void theSameCodeIsOneRowInTheFleet() throws Exception {
    JsonNode answer = api.json("/api/v1/hot-blocks?label=team=a&limit=1");
    assertThat(answer.get("runsUsed").asInt()).isEqualTo(1);

    JsonNode all = api.json("/api/v1/hot-blocks?state=ended&to=2025-06-01T12:40:00Z");
    JsonNode main = all.at("/rows/0");
    assertThat(main.get("image").asText()).isEqualTo("/bin/a");
    assertThat(main.get("imageOffset").asText()).isEqualTo("0x100");
    assertThat(main.get("executions").asLong()).isEqualTo(109);
    assertThat(main.get("runs").asInt()).isEqualTo(2);
    assertThat(main.get("nodes").asInt()).isEqualTo(2);
    assertThat(main.get("vaddr").isNull()).isTrue();
    assertThat(main.get("symbol").asText()).isEqualTo("main");
    JsonNode atAddress = all.at("/rows/1");
    assertThat(atAddress.get("vaddr").asText()).isEqualTo("0x2000");
    assertThat(atAddress.get("executions").asLong()).isEqualTo(10);
  }

  @Test
  void hotFunctionsAreBlocksAddedUp() throws Exception {
    JsonNode functions =
        api.await(
            of("/hot-functions"), answer -> answer.at("/rows/1/name").asText().equals(HOSTILE));

    assertThat(column(functions, "name")).containsExactly("main", HOSTILE, "[unknown]");
    assertThat(column(functions, "instructions")).containsExactly("312", "45", "12");
    assertThat(column(functions, "executions")).containsExactly("104", "9", "12");
    assertThat(column(functions, "blocks")).containsExactly("1", "1", "1");
    assertThat(functions.get("totalInstructions").asLong()).isEqualTo(369);
    assertThat(functions.at("/rows/0/image").asText()).isEqualTo("/bin/a");
    assertThat(functions.at("/rows/2/function").isNull()).isTrue();
    assertThat(functions.get("total").asInt()).isEqualTo(3);
  }

  @ParameterizedTest
  @CsvSource({
    "sort=instructions,          12 45 312",
    "sort=-name,                 312 12 45",
    "sort=-executions,           312 12 45",
    "limit=1&offset=1,           45",
    "vcpu=1,                     12 12",
    "from=2025-06-01T12:35:00Z,  12",
  })
  void hotFunctionsAreSortedPagedAndFiltered(String query, String instructions) throws Exception {
    assertThat(String.join(" ", column(api.json(of("/hot-functions?" + query)), "instructions")))
        .isEqualTo(instructions);
  }

  @Test
  void functionsOfTheFleetAreOneRowForEachBuild() throws Exception {
    Map<String, String> label = Map.of("team", "functions");
    sendFunction(1, "n7", label, "/x/libc.so", "aa", 0x1000, 10);
    sendFunction(2, "n8", label, "/y/libc.so", "aa", 0x7000, 20);
    sendFunction(3, "n8", label, "/x/libc.so", "bb", 0x1000, 5);

    JsonNode functions =
        api.await(
            "/api/v1/hot-functions?label=team=functions",
            answer -> "90 15".equals(String.join(" ", column(answer, "instructions"))));

    assertThat(column(functions, "name")).containsExactly("memcpy", "memcpy");
    assertThat(column(functions, "buildId")).containsExactly("aa", "bb");
    assertThat(column(functions, "image")).containsExactly("/x/libc.so", "/x/libc.so");
    assertThat(column(functions, "runs")).containsExactly("2", "1");
    assertThat(column(functions, "nodes")).containsExactly("2", "1");
    assertThat(functions.get("totalInstructions").asLong()).isEqualTo(105);
    JsonNode blocks = api.json("/api/v1/hot-blocks?label=team=functions");
    assertThat(column(blocks, "weight")).containsExactly("90", "15");
    assertThat(column(blocks, "buildId")).containsExactly("aa", "bb");
    assertThat(blocks.at("/rows/0/functionOffset").asText()).isEqualTo("0x10");
    assertThat(blocks.at("/rows/0/vaddr").isNull()).isTrue();
    assertThat(api.get("/api/v1/hot-functions?label=team=functions&format=csv").body())
        .startsWith(
            "target,name,function,image,buildId,instructions,executions,blocks,runs,nodes\r\n"
                + "x86_64,memcpy,memcpy,/x/libc.so,aa,90,30,1,2,2\r\n");
  }

  private static void sendFunction(
      int number,
      String node,
      Map<String, String> labels,
      String image,
      String buildId,
      long vaddr,
      int executions)
      throws Exception {
    String id = "0190a000-0000-7000-8000-00000000010" + number;
    cluster.send(
        Run.newBuilder(Runs.run(id, node, "functions", labels))
            .setStart(Runs.START.minus(Duration.ofDays(1)))
            .build());
    cluster.send(
        BlockDetail.newBuilder(Runs.block(id, vaddr, 0x44, null, image, 0x110L, "nop"))
            .setBuildId(buildId)
            .setFunction("memcpy")
            .setFunctionOffset(0x10L)
            .build());
    cluster.send(of(id, batch(0, 0, CountPayload.user().block(vaddr, 0x44, 3, 9, executions))));
  }

  @Test
  void csvHasAllRowsUnlessTheyAreLimited() throws Exception {
    String id = "0190a000-0000-7000-8000-000000000006";
    int blocks = 2_345;
    CountPayload payload = CountPayload.user();
    for (int i = 0; i < blocks; i++) {
      payload.block(0x400000L + 16L * i, i, 4, 12, 1 + i);
    }
    cluster.send(apart(id));
    cluster.send(of(id, batch(0, 0, payload)));
    String path = "/api/v1/runs/" + id + "/hot-blocks";
    api.await(path, answer -> answer.get("total").asInt() == blocks);

    HttpResponse<String> all = api.get(path + "?format=csv");

    List<String> lines = all.body().lines().toList();
    assertThat(lines).hasSize(1 + blocks).doesNotHaveDuplicates();
    assertThat(lines.get(1)).startsWith("0x4092");
    assertThat(lines.get(blocks)).startsWith("0x400000,");
    assertThat(all.headers().firstValue("X-Tracefleet-Complete")).hasValue("true");
    assertThat(api.get(path + "?format=csv&limit=2000").body().lines()).hasSize(2_001);
    assertThat(api.get(path + "?format=csv&limit=7").body().lines()).hasSize(8);
    assertThat(api.get(path + "?format=csv&offset=2000").body().lines()).hasSize(346);
    assertThat(api.json(path).get("rows")).hasSize(100);
  }

  @Test
  void nodes() throws Exception {
    JsonNode answer = api.json("/api/v1/nodes?node=n2");

    assertThat(column(answer, "runs")).containsExactly("2");
    assertThat(column(answer, "running")).containsExactly("1");
    assertThat(column(answer, "instructions")).containsExactly("30");
    assertThat(answer.at("/fleet/lag").isIntegralNumber()).isTrue();
    assertThat(answer.at("/rows/0/lastSeen").asLong()).isGreaterThanOrEqualTo(1748781291000000L);
  }

  @Test
  void csvIsEscaped() throws Exception {
    HttpResponse<String> answer = api.get(of("/hot-blocks?format=csv&sort=vaddr&offset=1&limit=1"));

    assertThat(answer.headers().firstValue("Content-Type"))
        .hasValueSatisfying(type -> assertThat(type).startsWith("text/csv"));
    assertThat(answer.headers().firstValue("X-Tracefleet-Complete")).hasValue("true");
    String hostile = "\"'" + HOSTILE.replace("\"", "\"\"") + "\"";
    assertThat(answer.body())
        .isEqualTo(
            "vaddr,codeHash,instructions,bytes,executions,weight,symbol,function,functionOffset,file,line,image,imageOffset,buildId,code\r\n"
                + "0x2000,0x22,5,12,9,45,"
                + hostile
                + ",,,,,,,,"
                + hostile
                + "\r\n");
    assertThat(api.get("/api/v1/runs?sort=start&limit=1", "Accept", "text/csv").body())
        .startsWith("runId,parentRunId,rootRunId,node,name,labels,");
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "/hot-blocks?limit=0       | Parameter limit is \"0\": give a whole number from 1 to 1000.",
        "/hot-blocks?limit=1001    | Parameter limit is \"1001\": give a whole number from 1 to 1000.",
        "/hot-blocks?offset=-1     | Parameter offset is \"-1\": give a whole number from 0 to 2147483647.",
        "/hot-blocks?sort=symbol   | Parameter sort is \"symbol\": give weight, executions, instructions, bytes, vaddr, with - in front for the largest first.",
        "/hot-blocks?vcpu=x        | Parameter vcpu is \"x\": give a whole number from 0 to 2147483647.",
        "/hot-blocks?from=tomorrow | Parameter from is \"tomorrow\": give microseconds since the epoch, or a time as 2025-06-01T12:34:56Z.",
        "/hot-blocks?from=5&to=5   | Parameter from must be before to.",
        "/hot-blocks?format=xml    | Parameter format is \"xml\": give json or csv.",
        "/hot-blocks?limit=1&limit=2 | Parameter limit may be given once.",
        "/hot-functions?limit=0    | Parameter limit is \"0\": give a whole number from 1 to 1000.",
        "/hot-functions?format=csv&limit=0 | Parameter limit is \"0\": give a whole number from 1 to 2147483647.",
        "/hot-functions?sort=weight | Parameter sort is \"weight\": give instructions, executions, blocks, name, image, with - in front for the largest first.",
        "/hot-functions?from=5&to=5 | Parameter from must be before to.",
        "/hot-functions?node=n1    | Parameter node is unknown here: there are format, from, limit, offset, scaled, sort, to, vcpu.",
        "/vcpus?nonsense=1         | Parameter nonsense is unknown here: there are format, from, limit, offset, scaled, sort, to, vcpu.",
        "/hwaddr?by=node           | Parameter by is \"node\": give vcpu, device.",
        "/hwaddr/pages?bins=0      | Parameter bins is \"0\": give a whole number from 1 to 4096.",
        "/hwaddr/pages?from=1      | Parameter from is unknown here: there are bins, format, limit, offset, scaled, sort, vcpu.",
        "/timeline?step=7          | Parameter step is \"7\": give auto, 1, 2, 5, 10, 30, 60, 300, 900, 3600.",
        "/audit?tree=maybe         | Parameter tree is \"maybe\": give true, false.",
        "?format=csv               | This answer is no table: only format=json is there.",
      })
  void badParametersGetOneLine(String rest, String message) throws Exception {
    HttpResponse<String> answer = api.get(of(rest));

    assertThat(answer.statusCode()).isEqualTo(400);
    JsonNode error = new ObjectMapper().readTree(answer.body()).get("error");
    assertThat(error.get("status").asInt()).isEqualTo(400);
    assertThat(error.get("message").asText()).isEqualTo(message);
  }

  @Test
  void unknownRunsAndPathsAreNotFound() throws Exception {
    assertThat(api.get("/api/v1/runs/" + NO_RUN).statusCode()).isEqualTo(404);
    assertThat(
            api.get("/api/v1/runs/" + NO_RUN + "/events", "Accept", "text/event-stream")
                .statusCode())
        .isEqualTo(404);
    HttpResponse<String> functions = api.get("/api/v1/runs/" + NO_RUN + "/hot-functions");
    assertThat(functions.statusCode()).isEqualTo(404);
    assertThat(functions.body())
        .contains("No run " + NO_RUN + ": GET /api/v1/runs lists those that there are.");
    HttpResponse<String> csv = api.get("/api/v1/runs/" + NO_RUN + "/hot-functions?format=csv");
    assertThat(csv.statusCode()).isEqualTo(404);
    assertThat(csv.body()).startsWith("{\"error\"");
    assertThat(api.get("/api/v1/hot-functions?sort=weight").body())
        .contains("give instructions, executions, blocks, name, image, runs, nodes, with -");
    assertThat(api.get("/api/v1/events").statusCode()).isEqualTo(406);
    assertThat(api.get("/api/v1/nothing").statusCode()).isEqualTo(404);
    assertThat(api.get("/secret.js").statusCode()).isEqualTo(404);
    assertThat(api.get("/..%2flogback-test.xml").statusCode()).isGreaterThanOrEqualTo(400);
    assertThat(api.get("/api/v1/runs/%3Cscript%3E").body()).contains("is no run's id");
    assertThat(api.get("/api/v1/runs?label=x").statusCode()).isEqualTo(400);
  }

  @Test
  void otherNamesOfThisServerAreRefused() throws Exception {
    HttpURLConnection connection =
        (HttpURLConnection)
            URI.create(jobs.url().orElseThrow() + "/api/v1/runs").toURL().openConnection();
    assertThat(connection.getResponseCode()).isEqualTo(200);
    URI url = URI.create(jobs.url().orElseThrow());
    try (Socket socket = new Socket(url.getHost(), url.getPort())) {
      socket.setSoTimeout(10_000);
      socket
          .getOutputStream()
          .write(
              "GET /api/v1/runs HTTP/1.1\r\nHost: evil.example\r\nConnection: close\r\n\r\n"
                  .getBytes(StandardCharsets.US_ASCII));
      assertThat(new String(socket.getInputStream().readAllBytes(), StandardCharsets.UTF_8))
          .startsWith("HTTP/1.1 403");
    }
  }

  @Test
  void theDashboardIsServedWithAStrictPolicy() throws Exception {
    HttpResponse<String> page = api.get("/sample.html");
    assertThat(page.statusCode()).isEqualTo(200);
    assertThat(page.headers().firstValue("Content-Type")).hasValue("text/html;charset=utf-8");
    assertThat(page.headers().firstValue("Content-Security-Policy"))
        .hasValueSatisfying(policy -> assertThat(policy).startsWith("default-src 'self';"));
    HttpResponse<String> index = api.get("/index.html");
    for (String path : List.of("/", "/runs/" + RUN)) {
      assertThat(api.get(path).statusCode()).isEqualTo(index.statusCode());
      assertThat(api.get(path).body()).isEqualTo(index.body());
    }
  }

  @Test
  void health() throws Exception {
    assertThat(api.json("/health/live").get("status").asText()).isEqualTo("live");
    assertThat(api.json("/health/ready").get("status").asText()).isEqualTo("ready");
  }

  @Test
  void eventsTellWhatChanges() throws Exception {
    String id = "0190a000-0000-7000-8000-000000000005";
    cluster.send(apart(id));
    api.await("/api/v1/runs/" + id, run -> true);
    HttpURLConnection connection =
        (HttpURLConnection)
            URI.create(jobs.url().orElseThrow() + "/api/v1/runs/" + id + "/events")
                .toURL()
                .openConnection();
    connection.setReadTimeout(20_000);
    connection.setRequestProperty("Accept", "text/event-stream");
    try (BufferedReader lines =
        new BufferedReader(
            new InputStreamReader(connection.getInputStream(), StandardCharsets.UTF_8))) {
      assertThat(connection.getContentType()).startsWith("text/event-stream");
      JsonNode first = event(lines);
      assertThat(first.at("/runs/0/instructions").asLong()).isZero();
      assertThat(first.get("fleet").isNull()).isTrue();

      cluster.send(of(id, batch(3, 0, CountPayload.user().block(0x1000, 0x55, 2, 2, 5))));

      JsonNode next = event(lines);
      while (next.at("/runs/0/instructions").asLong() == 0) {
        next = event(lines);
      }
      assertThat(next.at("/runs/0/perVcpu/0/vcpu").asInt()).isEqualTo(3);
      assertThat(next.at("/runs/0/rate").asLong()).isPositive();
    } finally {
      connection.disconnect();
    }
  }

  @Test
  void streamsBeyondTheLimitAreRefused() throws Exception {
    String path = "/api/v1/events";
    List<HttpURLConnection> open = new ArrayList<>();
    try {
      // Readers of other tests may not have been noticed to be gone.
      int status = 200;
      while (status == 200 && open.size() <= EVENT_CLIENTS) {
        HttpURLConnection connection =
            (HttpURLConnection)
                URI.create(jobs.url().orElseThrow() + path).toURL().openConnection();
        connection.setRequestProperty("Accept", "text/event-stream");
        connection.setReadTimeout(20_000);
        open.add(connection);
        status = connection.getResponseCode();
      }
      assertThat(status).isEqualTo(503);
      HttpResponse<String> refused = api.get(path, "Accept", "text/event-stream");
      assertThat(refused.statusCode()).isEqualTo(503);
      assertThat(refused.body()).contains("http.event.clients");
    } finally {
      open.forEach(HttpURLConnection::disconnect);
    }
    // A place is free again when the server notices that a reader is gone.
    ApiClient.await(
        () -> {
          HttpURLConnection connection =
              (HttpURLConnection)
                  URI.create(jobs.url().orElseThrow() + path).toURL().openConnection();
          connection.setRequestProperty("Accept", "text/event-stream");
          try {
            return connection.getResponseCode() == 200 ? true : null;
          } finally {
            connection.disconnect();
          }
        },
        () -> "no place became free");
  }

  private static Run apart(String id) {
    return Run.newBuilder(Runs.run(id, "n9", "apart", Map.of()))
        .setStart(Runs.START.minus(Duration.ofDays(1)))
        .build();
  }

  private static JsonNode event(BufferedReader lines) throws Exception {
    for (String line = lines.readLine(); ; line = lines.readLine()) {
      if (line.startsWith("data: ")) {
        return new ObjectMapper().readTree(line.substring(6));
      }
    }
  }

  static Stream<String> sampleRequests() {
    return Stream.of(
        "/api/v1/runs",
        "/api/v1/runs/{id}",
        "/api/v1/runs/{id}/hot-blocks",
        "/api/v1/runs/{id}/hot-functions",
        "/api/v1/runs/{id}/vcpus",
        "/api/v1/runs/{id}/hwaddr",
        "/api/v1/runs/{id}/hwaddr/pages",
        "/api/v1/runs/{id}/syscalls",
        "/api/v1/runs/{id}/timeline",
        "/api/v1/runs/{id}/audit",
        "/api/v1/hot-blocks",
        "/api/v1/hot-functions",
        "/api/v1/nodes",
        "/health/live",
        "/health/ready");
  }

  @ParameterizedTest
  @MethodSource("sampleRequests")
  void answersFollowTheirSchemas(String path) throws Exception {
    JsonNode document = api.json("/api/v1/openapi.json");
    JsonNode schema =
        document.at(
            "/paths/"
                + path.replace("~", "~0").replace("/", "~1")
                + "/get/responses/200/content/application~1json/schema");
    assertThat(schema.isMissingNode()).isFalse();
    ((ObjectNode) document).set("$ref", schema.get("$ref"));
    JsonSchema validator =
        JsonSchemaFactory.getInstance(SpecVersion.VersionFlag.V202012).getSchema(document);

    boolean scales = document.at("/paths").get(path).toString().contains("parameters/scaled");
    for (String run : List.of(RUN, OTHER_RUN, LIVE_RUN)) {
      JsonNode answer = api.json(path.replace("{id}", run));
      assertThat(validator.validate(answer)).isEmpty();
      assertThat(answer.toString()).isNotEqualTo("{}");
      if (scales) {
        assertThat(validator.validate(api.json(path.replace("{id}", run) + "?scaled=true")))
            .isEmpty();
      }
    }
    assertThat(validator.validate(new ObjectMapper().readTree("{\"rows\":[{}]}"))).isNotEmpty();
  }

  @Test
  void everyParameterThatIsDescribedIsTaken() throws Exception {
    JsonNode document = api.json("/api/v1/openapi.json");
    document
        .get("paths")
        .fields()
        .forEachRemaining(
            path ->
                path.getValue()
                    .at("/get/parameters")
                    .forEach(
                        reference -> {
                          JsonNode parameter =
                              document.at(reference.get("$ref").asText().substring(1));
                          if (parameter.get("in").asText().equals("query")) {
                            check(path.getKey(), parameter);
                          }
                        }));
  }

  private static void check(String path, JsonNode parameter) {
    String example = parameter.get("example").asText();
    try {
      HttpResponse<String> answer =
          api.get(
              path.replace("{id}", RUN)
                  + "?"
                  + parameter.get("name").asText()
                  + "="
                  + URLEncoder.encode(example, StandardCharsets.UTF_8));
      assertThat(answer.statusCode()).as(path + " " + parameter + answer.body()).isEqualTo(200);
    } catch (Exception e) {
      throw new AssertionError(path, e);
    }
  }
}
