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
                      : (asked.incrementAndGet() < 3 ? RUNNING : ENDED)
                          .formatted(asked.get() * 1000);
          byte[] bytes = body.getBytes(StandardCharsets.UTF_8);
          exchange.sendResponseHeaders(status, bytes.length);
          exchange.getResponseBody().write(bytes);
          exchange.close();
        });
    server.start();
  }

  @AfterEach
  void stop() {
    server.stop(0);
  }

  @Test
  void showsTheTableUntilTheRunHasEnded() throws Exception {
    assertThat(following(false).follow("r1", "hot-blocks", 5)).isZero();

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
    assertThat(following(false).follow("r1", "hot-functions", 2)).isZero();

    assertThat(out.toString(StandardCharsets.UTF_8))
        .contains("75.00")
        .contains("9,000")
        .contains("ma\\x1bin")
        .contains("[unknown]")
        .contains("and 5 more functions")
        .doesNotContain("\033");
  }

  @Test
  void drawsFromTheTopOnATerminal() throws Exception {
    following(true).follow("r1", "hot-blocks", 5);

    assertThat(out.toString(StandardCharsets.UTF_8)).startsWith("\033[H\033[2JRun r1");
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

    assertThat(following(false).follow("r1", "hot-blocks", 5)).isEqualTo(130);
    sender.join();
  }

  @Test
  void anErrorIsTold() {
    status = 401;

    assertThatThrownBy(() -> following(false).follow("r1", "hot-blocks", 5))
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
