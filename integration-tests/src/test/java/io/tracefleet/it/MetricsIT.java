// SPDX-License-Identifier: Apache-2.0
package io.tracefleet.it;

import static org.assertj.core.api.Assertions.assertThat;

import io.tracefleet.archive.store.ArchiveStore;
import io.tracefleet.archive.store.StoreLocation;
import io.tracefleet.archive.write.Archiver;
import io.tracefleet.archive.write.ArchiverSettings;
import io.tracefleet.metrics.MetricsSettings;
import io.tracefleet.metrics.testing.Exposition;
import io.tracefleet.node.config.GuestSpec;
import io.tracefleet.node.config.NodeSettings;
import io.tracefleet.node.config.RingSettings;
import io.tracefleet.node.config.WhenFull;
import io.tracefleet.node.run.EmulatorNode;
import io.tracefleet.node.run.NodeListener;
import io.tracefleet.node.run.TraceOutcome;
import io.tracefleet.schemas.Run;
import io.tracefleet.schemas.VcpuTotals;
import io.tracefleet.schemas.serde.RegistrySettings;
import io.tracefleet.schemas.serde.SchemaRegistry;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.atomic.AtomicReference;
import java.util.concurrent.locks.LockSupport;
import java.util.function.ToLongFunction;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;

/** What node, jobs and archiver show of themselves: the numbers of the runs, and as documented. */
@ExtendWith(TestCluster.Extension.class)
final class MetricsIT {
  private static final Duration LIMIT = Duration.ofSeconds(60);

  @TempDir Path directory;

