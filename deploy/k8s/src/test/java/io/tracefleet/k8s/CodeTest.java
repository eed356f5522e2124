// SPDX-License-Identifier: Apache-2.0
package io.tracefleet.k8s;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import io.tracefleet.jobs.JobsConfig;
import io.tracefleet.node.config.NodeConfig;
import io.tracefleet.node.config.TraceMode;
import java.io.IOException;
import java.io.StringReader;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Properties;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Every option, setting, variable, path, port and metric of the manifests is one of the code's. */
final class CodeTest {
  private static final Path REPOSITORY = Overlay.ROOT.resolve("../..").normalize();
  private static final Set<String> OWN_IMAGES =
      Set.of("tracefleet/emulator-node", "tracefleet/stream-jobs", "tracefleet/archiver");
  private static final Pattern METRIC = Pattern.compile("tracefleet_[a-z_]+");

  private static String sources;

  @TempDir private Path directory;

  static Stream<String> overlays() {
    return Overlay.names().stream();
  }

  @BeforeAll
  static void readTheSources() throws IOException {
    StringBuilder all = new StringBuilder();
    for (String module : List.of("schemas", "metrics", "emulator-node", "stream-jobs", "cli")) {
      try (Stream<Path> files = Files.walk(REPOSITORY.resolve(module))) {
        for (Path file :
            files
                .filter(path -> path.toString().endsWith(".java"))
                .filter(path -> path.toString().contains("/src/main/"))
                .toList()) {
          all.append(Files.readString(file));
        }
      }
    }
    for (String file : List.of("run", "tracefleet", "logback.xml")) {
      all.append(Files.readString(REPOSITORY.resolve("deploy/images").resolve(file)));
    }
    sources = all.toString();
  }

  /** Those of our own images. */
  private static List<JsonNode> containers(String overlay) throws Exception {
    List<JsonNode> containers = new ArrayList<>();
    for (JsonNode workload : Overlay.of(overlay).workloads()) {
      for (JsonNode container : Overlay.containersOf(workload)) {
        if (OWN_IMAGES.contains(imageOf(container))) {
          containers.add(container);
        }
      }
    }
    assertThat(containers).hasSizeGreaterThanOrEqualTo(3);
    return containers;
  }

  private static String imageOf(JsonNode container) {
    return container.path("image").asText().replaceFirst(":[^:]*$", "");
  }

  private static String dockerfile(JsonNode container) throws IOException {
    String file =
        switch (imageOf(container)) {
          case "tracefleet/emulator-node" -> "emulator-node/Dockerfile";
          case "tracefleet/stream-jobs" -> "stream-jobs/Dockerfile";
          default -> "stream-jobs/archiver/Dockerfile";
        };
    return Files.readString(REPOSITORY.resolve(file));
  }

  @ParameterizedTest
  @MethodSource("overlays")
  void variablesAreReadByTheCodeOrUsedInArguments(String overlay) throws Exception {
    for (JsonNode container : containers(overlay)) {
      for (JsonNode variable : container.path("env")) {
        String name = variable.path("name").asText();
        boolean inArguments = container.path("args").toString().contains("$(" + name + ")");
        boolean inVariables = container.path("env").toString().contains("$(" + name + ")");
        boolean read = sources.contains('"' + name + '"') || sources.contains("${" + name + ":-");
        assertThat(inArguments || inVariables || read)
            .as(imageOf(container) + ": " + name)
            .isTrue();
      }
    }
  }

  @ParameterizedTest
  @MethodSource("overlays")
  void argumentsAreOptionsOrSettings(String overlay) throws Exception {
    for (JsonNode container : containers(overlay)) {
      for (JsonNode argument : container.path("args")) {
        String word = argument.asText();
        if (word.matches("[a-z]+")) {
          assertThat(sources).as(word).contains("name = \"" + word + '"');
        } else if (word.startsWith("--")) {
          assertThat(sources).as(word).contains('"' + word.replaceFirst("=.*", "") + '"');
        }
      }
    }
  }

  @ParameterizedTest
  @MethodSource("overlays")
  void theJobsTakeTheirSettings(String overlay) throws Exception {
    for (JsonNode container : containers(overlay)) {
      if (!imageOf(container).equals("tracefleet/stream-jobs")) {
        continue;
      }
      Map<String, String> settings =
          properties(configFile(overlay, "stream-jobs", "jobs.properties"));
      for (JsonNode argument : container.path("args")) {
        String word = argument.asText();
        if (!word.startsWith("-") && word.contains("=")) {
          settings.put(word.replaceFirst("=.*", ""), word.replaceFirst("^[^=]*=", ""));
        }
      }
      // As deploy/images/run does it.
      settings.put("bootstrap", clusterOf(overlay).get("bootstrap"));
      settings.put("registry", clusterOf(overlay).get("registry"));

      JobsConfig config = JobsConfig.parse(settings);

      assertThat(config.bootstrap()).isEqualTo(clusterOf(overlay).get("bootstrap"));
    }
  }

