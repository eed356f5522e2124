// SPDX-License-Identifier: Apache-2.0
package io.tracefleet.jobs.http;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.javalin.Javalin;
import io.tracefleet.jobs.testing.ApiClient;
import java.io.IOException;
import java.net.http.HttpResponse;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(value = 1, unit = TimeUnit.MINUTES)
class LongAnswerTest {
  private static final byte[] PART = new byte[1 << 20];

  private Javalin server;
  private ApiClient client;

  @BeforeEach
  void start() {
    server =
        Javalin.create(
            config -> {
              config.routes.get("/whole", context -> LongAnswer.send(context, o -> o.write(PART)));
              config.routes.get(
                  "/early",
                  context ->
                      LongAnswer.send(
                          context,
                          out -> {
                            out.write(1);
                            throw new IllegalStateException("early");
                          }));
              config.routes.get(
                  "/late",
                  context ->
                      LongAnswer.send(
                          context,
                          out -> {
                            out.write(PART);
                            throw new IllegalStateException("late");
                          }));
              config.routes.exception(
                  Exception.class, (e, context) -> context.status(500).result(e.getMessage()));
            });
    server.start("127.0.0.1", 0);
    client = new ApiClient("http://127.0.0.1:" + server.port());
  }

  @AfterEach
  void stop() {
    server.stop();
  }

  @Test
  void whatIsWrittenArrives() throws Exception {
    assertThat(client.get("/whole").body()).hasSize(PART.length);
  }

  @Test
  void aFailureBeforeAnythingWasSentIsAnError() throws Exception {
    HttpResponse<String> answer = client.get("/early");

    assertThat(answer.statusCode()).isEqualTo(500);
    assertThat(answer.body()).isEqualTo("early");
  }

  @Test
  void aFailureInTheMiddleBreaksTheAnswerOff() {
    assertThatThrownBy(() -> client.get("/late")).isInstanceOf(IOException.class);
  }
}
