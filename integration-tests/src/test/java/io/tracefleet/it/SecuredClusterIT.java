// SPDX-License-Identifier: Apache-2.0
package io.tracefleet.it;

import static org.assertj.core.api.Assertions.assertThat;

import io.tracefleet.schemas.topics.Component;
import io.tracefleet.schemas.topics.Topics;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.stream.LongStream;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.NewTopic;
import org.apache.kafka.common.acl.AclBinding;
import org.apache.kafka.common.acl.AclOperation;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.MethodOrderer;
import org.junit.jupiter.api.Order;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.TestMethodOrder;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * The fleet on a cluster that demands TLS and credentials and denies what no ACL allows: each part
 * does its whole work with its own rights, and nothing beyond; what is refused is one line; no
 * secret is seen anywhere.
 */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
@TestMethodOrder(MethodOrderer.OrderAnnotation.class)
final class SecuredClusterIT {
  private static final Duration LIMIT = Duration.ofMinutes(2);
  private static final int REFUSED = 77;
  private static final List<String> ALL_TOPICS =
      List.of(
          Topics.RUNS,
          Topics.BATCHES,
          Topics.BLOCKS,
          Topics.CONTROL,
          Topics.DEAD_LETTERS,
          Topics.HOT_BLOCKS,
          Topics.VCPU_INSTRUCTIONS,
          Topics.HWADDR,
          Topics.SYSCALLS,
          Topics.ACCOUNTING,
          "tracefleet-jobs-internal");

  /** Libraries' logs, too, at the level that says most of settings. */
  private static final Map<String, String> LOUD =
      Map.of("TRACEFLEET_LOG", "debug", "TRACEFLEET_LOG_ALL", "debug");

  /** Jobs and node would log too much to start in time. */
  private static final Map<String, String> SETTINGS =
      Map.of("TRACEFLEET_LOG", "info", "TRACEFLEET_LOG_ALL", "info");

  private Path directory;
  private SecuredCluster cluster;

  @BeforeAll
  void start() throws Exception {
    directory = Files.createTempDirectory(Path.of("/dev/shm"), "tracefleet-it-secured-");
    cluster = SecuredCluster.start(directory);
  }

  @AfterAll
  void stop() throws Exception {
    if (cluster != null) {
      cluster.close();
    }
    RingCheck.delete(directory);
  }

  @Test
  @Order(1)
  void eachPartDoesItsWholeWorkWithItsOwnRights() throws Exception {
    StringBuilder seen = new StringBuilder();
    // given rights that `acls` granted, and topics and schemas that `prepare` made
    List<String> acls = new ArrayList<>(List.of("acls", "--apply"));
    for (Component component : Component.values()) {
      acls.addAll(List.of("--" + component.word(), "User:" + component.word()));
    }
    acls.addAll(List.of("--bootstrap", cluster.bootstrap(), "--client-config"));
    acls.add(cluster.clientConfig("root", Map.of()).toString());
    run(seen, 0, Map.of(), acls);
    List<String> prepare = new ArrayList<>(List.of("prepare"));
    prepare.addAll(cluster.options("admin"));
    run(seen, 0, Map.of(), prepare);
    // Internal topics are the jobs' own: this one stands for them in the next test.
    try (Admin root = Admin.create(cluster.client("root"))) {
      root.createTopics(List.of(new NewTopic("tracefleet-jobs-internal", 1, (short) 1)))
          .all()
          .get(30, TimeUnit.SECONDS);
    }

    List<String> jobsSettings =
        List.of(
            "bootstrap=" + cluster.bootstrap(),
            "registry=" + cluster.registryUrl(),
            "client.config=" + cluster.clientConfig("jobs", noRegistration()),
            "state.dir=" + directory.resolve("jobs"),
            "result.interval.ms=250",
            "start.timeout.ms=120000",
            "http.port=0");
    try (CommandLine jobs =
        CommandLine.start(directory, "io.tracefleet.jobs.JobsMain", SETTINGS, jobsSettings)) {
      // when a node traces a guest
      Path yaml = nodeYaml("node");
      try (CommandLine node =
          CommandLine.start(
              directory,
              "io.tracefleet.cli.commands.Main",
              SETTINGS,
              List.of("node", "--config", yaml.toString()))) {
        look(seen, jobs);
        look(seen, node);
        assertThat(node.exitCode(LIMIT)).as(end(node)).isZero();
        seen.append(said(node));
      }

      // then the reader sees it counted, the audit adds up, and the archive is whole
      List<String> audit = new ArrayList<>(List.of("audit", "--run", "straight"));
      audit.addAll(cluster.options("reader"));
      long deadline = System.nanoTime() + LIMIT.toNanos();
      while (run(seen, -1, SETTINGS, audit) != 0) {
        assertThat(jobs.isAlive()).as(end(jobs)).isTrue();
        assertThat(System.nanoTime()).as(end(jobs)).isLessThan(deadline);
      }
      List<String> archive =
          new ArrayList<>(
              List.of("archive", "--once", "--to", directory.resolve("archive").toString()));
      archive.addAll(cluster.options("archiver"));
      String archived = runSaying(seen, 0, LOUD, archive);
      assertThat(archived).contains("1 run completed");
      List<String> runs = new ArrayList<>(List.of("runs", "--json"));
      runs.addAll(cluster.options("reader"));
      assertThat(runSaying(seen, 0, Map.of(), runs)).contains("straight");
      seen.append(said(jobs));
    }
    assertThat(seen).contains("sasl.mechanism = SCRAM-SHA-512"); // the logs were loud
    assertThat(seen.indexOf(SecuredCluster.MARK))
        .as("secrets in logs and command lines")
        .isNegative();
  }