  @ParameterizedTest
  @MethodSource("overlays")
  void theNodesTakeTheirSettings(String overlay) throws Exception {
    Map<String, String> cluster = clusterOf(overlay);
    List<String> files = new ArrayList<>();
    for (JsonNode map : Overlay.of(overlay).ofKind("ConfigMap")) {
      map.path("data")
          .fields()
          .forEachRemaining(
              entry -> {
                if (entry.getKey().endsWith(".yaml")) {
                  files.add(entry.getValue().asText());
                }
              });
    }
    assertThat(files).isNotEmpty();
    for (String text : files) {
      Path file = Files.writeString(directory.resolve("node.yaml"), text);

      NodeConfig config =
          NodeConfig.load(
              file,
              Map.of(
                  "TRACEFLEET_BOOTSTRAP", cluster.get("bootstrap"),
                  "TRACEFLEET_REGISTRY", cluster.get("registry")));

      assertThat(config.cluster().bootstrap()).isEqualTo(cluster.get("bootstrap"));
      assertThat(config.settings().ring().directory())
          .as("below the mount, which belongs to root")
          .isEqualTo(Path.of("/rings/node"));
      assertThat(config.settings().metrics().address())
          .as("where Prometheus reaches it")
          .isEqualTo("0.0.0.0");
      if (!overlay.equals("dev") && !text.contains("batch: example")) {
        assertThat(config.guests())
            .as("production is sized for count mode")
            .allMatch(guest -> guest.mode() == TraceMode.COUNT);
      }
    }
  }

  @ParameterizedTest
  @MethodSource("overlays")
  void pathsAreOfTheImageOrOfASetting(String overlay) throws Exception {
    String guide = Files.readString(REPOSITORY.resolve("docs/kubernetes.md"));
    for (JsonNode container : containers(overlay)) {
      String settings = container.path("args") + " " + container.path("env") + allConfig(overlay);
      if (container.path("name").asText().equals("client")) {
        settings += guide; // its user gives the arguments
      }
      for (JsonNode mount : container.path("volumeMounts")) {
        String path = mount.path("mountPath").asText();
        boolean inImage =
            Pattern.compile("(?m)[ \"]" + Pattern.quote(path) + "([ \"]|$)")
                .matcher(dockerfile(container))
                .find();
        assertThat(inImage || settings.contains(path + "/") || settings.contains(path + ":"))
            .as(path)
            .isTrue();
      }
    }
  }

  @ParameterizedTest
  @MethodSource("overlays")
  void usersAreThoseOfTheImages(String overlay) throws Exception {
    for (JsonNode workload : Overlay.of(overlay).workloads()) {
      JsonNode pod = Overlay.podOf(workload);
      JsonNode container = pod.path("containers").get(0);
      if (OWN_IMAGES.contains(imageOf(container))) {
        JsonNode security = pod.path("securityContext");
        assertThat(dockerfile(container))
            .contains(
                "USER "
                    + security.path("runAsUser").asText()
                    + ":"
                    + security.path("runAsGroup").asText());
      }
    }
  }

  /** The port of each image, as its Dockerfile or start script has it. */
  @ParameterizedTest
  @MethodSource("overlays")
  void probesAskWhatTheCodeAnswers(String overlay) throws Exception {
    for (JsonNode container : containers(overlay)) {
      String port = imageOf(container).endsWith("stream-jobs") ? "8470" : "9464";
      for (JsonNode declared : container.path("ports")) {
        assertThat(declared.path("containerPort").asText()).isEqualTo(port);
      }
      for (JsonNode get : container.findValues("httpGet")) {
        assertThat(sources).contains('"' + get.path("path").asText() + '"');
      }
    }
  }

