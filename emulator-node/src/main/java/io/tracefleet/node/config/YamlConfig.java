// SPDX-License-Identifier: Apache-2.0
package io.tracefleet.node.config;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.StreamReadFeature;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.fasterxml.jackson.dataformat.yaml.YAMLFactory;
import com.fasterxml.jackson.dataformat.yaml.YAMLParser;
import io.tracefleet.metrics.MetricsSettings;
import io.tracefleet.schemas.clients.ClientSettings;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Collectors;

/** Turns node.yaml into records; each error names file, key and value. */
final class YamlConfig {
  /** Where the cluster is, for files that do not say it. */
  private static final String BOOTSTRAP = "TRACEFLEET_BOOTSTRAP";

  private static final String REGISTRY = "TRACEFLEET_REGISTRY";

  private final String file;
  private final Map<String, String> environment;

  private YamlConfig(String file, Map<String, String> environment) {
    this.file = file;
    this.environment = environment;
  }

  static NodeConfig read(String file, String text, Map<String, String> environment)
      throws ConfigException {
    YamlConfig reader = new YamlConfig(file, environment);
    ObjectMapper mapper =
        new ObjectMapper(
                YAMLFactory.builder()
                    // "off" is a word of the plugin's, not a boolean.
                    .enable(YAMLParser.Feature.PARSE_BOOLEAN_LIKE_WORDS_AS_STRINGS)
                    .enable(StreamReadFeature.STRICT_DUPLICATE_DETECTION)
                    .build())
            .enable(DeserializationFeature.FAIL_ON_TRAILING_TOKENS);
    JsonNode root;
    try {
      root = mapper.readTree(text);
    } catch (JsonProcessingException e) {
      String where = e.getLocation() == null ? "" : ", line " + e.getLocation().getLineNr();
      throw new ConfigException(file + where + ": " + oneLine(e.getOriginalMessage()), e);
    }
    return reader.node(root);
  }

  /** Without the indented lines, which show the place in the file. */
  private static String oneLine(String message) {
    return message.lines().filter(line -> !line.startsWith(" ")).collect(Collectors.joining(", "));
  }

  private NodeConfig node(JsonNode root) throws ConfigException {
    Section top = section("", root);
    NodeSettings settings =
        top.apply(
            () -> {
              RingSettings ring = RingSettings.defaults();
              PublishSettings publish = PublishSettings.defaults();
              NodeSettings defaults = NodeSettings.defaults();
              return new NodeSettings(
                  top.text("node", defaults.node()),
                  top.path("plugin", defaults.pluginLibrary()),
                  top.integer("parallel", defaults.parallel()),
                  new RingSettings(
                      top.path("ringDir", ring.directory()),
                      top.integer("ringBuffers", ring.buffers()),
                      top.duration("flushInterval", ring.flushInterval()),
                      top.duration("nodeTimeout", ring.nodeTimeout())),
                  new PublishSettings(
                      top.word("compression", publish.compression(), Compression::parse),
                      top.size("inFlight", publish.inFlightBytes()),
                      top.duration("drainTimeout", publish.drainTimeout())),
                  new MetricsSettings(
                      MetricsSettings.port(top.text("metricsPort", "0")),
                      top.text("metricsAddress", MetricsSettings.LOOPBACK)));
            });
    ClusterAccess cluster =
        top.apply(
            () ->
                new ClusterAccess(
                    top.text("bootstrap", environment.getOrDefault(BOOTSTRAP, "")),
                    top.text("registry", environment.getOrDefault(REGISTRY, "")),
                    clients(top),
                    false));
    List<GuestSpec> guests = new ArrayList<>();
    List<JsonNode> nodes = top.list("guests");
    for (int i = 0; i < nodes.size(); i++) {
      guests.add(guest(section("guests[" + i + "].", nodes.get(i))));
    }
    top.finish();
    return top.apply(() -> new NodeConfig(settings, cluster, guests));
  }

  /** Those of the file that is named, and over them those that are written here. */
  private ClientSettings clients(Section top) throws ConfigException {
    Optional<Path> named = Optional.ofNullable(top.path("clientConfig", null));
    return ClientSettings.of(named, environment).plus(ClientSettings.of("kafka", top.map("kafka")));
  }

  private static GuestSpec guest(Section section) throws ConfigException {
    GuestSpec guest =
        section.apply(
            () -> {
              GuestSpec defaults = GuestSpec.of(section.texts("command"));
              return new GuestSpec(
                  section.text("name", null),
                  defaults.command(),
                  section.word("mode", defaults.mode(), TraceMode::parse),
                  section.word("whenFull", defaults.whenFull(), WhenFull::parse),
                  section.map("labels"),
                  section.word("restart", defaults.restart(), Restart::parse),
                  section.integer("maxRestarts", defaults.maxRestarts()),
                  section.duration("backoff", defaults.backoff()),
                  section.path("stdin", null),
                  section.path("stdout", null),
                  section.path("stderr", null),
                  section.map("plugin"));
            });
    section.finish();
    return guest;
  }