  private static String get(String url) {
    try {
      HttpResponse<String> answer =
          HttpClient.newHttpClient()
              .send(
                  HttpRequest.newBuilder(URI.create(url)).timeout(Duration.ofSeconds(20)).build(),
                  HttpResponse.BodyHandlers.ofString());
      assertThat(answer.statusCode()).as(url + ": " + answer.body()).isEqualTo(200);
      return answer.body();
    } catch (IOException e) {
      throw new UncheckedIOException(url, e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new AssertionError(url, e);
    }
  }

  private static Exposition page(String url) {
    return new Exposition(get(url + "/metrics"));
  }

  private EmulatorNode node(TestCluster cluster, Path rings, NodeListener listener)
      throws Exception {
    return EmulatorNode.open(
        NodeSettings.defaults()
            .withNode("it-metrics")
            .withPluginLibrary(Places.plugin())
            .withRing(RingSettings.defaults().withDirectory(rings).withBuffers(2))
            .withMetrics(MetricsSettings.ANY_PORT),
        cluster.access(),
        listener);
  }

  private GuestSpec guest(WhenFull whenFull) {
    GuestSpec guest =
        GuestSpec.of(List.of("qemu-x86_64", Places.guest("chase").toString(), "3000000"))
            .withWhenFull(whenFull);
    return new GuestSpec(
        guest.name(),
        guest.command(),
        guest.mode(),
        guest.whenFull(),
        guest.labels(),
        guest.restart(),
        guest.maxRestarts(),
        guest.backoff(),
        Path.of("/dev/null"),
        directory.resolve("stdout"),
        directory.resolve("stderr"),
        guest.plugin());
  }

  /** Of all vCPUs of these runs. */
  private static double totals(List<Run> runs, ToLongFunction<VcpuTotals> value) {
    return runs.stream().flatMap(run -> run.getTotals().stream()).mapToLong(value).sum();
  }

  @Test
  void theNumbersOfNodeAndJobsAreThoseOfTheRuns(TestCluster cluster) throws Exception {
    // given
    Path rings = Files.createTempDirectory(Path.of("/dev/shm"), "tracefleet-it-");
    Exposition jobsBefore = page(cluster.url());
    AtomicReference<EmulatorNode> shown = new AtomicReference<>();
    List<Exposition> during = new ArrayList<>();
    NodeListener listener =
        new NodeListener() {
          @Override
          public void runStarted(Run run) {
            during.add(page(shown.get().metricsUrl().orElseThrow()));
          }
        };
    try (EmulatorNode node = node(cluster, rings, listener)) {
      shown.set(node);
      String url = node.metricsUrl().orElseThrow();
      assertThat(get(url + "/healthz")).isEqualTo("live\n");
      assertThat(get(url + "/readyz")).isEqualTo("ready\n");

      // when
      List<Run> runs = new ArrayList<>();
      for (WhenFull whenFull : WhenFull.values()) {
        TraceOutcome outcome = node.trace(guest(whenFull));
        runs.addAll(outcome.runs());
      }
      Exposition page = page(url);
      cluster.reports(runs); // waits until all of it is aggregated

      // then
      assertThat(runs).hasSize(2);
      Map<String, Double> expected = new LinkedHashMap<>();
      expected.put("batches_published_total", sum(runs, Run::getBatches));
      expected.put("instructions_published_total", totals(runs, VcpuTotals::getPublished));
      expected.put("payload_bytes_total", sum(runs, Run::getPayloadBytes));
      expected.put("wire_bytes_total", sum(runs, Run::getWireBytes));
      expected.put("batches_dropped_total", totals(runs, VcpuTotals::getDroppedBatches));
      expected.put("instructions_dropped_total", totals(runs, VcpuTotals::getDropped));
      expected.put("batches_missing_total", 0.0);
      expected.put("guests_started_total", 2.0);
      expected.put("guests_ended_total", 2.0);
      expected.put("runs_ended_total", 2.0);
      expected.put("guests_running", 0.0);
      expected.put("backlog_batches", 0.0);
      expected.forEach(
          (name, value) ->
              assertThat(page.sum("tracefleet_node_" + name, "node", "it-metrics"))
                  .as(name)
                  .isEqualTo(value));
      assertThat(page.sum("tracefleet_node_held_seconds_total"))
          .isEqualTo(sum(runs, Run::getHeldNanos) / 1e9)
          .isPositive();
      assertThat(expected.get("batches_dropped_total")).isPositive();
      assertThat(during.get(1).sum("tracefleet_node_guests_running")).isEqualTo(1);
      assertThat(during.get(1).sum("tracefleet_node_batches_published_total"))
          .as("a counter does not begin again with the next guest")
          .isGreaterThanOrEqualTo(runs.get(0).getBatches());

      Exposition jobs = page(cluster.url());
      assertThat(rise(jobsBefore, jobs, "batches_total"))
          .isEqualTo(expected.get("batches_published_total"));
      assertThat(rise(jobsBefore, jobs, "instructions_total"))
          .isEqualTo(expected.get("instructions_published_total"));
      assertThat(rise(jobsBefore, jobs, "blocks_total"))
          .isEqualTo(page.sum("tracefleet_node_blocks_published_total"));
      assertThat(rise(jobsBefore, jobs, "accesses_total"))
          .isEqualTo(page.sum("tracefleet_node_accesses_published_total"));
      assertThat(rise(jobsBefore, jobs, "payload_bytes_total"))
          .isEqualTo(expected.get("payload_bytes_total"));
      assertThat(rise(jobsBefore, jobs, "instructions_dropped_total"))
          .isEqualTo(expected.get("instructions_dropped_total"));
      assertThat(rise(jobsBefore, jobs, "dead_letters_total")).isZero();
      assertThat(rise(jobsBefore, jobs, "gaps_opened_total")).isZero();
    } finally {
      RingCheck.delete(rings);
    }
  }

  private static double sum(List<Run> runs, ToLongFunction<Run> value) {
    return runs.stream().mapToLong(value).sum();
  }

  private static double rise(Exposition before, Exposition after, String metric) {
    return after.sum("tracefleet_jobs_" + metric) - before.sum("tracefleet_jobs_" + metric);
  }

  @Test
  void thePageHasWhatIsShownAndNothingElse(TestCluster cluster) throws Exception {
    Path rings = Files.createTempDirectory(Path.of("/dev/shm"), "tracefleet-it-");
    AtomicReference<EmulatorNode> shown = new AtomicReference<>();
    AtomicReference<Exposition> page = new AtomicReference<>();
    NodeListener listener =
        new NodeListener() {
          @Override
          public void runStarted(Run run) {
            page.set(page(shown.get().metricsUrl().orElseThrow()));
          }
        };
    List<String> wrong = new ArrayList<>();
    try (EmulatorNode node = node(cluster, rings, listener)) {
      shown.set(node);
      node.trace(guest(WhenFull.BLOCK));
      compare("Node", "node", page.get(), wrong);
    } finally {
      RingCheck.delete(rings);
    }
    compare("Jobs", "application", page(cluster.url()), wrong);
    try (SchemaRegistry registry =
            SchemaRegistry.connect(
                RegistrySettings.of(cluster.access().registry()), Duration.ofSeconds(10));
        ArchiveStore store =
            StoreLocation.parse(directory.resolve("a").toString(), null).openToWrite();
        Archiver archiver =
            Archiver.open(
                ArchiverSettings.of(cluster.access().bootstrap(), Map.of())
                    .withMetrics(MetricsSettings.ANY_PORT),
                store,
                registry.serdes())) {
      compare("Archiver", null, page(archiver.metricsUrl().orElseThrow()), wrong);
    }
    assertThat(wrong).as("docs/metrics.md and what is shown").isEmpty();
  }

  /** One line for each difference between the page and a component. */
  private static void compare(String heading, String common, Exposition shown, List<String> wrong)
      throws IOException {
    Map<String, MetricsPage.Entry> documented = MetricsPage.section(heading);
    documented.putAll(MetricsPage.section("JVM"));
    documented.forEach(
        (name, entry) -> {
          if (entry.always() && !shown.families().containsKey(name)) {
            wrong.add(heading + ": " + name + " is documented and not shown");
          }
        });
    shown
        .families()
        .forEach(
            (name, family) -> {
              MetricsPage.Entry entry = documented.get(name);
              Set<String> labels = new TreeSet<>(family.labels());
              boolean hasCommon = common == null || labels.remove(common);
              if (entry == null) {
                wrong.add(heading + ": " + name + " is shown and not documented");
              } else if (!entry.type().equals(family.type())) {
                wrong.add(heading + ": " + name + " is a " + family.type());
              } else if (!entry.labels().equals(labels)) {
                wrong.add(heading + ": " + name + " has labels " + labels);
              } else if (!hasCommon) {
                wrong.add(heading + ": " + name + " has no label " + common);
              }
            });
  }

  @Test
  void alertsAreOnMetricsThatThereAre() throws Exception {
    Set<String> documented = new TreeSet<>();
    for (String heading : List.of("Node", "Jobs", "Archiver")) {
      documented.addAll(MetricsPage.section(heading).keySet());
    }

    assertThat(MetricsPage.alertedOn()).isNotEmpty().isSubsetOf(documented);
  }

  @Test
  void aPortInUseEndsTheCommandWithOneLine(TestCluster cluster) throws Exception {
    try (ServerSocket taken = new ServerSocket(0, 1, InetAddress.getByName("127.0.0.1"))) {
      List<String> arguments = new ArrayList<>(List.of("trace"));
      arguments.addAll(cluster.options());
      arguments.addAll(
          List.of(
              "--metrics-port",
              Integer.toString(taken.getLocalPort()),
              "--",
              "qemu-x86_64",
              Places.guest("straight").toString()));

      try (CommandLine command = CommandLine.start(directory, arguments)) {
        assertThat(command.exitCode(LIMIT)).as(command.stderr()).isEqualTo(69);
        assertThat(command.stderr())
            .isEqualTo(
                "tracefleet: metrics cannot listen on 127.0.0.1 port "
                    + taken.getLocalPort()
                    + ": Address already in use; choose another by --metrics-port\n");
      }
    }
  }

  @Test
  void theCommandsSayWhereTheyCanBeWatched(TestCluster cluster) throws Exception {
    List<String> arguments =
        new ArrayList<>(List.of("archive", "--to", directory.resolve("b").toString()));
    arguments.addAll(cluster.options());
    try (CommandLine archive = CommandLine.start(directory, arguments)) {
      archive.awaitText("metrics on http://127.0.0.1:", LIMIT);
      archive.awaitText("archiving to", LIMIT);
      String said = archive.stderr();
      String url = said.substring(said.indexOf("http://"), said.indexOf("/metrics"));
      long deadline = System.nanoTime() + LIMIT.toNanos();
      while (page(url).sum("tracefleet_archiver_lag_records", "topic", "tracefleet.batches") != 0) {
        assertThat(System.nanoTime()).as("the archiver catches up").isLessThan(deadline);
        LockSupport.parkNanos(Duration.ofMillis(100).toNanos());
      }
      assertThat(get(url + "/readyz")).isEqualTo("ready\n");
      archive.signal("TERM");
      archive.exitCode(LIMIT);
    }
  }
}