  @ParameterizedTest
  @MethodSource("overlays")
  void monitorsAskWhatTheCodeAnswersAtAPortOfAService(String overlay) throws Exception {
    List<JsonNode> monitors = Overlay.of(overlay).ofKind("ServiceMonitor");
    assertThat(monitors).hasSize(overlay.equals("dev") ? 0 : 2);
    for (JsonNode monitor : monitors) {
      List<JsonNode> services =
          Overlay.of(overlay).ofKind("Service").stream()
              .filter(
                  service ->
                      Flows.selects(
                          monitor.path("spec").path("selector"),
                          Flows.labels(service.path("metadata").path("labels"))))
              .toList();
      assertThat(services).as(Overlay.nameOf(monitor)).isNotEmpty();
      for (JsonNode endpoint : monitor.path("spec").path("endpoints")) {
        assertThat(sources).contains('"' + endpoint.path("path").asText() + '"');
        for (JsonNode service : services) {
          assertThat(service.path("spec").path("ports").findValuesAsText("name"))
              .as(Overlay.nameOf(service))
              .contains(endpoint.path("port").asText());
        }
      }
    }
  }

  /** Files that arguments, variables and client settings name below what is mounted. */
  @ParameterizedTest
  @MethodSource("overlays")
  void filesThatAreNamedAreMounted(String overlay) throws Exception {
    int found = 0;
    for (JsonNode workload : Overlay.of(overlay).workloads()) {
      Mounts mounts = new Mounts(Overlay.of(overlay), workload);
      for (JsonNode container : Overlay.containersOf(workload)) {
        if (OWN_IMAGES.contains(imageOf(container))) {
          for (String file : mounts.named(container)) {
            found++;
            assertThat(mounts.has(container, file))
                .as(Overlay.nameOf(workload) + ": " + file)
                .isTrue();
          }
        }
      }
    }
    assertThat(found).isGreaterThanOrEqualTo(overlay.equals("dev") ? 5 : 15);
  }

  /** What may register schemas is the Job alone, which does so; so it is there. */
  @Test
  void onlyPrepareRegistersSchemas() throws Exception {
    for (String overlay : Overlay.names()) {
      for (JsonNode map : Overlay.of(overlay).ofKind("ConfigMap")) {
        map.path("data")
            .fields()
            .forEachRemaining(
                file -> {
                  if (file.getKey().matches("(client|controller).properties")) {
                    assertThat(file.getValue().asText())
                        .contains("\nschema.registry.auto.register.schemas=false\n");
                  }
                });
      }
      boolean secured = Overlay.of(overlay).objects.toString().contains("client.properties");
      assertThat(
              Overlay.of(overlay).ofKind("Job").stream()
                  .filter(job -> job.path("metadata").path("name").asText().equals("prepare"))
                  .filter(
                      job -> job.toString().contains("/etc/tracefleet/clients/admin.properties"))
                  .filter(job -> !job.toString().contains("/client.properties")))
          .hasSize(secured ? 1 : 0);
    }
  }

  @Test
  void metricsOfAlertsAndDashboardAreExplained() throws Exception {
    String page = Files.readString(REPOSITORY.resolve("docs/metrics.md"));
    Set<String> used = new TreeSet<>();
    for (String file :
        List.of("alerts.yaml", "tracefleet.json", "../autoscale-keda/scaled-object.yaml")) {
      Matcher matcher =
          METRIC.matcher(
              Files.readString(Overlay.ROOT.resolve("components/monitoring").resolve(file)));
      while (matcher.find()) {
        used.add(matcher.group());
      }
    }

    assertThat(used).hasSizeGreaterThan(10);
    assertThat(used).allSatisfy(metric -> assertThat(page).contains('`' + metric + '`'));
  }

  private static Map<String, String> clusterOf(String overlay) throws Exception {
    JsonNode data = configMap(overlay, "tracefleet-cluster");
    return Map.of(
        "bootstrap", data.path("bootstrap").asText(), "registry", data.path("registry").asText());
  }

  private static String configFile(String overlay, String map, String key) throws Exception {
    return configMap(overlay, map).path(key).asText();
  }

  /** Generated names end in a hash. */
  private static JsonNode configMap(String overlay, String name) throws Exception {
    return Overlay.of(overlay).ofKind("ConfigMap").stream()
        .filter(map -> map.path("metadata").path("name").asText().matches(name + "-[0-9a-z]{10}"))
        .findFirst()
        .orElseThrow()
        .path("data");
  }

  private static String allConfig(String overlay) throws Exception {
    StringBuilder all = new StringBuilder();
    for (JsonNode map : Overlay.of(overlay).ofKind("ConfigMap")) {
      map.path("data").forEach(value -> all.append(value.asText()).append('\n'));
    }
    return all.toString();
  }

  private static Map<String, String> properties(String text) throws IOException {
    Properties properties = new Properties();
    properties.load(new StringReader(text));
    Map<String, String> map = new HashMap<>();
    properties.forEach((key, value) -> map.put((String) key, (String) value));
    return map;
  }
}