  @ParameterizedTest
  @EnumSource
  @Order(2)
  void noPartCanDoWhatItsListDoesNotName(Component component) throws Exception {
    List<AclBinding> granted =
        component.permissions("tracefleet-jobs").stream()
            .flatMap(permission -> permission.bindings("User:" + component.word()).stream())
            .toList();
    Map<String, Boolean> expected = new HashMap<>();
    Map<String, Boolean> found = new HashMap<>();

    try (Attempts attempts = new Attempts(cluster.client(component.word()))) {
      for (String topic : ALL_TOPICS) {
        expected.put("read " + topic, allows(granted, topic, AclOperation.READ));
        found.put("read " + topic, attempts.reads(topic));
        expected.put("write " + topic, allows(granted, topic, AclOperation.WRITE));
        found.put("write " + topic, attempts.writes(topic));
        expected.put("delete " + topic, false);
        found.put("delete " + topic, attempts.deletes(topic));
        expected.put("alter " + topic, false);
        found.put("alter " + topic, attempts.alters(topic));
      }
      boolean jobs = component == Component.JOBS;
      for (String mine : List.of("tracefleet-jobs", "tracefleet-jobs-2", "another")) {
        expected.put("group " + mine, jobs && mine.equals("tracefleet-jobs"));
        found.put("group " + mine, attempts.joins(mine));
        expected.put("transaction " + mine, jobs && mine.equals("tracefleet-jobs-2"));
        found.put("transaction " + mine, attempts.transacts(mine));
      }
      expected.put("create tracefleet.x", component == Component.ADMIN);
      found.put("create tracefleet.x", attempts.creates("tracefleet.x"));
      expected.put("create x", false);
      found.put("create x", attempts.creates("x"));
      expected.put("grant", false);
      found.put("grant", attempts.grants());
    }

    assertThat(found).isEqualTo(expected);
  }

  private static boolean allows(List<AclBinding> granted, String topic, AclOperation operation) {
    return granted.stream()
        .anyMatch(
            binding ->
                binding.entry().operation() == operation
                    && switch (binding.pattern().patternType()) {
                      case LITERAL -> topic.equals(binding.pattern().name());
                      case PREFIXED -> topic.startsWith(binding.pattern().name());
                      default -> false;
                    });
  }

  @Test
  @Order(3)
  void aTokenOpensKafkaAndTheRegistry() throws Exception {
    assertThat(withToken("reader.jwt", 0)).contains("straight");
    assertThat(withToken("forged.jwt", REFUSED))
        .contains("Kafka at " + cluster.oauthBootstrap() + " refuses the credentials");
  }

  private String withToken(String file, int code) throws Exception {
    Path token = cluster.secret(file);
    Path config =
        cluster.clientConfig(
            "reader",
            Map.of(
                "sasl.mechanism",
                "OAUTHBEARER",
                "sasl.jaas.config",
                "org.apache.kafka.common.security.oauthbearer.OAuthBearerLoginModule required;",
                "sasl.login.callback.handler.class",
                "org.apache.kafka.common.security.oauthbearer.OAuthBearerLoginCallbackHandler",
                "sasl.oauthbearer.token.endpoint.url",
                token.toUri().toString(),
                "schema.registry.basic.auth.credentials.source",
                "",
                "schema.registry.basic.auth.user.info",
                "",
                "schema.registry.bearer.auth.credentials.source",
                "STATIC_TOKEN",
                "schema.registry.bearer.auth.token",
                cluster.registrySecret("token")));
    return runSaying(
        new StringBuilder(),
        code,
        Map.of(
            "JDK_JAVA_OPTIONS",
            "-Dorg.apache.kafka.sasl.oauthbearer.allowed.urls=" + token.toUri(),
            "TRACEFLEET_CLIENT_CONFIG",
            config.toString()),
        List.of(
            "runs", "--bootstrap", cluster.oauthBootstrap(), "--registry", cluster.registryUrl()));
  }

