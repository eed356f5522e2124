// SPDX-License-Identifier: Apache-2.0
package io.tracefleet.schemas.serde;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.confluent.kafka.schemaregistry.client.MockSchemaRegistryClient;
import io.tracefleet.schemas.Hwaddr;
import io.tracefleet.schemas.serde.FakeRegistry.Answer;
import io.tracefleet.schemas.topics.Topics;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CountDownLatch;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

@Timeout(60)
final class SchemaRegistryTest {
  private static final Duration SHORT = Duration.ofMillis(500);
  private static final Duration LONG = Duration.ofSeconds(30);
  private static final Answer NO_SUBJECTS = Answer.ok("[]");

  @Test
  void connectsToARegistryThatAnswers() {
    try (FakeRegistry fake = new FakeRegistry((request, number) -> NO_SUBJECTS);
        SchemaRegistry registry = SchemaRegistry.connect(RegistrySettings.of(fake.url()), SHORT)) {
      assertThat(registry.serdes()).isNotNull();
      assertThat(fake.requests()).hasSize(1);
    }
  }

  @Test
  void waitsForARegistryThatStarts() {
    try (FakeRegistry fake =
            new FakeRegistry(
                (request, number) -> number < 3 ? Answer.error(503, 50301, "later") : NO_SUBJECTS);
        SchemaRegistry registry = SchemaRegistry.connect(RegistrySettings.of(fake.url()), LONG)) {
      assertThat(fake.requests()).hasSize(3);
      assertThat(registry.client()).isNotNull();
    }
  }

  @Test
  void aRegistryThatIsNotThereIsNamedWithTheCauseAndWhatToDo() throws IOException {
    String url = "http://127.0.0.1:" + freePort();

    assertThatThrownBy(() -> SchemaRegistry.connect(RegistrySettings.of(url), SHORT))
        .isInstanceOf(SchemaRegistryException.class)
        .hasMessageContainingAll(url, "Connection refused", "tried ", "Start the registry")
        .hasMessageNotContaining("\n");
  }

  @Test
  void aRuleThatAnotherProcessMakesAtTheSameMomentIsNoContradiction() {
    try (FakeRegistry fake =
            new FakeRegistry(
                (request, number) ->
                    request.startsWith("PUT /config/")
                        ? number == 2
                            ? Answer.error(409, 0, "A rule named 'COMPATIBILITY' already exists.")
                            : Answer.ok("{\"compatibility\": \"BACKWARD\"}")
                        : request.startsWith("POST ") ? Answer.ok("{\"id\": 1}") : NO_SUBJECTS);
        SchemaRegistry registry = SchemaRegistry.connect(RegistrySettings.of(fake.url()), SHORT)) {
      registry.prepare(List.of(Topics.subjects().get(0)));

      assertThat(fake.requests()).filteredOn(r -> r.startsWith("PUT /config/")).hasSize(2);
      assertThat(fake.requests()).anyMatch(r -> r.startsWith("POST /subjects/"));
    }
  }

  @Test
  void aHostThatDoesNotExistIsNamed() {
    assertThatThrownBy(
            () -> SchemaRegistry.connect(RegistrySettings.of("http://no-such-host.invalid"), SHORT))
        .isInstanceOf(SchemaRegistryException.class)
        .hasMessageContainingAll("unknown host no-such-host.invalid", "correct its URL");
  }

  @Test
  void aRegistryThatNeverAnswersIsGivenUp() {
    CountDownLatch never = new CountDownLatch(1);
    try (FakeRegistry fake =
        new FakeRegistry(
            (request, number) -> {
              never.await();
              return NO_SUBJECTS;
            })) {
      long start = System.nanoTime();

      assertThatThrownBy(() -> SchemaRegistry.connect(RegistrySettings.of(fake.url()), SHORT))
          .isInstanceOf(SchemaRegistryException.class)
          .hasMessageContaining("Read timed out");
      assertThat(Duration.ofNanos(System.nanoTime() - start)).isLessThan(Duration.ofSeconds(10));
    }
  }

  @ParameterizedTest
  @CsvSource({
    "401, 'Check user name and password, token or certificate'",
    "403, This user may not",
    "404, Check the path in its URL"
  })
  void aRefusalIsNotWaitedFor(int status, String advice) {
    try (FakeRegistry fake =
        new FakeRegistry((request, number) -> Answer.error(status, status, "no"))) {
      assertThatThrownBy(() -> SchemaRegistry.connect(RegistrySettings.of(fake.url()), LONG))
          .isInstanceOf(SchemaRegistryException.class)
          .hasMessageContainingAll(fake.url(), advice);
      assertThat(fake.requests()).hasSize(1);
    }
  }

  @Test
  void somethingElseThatAnswersIsNotWaitedFor() {
    try (FakeRegistry fake = new FakeRegistry((request, number) -> Answer.ok("<html>hello"))) {
      assertThatThrownBy(() -> SchemaRegistry.connect(RegistrySettings.of(fake.url()), LONG))
          .isInstanceOf(SchemaRegistryException.class)
          .hasMessageContaining("Something else answers there");
      assertThat(fake.requests()).hasSize(1);
    }
  }

  @Test
  void sendsTheUsersNameAndPassword() {
    Map<String, String> basic =
        Map.of("basic.auth.credentials.source", "USER_INFO", "basic.auth.user.info", "ann:secret");
    try (FakeRegistry fake = new FakeRegistry((request, number) -> NO_SUBJECTS);
        SchemaRegistry registry =
            SchemaRegistry.connect(RegistrySettings.of(fake.url()).withClient(basic), SHORT)) {
      assertThat(registry).isNotNull();
      assertThat(fake.authorizations()).containsExactly("Basic YW5uOnNlY3JldA==");
    }
  }