  private Section section(String prefix, JsonNode node) throws ConfigException {
    if (!(node instanceof ObjectNode object)) {
      String what = prefix.isEmpty() ? "the file" : prefix.substring(0, prefix.length() - 1);
      throw new ConfigException(file + ": " + what + ": expected keys and values");
    }
    return new Section(prefix, object);
  }

  private interface Parser<T> {
    T parse(String word) throws ConfigException;
  }

  private interface Body<T> {
    T get() throws ConfigException;
  }

  /** One mapping of the file; remembers which keys were asked for, the others are unknown. */
  private final class Section {
    private final String prefix;
    private final ObjectNode object;
    private final Set<String> known = new TreeSet<>();

    Section(String prefix, ObjectNode object) {
      this.prefix = prefix;
      this.object = object;
    }

    /** Runs {@code body} and puts the file's name in front of what is wrong with the values. */
    <T> T apply(Body<T> body) throws ConfigException {
      try {
        return body.get();
      } catch (IllegalArgumentException e) {
        throw new ConfigException(file + ": " + prefix + e.getMessage(), e);
      } catch (ConfigException e) {
        throw e.getMessage().startsWith(file)
            ? e
            : new ConfigException(file + ": " + prefix + e.getMessage(), e);
      }
    }

    void finish() throws ConfigException {
      for (Iterator<String> names = object.fieldNames(); names.hasNext(); ) {
        String name = names.next();
        if (!known.contains(name)) {
          throw new ConfigException(
              file
                  + ": "
                  + prefix
                  + name
                  + ": unknown key, expected one of "
                  + String.join(", ", known));
        }
      }
    }

    String text(String key, String otherwise) throws ConfigException {
      JsonNode value = get(key);
      return value == null ? otherwise : scalar(key, value);
    }

    <T> T word(String key, T otherwise, Parser<T> parser) throws ConfigException {
      String value = text(key, null);
      return value == null ? otherwise : named(key, () -> parser.parse(value));
    }

    Path path(String key, Path otherwise) throws ConfigException {
      String value = text(key, null);
      return value == null ? otherwise : Path.of(value);
    }

    int integer(String key, int otherwise) throws ConfigException {
      JsonNode value = get(key);
      if (value == null) {
        return otherwise;
      }
      if (!value.canConvertToInt() || !value.isIntegralNumber()) {
        throw wrong(key, value, "a whole number");
      }
      return value.intValue();
    }

    Duration duration(String key, Duration otherwise) throws ConfigException {
      String value = text(key, null);
      return value == null ? otherwise : named(key, () -> Units.duration(value));
    }

    long size(String key, long otherwise) throws ConfigException {
      String value = text(key, null);
      return value == null ? otherwise : named(key, () -> Units.size(value));
    }

    List<JsonNode> list(String key) throws ConfigException {
      JsonNode value = get(key);
      if (value == null) {
        return List.of();
      }
      if (!value.isArray()) {
        throw wrong(key, value, "a list");
      }
      List<JsonNode> items = new ArrayList<>();
      value.forEach(items::add);
      return items;
    }

    List<String> texts(String key) throws ConfigException {
      List<String> texts = new ArrayList<>();
      for (JsonNode item : list(key)) {
        texts.add(scalar(key, item));
      }
      return texts;
    }

    Map<String, String> map(String key) throws ConfigException {
      JsonNode value = get(key);
      if (value == null) {
        return Map.of();
      }
      if (!value.isObject()) {
        throw wrong(key, value, "keys and values");
      }
      Map<String, String> map = new LinkedHashMap<>();
      for (Map.Entry<String, JsonNode> entry : value.properties()) {
        map.put(entry.getKey(), scalar(key + "." + entry.getKey(), entry.getValue()));
      }
      return map;
    }

    private JsonNode get(String key) {
      known.add(key);
      JsonNode value = object.get(key);
      return value == null || value.isNull() ? null : value;
    }

    private String scalar(String key, JsonNode value) throws ConfigException {
      if (!value.isValueNode()) {
        throw wrong(key, value, "one value");
      }
      return value.asText();
    }

    private <T> T named(String key, Body<T> body) throws ConfigException {
      try {
        return body.get();
      } catch (IllegalArgumentException e) {
        throw new IllegalArgumentException(key + ": " + e.getMessage(), e);
      } catch (ConfigException e) {
        throw new ConfigException(key + ": " + e.getMessage(), e);
      }
    }

    private ConfigException wrong(String key, JsonNode value, String expected) {
      return new ConfigException(file + ": " + prefix + key + ": " + value + " is not " + expected);
    }
  }
}