  @ParameterizedTest
  @ValueSource(strings = {"PEM", "PKCS12"})
  @Order(3)
  void aCertificateOpensKafkaAndTheRegistry(String type) throws Exception {
    Map<String, String> store =
        type.equals("PEM") ? cluster.keyPem("reader") : cluster.keyStore("reader");

    String said = runsOf(cluster.certificateBootstrap(), 0, cluster.certificateConfig(store));

    assertThat(said).contains("straight").doesNotContain(SecuredCluster.MARK);
  }

  @Test
  @Order(3)
  void aNodeWorksWithACertificate() throws Exception {
    Path config = cluster.certificateConfig(cluster.keyPem("node"));
    Files.writeString(
        config, Files.readString(config) + "schema.registry.auto.register.schemas=false\n");

    String said =
        runSaying(
            new StringBuilder(),
            0,
            Map.of(),
            List.of(
                "node", "--config", nodeYaml(cluster.certificateBootstrap(), config).toString()));

    assertThat(said).doesNotContain("refuses");
    assertThat(
            runsOf(
                cluster.certificateBootstrap(),
                0,
                cluster.certificateConfig(cluster.keyPem("reader"))))
        .containsPattern("(?s)straight.*straight");
  }

  @Test
  @Order(3)
  void withoutACertificateNothingIsOpened() throws Exception {
    Map<String, String> noPassword =
        Map.of("security.protocol", "SSL", "sasl.mechanism", "", "sasl.jaas.config", "");
    Map<String, String> strangers = new HashMap<>(noPassword);
    cluster
        .keyPem("stranger")
        .forEach((name, value) -> strangers.put("ssl.keystore." + name, value));
    for (Map<String, String> settings : List.of(noPassword, strangers)) {
      assertOneLine(
          runsOf(cluster.certificateBootstrap(), REFUSED, cluster.clientConfig("reader", settings)),
          "do not agree on TLS",
          "Kafka at " + cluster.certificateBootstrap());
    }
    // Kafka lets this one in by its password; the registry wants to know more.
    Path config =
        cluster.clientConfig(
            "reader",
            Map.of(
                "schema.registry.basic.auth.credentials.source", "",
                "schema.registry.basic.auth.user.info", ""));
    assertOneLine(
        runsOf(cluster.bootstrap(), REFUSED, config), "401", "Schema registry https://127.0.0.1");
  }

