// SPDX-License-Identifier: Apache-2.0
package io.tracefleet.schemas.clients;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

final class ClientSettingsTest {
  @TempDir private Path directory;

  private ClientSettings load(String text) throws IOException {
    return ClientSettings.load(Files.writeString(directory.resolve("client.properties"), text));
  }

  @Test
  void secretsComeFromFiles() throws IOException {
    Files.writeString(directory.resolve("password"), "from a file\n");
    Files.writeString(directory.resolve("keys.properties"), "token=abc\nother=xyz\n");

    ClientSettings settings =
        load(
            """
            security.protocol=SASL_SSL
            sasl.mechanism=SCRAM-SHA-512
            ssl.truststore.password=${dir:%1$s:password}
            schema.registry.bearer.auth.credentials.source=STATIC_TOKEN
            schema.registry.bearer.auth.token=${file:%1$s/keys.properties:token}
            """
                .formatted(directory));

    assertThat(settings.kafka())
        .isEqualTo(
            Map.of(
                "security.protocol",
                "SASL_SSL",
                "sasl.mechanism",
                "SCRAM-SHA-512",
                "ssl.truststore.password",
                "from a file"));
    assertThat(settings.registry())
        .isEqualTo(
            Map.of(
                "schema.registry.bearer.auth.credentials.source",
                "STATIC_TOKEN",
                "schema.registry.bearer.auth.token",
                "abc"));
    assertThat(settings.toString())
        .contains("ssl.truststore.password")
        .doesNotContain("from a file")
        .doesNotContain("abc");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "sasl.mechansim=SCRAM-SHA-512",
        "bootstrap.servers=broker:9092",
        "schema.registry.url=http://registry",
        "schema.registry.basic.auth.user=me",
        "ssl.keystore.password=${file:/nowhere/at-all:key}",
        "ssl.keystore.password=${dir:/nowhere:key}",
        "ssl.keystore.password=${file:/nowhere}",
        "ssl.keystore.password=s3cret-\\u00zz"
      })
  void aWrongFileIsOneLineWithoutValues(String line) {
    assertThatThrownBy(() -> load("ssl.key.password=s3cret\n" + line + "\n"))
        .isInstanceOf(IllegalArgumentException.class)
        .message()
        .contains("client.properties")
        .contains(line.contains("u00zz") ? "encoding" : line.substring(0, line.indexOf('=')))
        .doesNotContain("s3cret")
        .satisfies(message -> assertThat(message.lines()).hasSize(1));
  }

  @Test
  void aSecretFileWithoutTheEntryIsNamed() throws IOException {
    Path keys = Files.writeString(directory.resolve("keys.properties"), "token=abc\n");

    assertThatThrownBy(() -> load("ssl.key.password=${file:" + keys + ":pasword}\n"))
        .hasMessageContainingAll("ssl.key.password", keys + ":pasword", "no such entry");
  }

  @Test
  void aFileThatIsNotThereOrNoText() throws IOException {
    Path binary = Files.write(directory.resolve("keystore.p12"), new byte[] {(byte) 0xff, 1, 2});

    assertThatThrownBy(() -> ClientSettings.load(directory.resolve("none")))
        .hasMessageEndingWith("none: no such file.");
    assertThatThrownBy(() -> ClientSettings.load(binary)).hasMessageContaining("not a text file");
  }

  @Test
  void theVariableNamesTheFileUnlessAnOptionDoes() throws IOException {
    Path one = Files.writeString(directory.resolve("1"), "security.protocol=SSL\n");
    Path two = Files.writeString(directory.resolve("2"), "security.protocol=SASL_SSL\n");
    Map<String, String> environment = Map.of(ClientSettings.VARIABLE, one.toString());

    assertThat(ClientSettings.of(Optional.empty(), Map.of())).isEqualTo(ClientSettings.NONE);
    assertThat(ClientSettings.of(Optional.empty(), environment).kafka()).containsValue("SSL");
    assertThat(ClientSettings.of(Optional.of(two), environment).kafka()).containsValue("SASL_SSL");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "sasl.jaas.config",
        "ssl.key.password",
        "ssl.keystore.key",
        "producer.sasl.jaas.config",
        "main.consumer.ssl.truststore.password",
        "schema.registry.basic.auth.user.info",
        "basic.auth.user.info",
        "bearer.auth.token",
        "schema.registry.ssl.keystore.password"
      })
  void secretsAreRefusedWhereEveryoneSeesThem(String name) {
    assertThatThrownBy(() -> ClientSettings.refuseSecrets("", "", Map.of(name, "s3cret")))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining(name)
        .hasMessageNotContaining("s3cret");
    ClientSettings.refuseSecrets("", "", Map.of(name, "${file:/etc/keys:a}"));
    ClientSettings.refuseSecrets("", "", Map.of("security.protocol", "SSL"));
  }
}
