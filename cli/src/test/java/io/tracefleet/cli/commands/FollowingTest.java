// SPDX-License-Identifier: Apache-2.0
package io.tracefleet.cli.commands;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.sun.net.httpserver.HttpServer;
import io.tracefleet.cli.console.Console;
import io.tracefleet.cli.console.Signals;
import io.tracefleet.cli.report.LiveApi;
import io.tracefleet.cli.report.ResultException;
import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.locks.LockSupport;
import java.util.function.Supplier;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(60)
class FollowingTest {
  private static final String RUNNING =
      """
      {"run":{"runId":"r1","name":"a\\u001bb","node":"n","end":null,"endReason":null,"exitCode":null},
       "progress":{"instructions":%d,"rate":5,"lag":null,"dropped":0,"gaps":0}}
      """;
  private static final String ENDED =
      RUNNING
          .replace("\"end\":null,\"endReason\":null", "\"end\":5,\"endReason\":\"exit\"")
          .replace("\"lag\":null", "\"lag\":0");
  private static final String BLOCKS =
      """
      {"rows":[{"vaddr":"0x10","executions":2000,"instructions":3,"bytes":9,"weight":6000,"symbol":"main","function":null,
       "code":[{"text":"push  %rbp"},{"text":"ret"}]}],"totalWeight":12000,"missing":[]}
      """;

  private static final String FUNCTIONS =
      """
      {"rows":[{"name":"ma\\u001bin","function":"ma\\u001bin","image":"/bin/a","buildId":null,"instructions":9000,"executions":2,"blocks":1},
               {"name":"[unknown]","function":null,"image":null,"buildId":null,"instructions":1,"executions":1,"blocks":1}],
       "totalInstructions":12000,"total":7,"limit":2,"missing":[]}
      """;

  private static final String NODES =
      """
      {"rows":[],"fleet":{"nodes":2,"runs":12,"running":1,"instructions":%d,"rate":7,"lag":3,"dropped":0,"gaps":0},"missing":[]}
      """;

  private static final String FLEET_BLOCKS =
      """
      {"rows":[{"vaddr":"0x10","image":"/lib/a\\u001b.so","imageOffset":"0x1010","executions":2000,"instructions":3,"weight":6000,
       "nodes":2,"runs":11,"symbol":null,"function":"f","functionOffset":"0x4","code":[{"text":"push  %rbp"}]},
       {"vaddr":"0x20","image":null,"imageOffset":null,"executions":1,"instructions":3,"weight":3,
       "nodes":1,"runs":1,"symbol":null,"function":null,"functionOffset":null,"code":null}],
       "totalWeight":12000,"runsMatched":12,"runsUsed":11,"total":9,"limit":2,
       "missing":[{"partitions":[3],"instance":null,"reason":"restoring"}]}
      """;

  private static final String FLEET_FUNCTIONS =
      """
      {"rows":[{"name":"main","function":"main","image":"/bin/a","buildId":null,"instructions":9000,"executions":2,"blocks":4,
       "nodes":2,"runs":11}],"totalInstructions":12000,"runsMatched":12,"runsUsed":12,"total":1,"limit":5,%s"missing":[]}
      """;

  private final ByteArrayOutputStream out = new ByteArrayOutputStream();
  private final Signals signals = Signals.detached(number -> {});
  private final AtomicInteger asked = new AtomicInteger();
  private HttpServer server;
  private int status = 200;

  @BeforeEach
  void serve() throws Exception {
    server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
    server.createContext(
        "/api/v1/runs/r1",
        exchange -> {
          String path = exchange.getRequestURI().getPath();
          String body =
              path.endsWith("hot-blocks")
                  ? BLOCKS
                  : path.endsWith("hot-functions")
                      ? FUNCTIONS
                      : path.endsWith("vcpus")
                          ? vcpus("limit=5&scaled=true".equals(exchange.getRequestURI().getQuery()))
                          : (asked.incrementAndGet() < 3 ? RUNNING : ENDED)
                              .formatted(asked.get() * 1000);
          byte[] bytes = body.getBytes(StandardCharsets.UTF_8);
          exchange.sendResponseHeaders(status, bytes.length);
          exchange.getResponseBody().write(bytes);
          exchange.close();
        });
    serve("/api/v1/nodes", () -> NODES.formatted(asked.incrementAndGet() * 1000));
    serve("/api/v1/hot-blocks", () -> FLEET_BLOCKS);
    server.createContext(
        "/api/v1/hot-functions",
        exchange -> {
          boolean scaled = exchange.getRequestURI().getQuery().endsWith("&scaled=true");
          byte[] bytes =
              FLEET_FUNCTIONS
                  .formatted(scaled ? "\"scaled\":true,\"runsScaled\":2," : "")
                  .getBytes(StandardCharsets.UTF_8);
          exchange.sendResponseHeaders(status, bytes.length);
          exchange.getResponseBody().write(bytes);
          exchange.close();
        });
    server.start();
  }

  private static String vcpus(boolean scaled) {
    return scaled
        ? """
        {"rows":[{"vcpu":0,"instructions":400,"scaled":true}],"scaled":true,
         "weights":[{"vcpu":0,"encoded":100,"passed":300,"weight":4.0}],"missing":[]}
        """
        : """
        {"rows":[{"vcpu":0,"instructions":100}],"scaled":false,"missing":[]}
        """;
  }

  private void serve(String path, Supplier<String> answer) {
    server.createContext(
        path,
        exchange -> {
          byte[] bytes = answer.get().getBytes(StandardCharsets.UTF_8);
          exchange.sendResponseHeaders(status, bytes.length);
          exchange.getResponseBody().write(bytes);
          exchange.close();
        });
  }