  private String runsOf(String bootstrap, int code, Path clientConfig) throws Exception {
    return runSaying(
        new StringBuilder(),
        code,
        Map.of(),
        List.of(
            "runs",
            "--bootstrap",
            bootstrap,
            "--registry",
            cluster.registryUrl(),
            "--client-config",
            clientConfig.toString()));
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "sasl.jaas.config|refuses the credentials|Kafka at 127.0.0.1",
        "ssl.truststore.location|do not agree on TLS|Kafka at 127.0.0.1",
        "schema.registry.basic.auth.user.info|401|Schema registry https://127.0.0.1",
        "schema.registry.ssl.truststore.location|trust|Schema registry https://127.0.0.1",
      })
  @Order(4)
  void aRefusalIsOneLine(String line) throws Exception {
    String[] parts = line.split("\\|", -1);
    Map<String, String> wrong =
        Map.of(
            parts[0],
            switch (parts[0]) {
              case "sasl.jaas.config" -> cluster.scram("reader", "wrong");
              case "schema.registry.basic.auth.user.info" -> cluster.registrySecret("wrong");
              default -> cluster.strangersPem().toString();
            });

    String said =
        runSaying(
            new StringBuilder(),
            REFUSED,
            Map.of(),
            List.of(
                "runs",
                "--bootstrap",
                cluster.bootstrap(),
                "--registry",
                cluster.registryUrl(),
                "--client-config",
                cluster.clientConfig("reader", wrong).toString()));

    assertOneLine(said, parts[1], parts[2]);
  }

  @ParameterizedTest
  @ValueSource(strings = {"runs", "archive", "node", "jobs", "prepare", "acls"})
  @Order(4)
  void aUserWithoutRightsIsToldInOneLine(String part) throws Exception {
    StringBuilder seen = new StringBuilder();
    List<String> arguments = new ArrayList<>(List.of(part));
    switch (part) {
      case "archive" ->
          arguments.addAll(List.of("--once", "--to", directory.resolve("other").toString()));
      case "node" -> arguments.addAll(List.of("--config", nodeYaml("nobody").toString()));
      case "acls" ->
          arguments.addAll(
              List.of(
                  "--apply",
                  "--node",
                  "User:nobody",
                  "--bootstrap",
                  cluster.bootstrap(),
                  "--client-config",
                  cluster.clientConfig("nobody", Map.of()).toString()));
      default -> {}
    }
    if (part.equals("jobs")) {
      try (CommandLine jobs =
          CommandLine.start(
              directory,
              "io.tracefleet.jobs.JobsMain",
              Map.of(
                  "TRACEFLEET_CLIENT_CONFIG", cluster.clientConfig("nobody", Map.of()).toString()),
              List.of(
                  "bootstrap=" + cluster.bootstrap(),
                  "registry=" + cluster.registryUrl(),
                  "state.dir=" + directory.resolve("nobodys")))) {
        assertThat(jobs.exitCode(LIMIT)).as(said(jobs)).isEqualTo(REFUSED);
        seen.append(said(jobs));
      }
    } else {
      if (!part.equals("node") && !part.equals("acls")) {
        arguments.addAll(cluster.options("nobody"));
      }
      run(seen, REFUSED, Map.of(), arguments);
    }
    assertOneLine(seen.toString(), "does not permit this user", "Kafka at 127.0.0.1");
  }

  /** Everything that this said, but the JVM's own warnings. */
  private static void assertOneLine(String said, String what, String where) {
    assertThat(said.strip().lines())
        .as(said)
        .hasSize(1)
        .allSatisfy(
            line ->
                assertThat(line)
                    .contains(what, where)
                    .doesNotContain("Exception")
                    .doesNotContain(SecuredCluster.MARK));
  }

  @Test
  @Order(4)
  void secretsOnACommandLineAreRefused() throws Exception {
    String said =
        runSaying(
            new StringBuilder(),
            64,
            Map.of(),
            List.of(
                "runs", "--bootstrap", "127.0.0.1:1", "--registry", "http://me:pw-x@127.0.0.1:1"));

    assertThat(said).contains("--client-config").doesNotContain("pw-x");
    try (CommandLine jobs =
        CommandLine.start(
            directory,
            "io.tracefleet.jobs.JobsMain",
            Map.of(),
            List.of("bootstrap=b:1", "registry=http://r:1", "kafka.sasl.jaas.config=pw-x"))) {
      assertThat(jobs.exitCode(LIMIT)).isEqualTo(64);
      assertThat(said(jobs)).contains("kafka.sasl.jaas.config").doesNotContain("pw-x");
    }
  }

  private static Map<String, String> noRegistration() {
    return Map.of("schema.registry.auto.register.schemas", "false");
  }

  private Path nodeYaml(String user) throws Exception {
    return nodeYaml(cluster.bootstrap(), cluster.clientConfig(user, noRegistration()));
  }

  private Path nodeYaml(String bootstrap, Path clientConfig) throws Exception {
    return Files.writeString(
        Files.createTempFile(directory, "node-", ".yaml"),
        """
        node: secured
        bootstrap: %s
        registry: %s
        clientConfig: %s
        plugin: %s
        ringDir: %s
        guests:
          - name: straight
            command: [qemu-x86_64, %s]
            stdin: /dev/null
        """
            .formatted(
                bootstrap,
                cluster.registryUrl(),
                clientConfig,
                Places.plugin(),
                directory.resolve("rings"),
                Places.guest("straight")));
  }

  private int run(
      StringBuilder seen, int code, Map<String, String> environment, List<String> arguments)
      throws Exception {
    try (CommandLine command =
        CommandLine.start(directory, "io.tracefleet.cli.commands.Main", environment, arguments)) {
      look(seen, command);
      int found = command.exitCode(LIMIT);
      seen.append(said(command));
      if (code >= 0) {
        assertThat(found).as(end(command)).isEqualTo(code);
      }
      return found;
    }
  }

  private String runSaying(
      StringBuilder seen, int code, Map<String, String> environment, List<String> arguments)
      throws Exception {
    StringBuilder own = new StringBuilder();
    run(own, code, environment, arguments);
    seen.append(own);
    return own.toString();
  }

  private static String said(CommandLine command) throws Exception {
    return command.stdout() + command.stderr();
  }

  /** Enough of it for a message. */
  private static String end(CommandLine command) throws Exception {
    String all = said(command);
    return all.substring(Math.max(0, all.length() - 4_000));
  }

  /** What `ps` shows of a process and its children. */
  private static void look(StringBuilder seen, CommandLine command) throws Exception {
    for (long pid :
        LongStream.concat(
                LongStream.of(command.pid()),
                command.descendants().stream().mapToLong(ProcessHandle::pid))
            .toArray()) {
      Path arguments = Path.of("/proc/" + pid + "/cmdline");
      try {
        String line = Files.readString(arguments).replace('\0', ' ');
        if (line.contains(SecuredCluster.MARK)) {
          seen.append("command line: ").append(line);
        }
      } catch (IOException e) {
        // it has ended
      }
    }
  }
}
