// SPDX-License-Identifier: Apache-2.0
package io.tracefleet.jobs;

import static io.tracefleet.jobs.testing.Batches.RUN;
import static io.tracefleet.jobs.testing.Batches.batch;
import static org.assertj.core.api.Assertions.assertThat;

import io.tracefleet.jobs.http.HttpConfig;
import io.tracefleet.jobs.testing.ApiClient;
import io.tracefleet.jobs.testing.Cluster;
import io.tracefleet.jobs.testing.CountPayload;
import io.tracefleet.metrics.testing.Exposition;
import io.tracefleet.schemas.TraceBatch;
import java.net.http.HttpResponse;
import java.nio.file.Path;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** What one process of jobs shows of itself, with a real broker. */
@Timeout(value = 2, unit = TimeUnit.MINUTES)
class MetricsIT {
  @TempDir static Path directory;

  private static Cluster cluster;
  private static JobsConfig config;
  private static StreamJobs jobs;
  private static ApiClient api;

  @BeforeAll
  static void start() throws Exception {
    cluster = new Cluster(directory.resolve("kafka"));
    config =
        JobsConfig.of(cluster.bootstrap(), cluster.registry())
            .withState(StateKind.MEMORY, directory.resolve("jobs"))
            .withHttp(HttpConfig.local(0));
    jobs = StreamJobs.start(config);
    api = new ApiClient(jobs.url().orElseThrow());
  }

  @AfterAll
  static void stop() {
    jobs.close();
    cluster.close();
  }

  private static Exposition page() throws Exception {
    HttpResponse<String> answer = api.get("/metrics");
    assertThat(answer.statusCode()).as(answer.body()).isEqualTo(200);
    assertThat(answer.headers().firstValue("Content-Type"))
        .hasValue("text/plain; version=0.0.4; charset=utf-8");
    return new Exposition(answer.body());
  }

  private static CountPayload payload() {
    return CountPayload.user().block(0x1000, 0x11, 3, 9, 5);
  }

  @Test
  void theNumbersAreWhatWasSent() throws Exception {
    TraceBatch dropping = batch(0, 3, payload());
    dropping.setDroppedBatches(2);
    dropping.setDroppedInstructions(70);
    cluster.send(batch(0, 0, payload()));
    cluster.send(dropping);
    cluster.send(batch(0, 1, payload()));
    cluster.send(batch(0, 1, payload()));
    cluster.send(RUN + "/0", new byte[] {9, 9});

    Exposition page =
        ApiClient.await(
            () -> {
              Exposition now = page();
              return now.sum("tracefleet_jobs_dead_letters_total") == 1
                      && now.sum("tracefleet_jobs_lag_batches") == 0
                  ? now
                  : null;
            },
            () -> api.get("/metrics").body());

    assertThat(page.sum("tracefleet_jobs_batches_total", "application", "tracefleet-jobs"))
        .isEqualTo(3);
    assertThat(page.sum("tracefleet_jobs_instructions_total")).isEqualTo(45);
    assertThat(page.sum("tracefleet_jobs_blocks_total")).isEqualTo(15);
    assertThat(page.sum("tracefleet_jobs_duplicates_total")).isEqualTo(1);
    assertThat(page.sum("tracefleet_jobs_gaps_opened_total")).isEqualTo(2);
    assertThat(page.sum("tracefleet_jobs_gaps_filled_total")).isEqualTo(1);
    assertThat(page.sum("tracefleet_jobs_batches_dropped_total")).isEqualTo(2);
    assertThat(page.sum("tracefleet_jobs_instructions_dropped_total")).isEqualTo(70);
    assertThat(page.sum("tracefleet_jobs_dead_letters_total", "stage", "wire")).isEqualTo(1);
    assertThat(page.sum("tracefleet_jobs_dead_letters_total", "stage", "payload")).isZero();
    assertThat(page.sum("tracefleet_jobs_ready")).isEqualTo(1);
    assertThat(page.samples())
        .filteredOn(sample -> sample.name().equals("tracefleet_jobs_lag_batches"))
        .as("one for each partition")
        .hasSize(config.partitions());
    assertThat(page.sum("kafka_stream_alive_stream_threads")).isEqualTo(1);
    assertThat(page.samples())
        .as("nothing that grows with the number of runs")
        .noneMatch(sample -> sample.labels().toString().contains(RUN));
  }
}