  @AfterEach
  void stop() {
    server.stop(0);
  }

  @Test
  void showsTheTableUntilTheRunHasEnded() throws Exception {
    assertThat(following(false).follow(Followed.run("r1", "hot-blocks", 5, false))).isZero();

    String text = out.toString(StandardCharsets.UTF_8);
    assertThat(text)
        .contains("1,000 instructions, 5/s, lag - batches")
        .contains("2,000 instructions")
        .contains("3,000 instructions")
        .contains("50.00")
        .contains("push %rbp; ret")
        .contains("a\\x1bb")
        .contains("ended: exit")
        .doesNotContain("\033");
  }

  @Test
  void functionsAreShownAsInReports() throws Exception {
    assertThat(following(false).follow(Followed.run("r1", "hot-functions", 2, false))).isZero();

    assertThat(out.toString(StandardCharsets.UTF_8))
        .contains("75.00")
        .contains("9,000")
        .contains("ma\\x1bin")
        .contains("[unknown]")
        .contains("and 5 more functions")
        .doesNotContain("\033");
  }

  @Test
  void anEstimateIsAskedForAndSaysThatItIsOne() throws Exception {
    assertThat(following(false).follow(Followed.run("r1", "vcpus", 5, true))).isZero();
    assertThat(out.toString(StandardCharsets.UTF_8))
        .contains("  ESTIMATE, not exact: counts are scaled by what windows passed over: vCPU 0 by")
        .contains("by 4.000 (100 recorded, 300 passed over)")
        .containsPattern("vcpu +instructions\\s")
        .doesNotContain("scaled\n");

    out.reset();
    following(false).follow(Followed.run("r1", "vcpus", 5, false));
    assertThat(out.toString(StandardCharsets.UTF_8)).doesNotContain("ESTIMATE").contains("100");
  }

  @Test
  void anEstimateOfTheFleetSaysOfHowManyRuns() throws Exception {
    interruptWhenAsked(1);

    following(false).follow(Followed.fleet("hot-functions", 5, true));

    assertThat(out.toString(StandardCharsets.UTF_8))
        .contains("  ESTIMATE, not exact: counts of 2 runs are scaled");
  }

  @Test
  void drawsFromTheTopOnATerminal() throws Exception {
    following(true).follow(Followed.run("r1", "hot-blocks", 5, false));

    assertThat(out.toString(StandardCharsets.UTF_8)).startsWith("\033[H\033[2JRun r1");
  }

  @Test
  void theFleetsBlocksAreShownUntilASignal() throws Exception {
    interruptWhenAsked(2);

    assertThat(following(false).follow(Followed.fleet("hot-blocks", 2, false))).isEqualTo(130);

    assertThat(out.toString(StandardCharsets.UTF_8))
        .contains("12 runs on 2 nodes, 1 running; the rows are of the newest 11\n")
        .contains("  1,000 instructions, 7/s, lag 3 batches, dropped 0, gaps 0")
        .contains("  2,000 instructions")
        .contains("incomplete: partitions [3]: restoring")
        .containsPattern("share % +executions +instr\\. +nodes +runs +function +image +code")
        .containsPattern("50\\.00 +2,000 +3 +2 +11 +f\\+0x4 +a\\\\x1b\\.so\\+0x1010 +push %rbp")
        .containsPattern("0\\.03 +1 +3 +1 +1 +0x20")
        .contains("and 7 more blocks");
  }

  @Test
  void theFleetsFunctionsHaveNodesAndRuns() throws Exception {
    interruptWhenAsked(1);

    assertThat(following(false).follow(Followed.fleet("hot-functions", 5, false))).isEqualTo(130);

    assertThat(out.toString(StandardCharsets.UTF_8))
        .contains("12 runs on 2 nodes, 1 running\n")
        .containsPattern("share % +instructions +blocks +nodes +runs +function +image")
        .containsPattern("75\\.00 +9,000 +4 +2 +11 +main +a");
  }

  /** As ctrl-C does, when the answers of so many looks have been shown. */
  private void interruptWhenAsked(int times) {
    Thread sender =
        new Thread(
            () -> {
              while (!out.toString(StandardCharsets.UTF_8).contains(times + ",000 instructions")) {
                LockSupport.parkNanos(1_000_000L);
              }
              LockSupport.parkNanos(300_000_000L);
              signals.deliver(2);
            });
    sender.setDaemon(true);
    sender.start();
  }

  @Test
  void endsWithTheSignalsNumber() throws Exception {
    asked.set(-1_000_000);
    Thread sender =
        new Thread(
            () -> {
              while (asked.get() < -999_998) {
                LockSupport.parkNanos(1_000_000L);
              }
              signals.deliver(2);
            });
    sender.start();

    assertThat(following(false).follow(Followed.run("r1", "hot-blocks", 5, false))).isEqualTo(130);
    sender.join();
  }

  @Test
  void anErrorIsTold() {
    status = 401;

    assertThatThrownBy(() -> following(false).follow(Followed.run("r1", "hot-blocks", 5, false)))
        .isInstanceOf(ResultException.class)
        .hasMessageContaining("status 401");
  }

  private Following following(boolean screen) {
    PrintStream stream = new PrintStream(out, true, StandardCharsets.UTF_8);
    return new Following(
        new LiveApi("http://127.0.0.1:" + server.getAddress().getPort(), Optional.empty()),
        signals,
        new Console(stream, stream, false, false, false, screen));
  }
}