  @Test
  void setsTheDefaultAndASubjectsCompatibility() {
    try (FakeRegistry fake =
            new FakeRegistry(
                (request, number) ->
                    request.startsWith("PUT")
                        ? Answer.ok("{\"compatibility\": \"BACKWARD\"}")
                        : NO_SUBJECTS);
        SchemaRegistry registry = SchemaRegistry.connect(RegistrySettings.of(fake.url()), SHORT)) {
      registry.requireBackward();
      registry.requireBackward("a-value");

      assertThat(fake.requests().get(1))
          .startsWith("PUT /config ")
          .contains("\"compatibility\":\"BACKWARD\"");
      assertThat(fake.requests().get(2))
          .startsWith("PUT /config/a-value")
          .contains("\"compatibility\":\"BACKWARD\"");
    }
  }

  @Test
  void aRefusedCompatibilitySaysWhich() {
    try (FakeRegistry fake =
            new FakeRegistry(
                (request, number) ->
                    request.startsWith("PUT")
                        ? Answer.error(403, 40301, "read only")
                        : NO_SUBJECTS);
        SchemaRegistry registry = SchemaRegistry.connect(RegistrySettings.of(fake.url()), SHORT)) {
      assertThatThrownBy(registry::requireBackward)
          .isInstanceOf(SchemaRegistryException.class)
          .hasMessageContainingAll("default compatibility", "read only", "ask for the right");
    }
  }

  @Test
  void preparesEverySubjectOnceMoreWithoutChange() throws Exception {
    MockSchemaRegistryClient client = new MockSchemaRegistryClient();
    SchemaRegistry registry = new SchemaRegistry(RegistrySettings.of("http://unused"), client);

    registry.prepare(Topics.subjects());
    registry.prepare(Topics.subjects());

    assertThat(client.getAllSubjects())
        .containsExactlyInAnyOrderElementsOf(
            Topics.subjects().stream().map(Subject::name).toList());
    for (Subject subject : Topics.subjects()) {
      assertThat(client.getAllVersions(subject.name())).containsExactly(1);
      assertThat(client.getCompatibility(subject.name())).isEqualTo("BACKWARD");
    }
  }

  @Test
  void setsTheRuleAfterTheSchemaWhereTheRegistryKnowsNoSubjectWithoutVersions() {
    try (FakeRegistry fake =
            new FakeRegistry(
                (request, number) -> {
                  if (request.startsWith("PUT")) {
                    return number == 2
                        ? Answer.error(404, 40401, "no such subject")
                        : Answer.ok("{\"compatibility\": \"BACKWARD\"}");
                  }
                  return request.startsWith("POST") ? Answer.ok("{\"id\": 1}") : NO_SUBJECTS;
                });
        SchemaRegistry registry = SchemaRegistry.connect(RegistrySettings.of(fake.url()), SHORT)) {
      registry.prepare(List.of(Subject.ofValue("t", Hwaddr.class)));

      assertThat(fake.requests().subList(1, 4))
          .satisfiesExactly(
              first -> assertThat(first).startsWith("PUT /config/t-value"),
              second -> assertThat(second).startsWith("POST /subjects/t-value/versions"),
              third -> assertThat(third).startsWith("PUT /config/t-value"));
    }
  }

  @Test
  void aSubjectWithAContradictingSchemaIsNamed() {
    String details = "details: [%s]".formatted("x".repeat(5000));
    try (FakeRegistry fake =
            new FakeRegistry(
                (request, number) ->
                    switch (request.substring(0, 4)) {
                      case "PUT " -> Answer.ok("{\"compatibility\": \"BACKWARD\"}");
                      case "POST" -> Answer.error(409, 409, "incompatible, " + details);
                      default -> NO_SUBJECTS;
                    });
        SchemaRegistry registry = SchemaRegistry.connect(RegistrySettings.of(fake.url()), SHORT)) {
      assertThatThrownBy(() -> registry.prepare(List.of(Subject.ofValue("t", Hwaddr.class))))
          .isInstanceOf(SchemaRegistryException.class)
          .hasMessageContainingAll(fake.url(), "t-value", "cannot read (incompatible, details")
          .hasMessageNotContaining("\n")
          .extracting(failure -> failure.getMessage().length())
          .satisfies(length -> assertThat(length).isLessThan(600));
    }
  }

  @Test
  void looksUpOnlyIfItMayNotRegister() {
    try (FakeRegistry fake =
            new FakeRegistry(
                (request, number) ->
                    request.startsWith("POST")
                        ? Answer.error(404, 40403, "Schema not found")
                        : NO_SUBJECTS);
        SchemaRegistry registry =
            SchemaRegistry.connect(RegistrySettings.of(fake.url()).withRegister(false), SHORT)) {
      assertThatThrownBy(() -> registry.prepare(List.of(Subject.ofValue("t", Hwaddr.class))))
          .isInstanceOf(SchemaRegistryException.class)
          .hasMessageContainingAll("t-value", "does not hold");
      assertThat(fake.requests().get(1)).startsWith("POST /subjects/t-value?");
      assertThat(fake.requests()).hasSize(2);
    }
  }

  @Test
  void findsWhatSomebodyElseRegistered() throws Exception {
    MockSchemaRegistryClient client = new MockSchemaRegistryClient();
    client.register("t-value", Subject.ofValue("t", Hwaddr.class).registered());
    SchemaRegistry registry =
        new SchemaRegistry(RegistrySettings.of("http://r:1").withRegister(false), client);

    registry.prepare(List.of(Subject.ofValue("t", Hwaddr.class)));

    assertThat(client.getAllVersions("t-value")).containsExactly(1);
  }

  private static int freePort() throws IOException {
    try (ServerSocket socket = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
      return socket.getLocalPort();
    }
  }
}
