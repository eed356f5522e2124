// SPDX-License-Identifier: Apache-2.0
package io.tracefleet.k8s;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** Files in the containers of a workload, by ConfigMaps and Secrets. */
final class Mounts {
  private static final Pattern FILE = Pattern.compile("/etc/tracefleet/[A-Za-z0-9._/$()-]+");
  private static final Pattern DIRECTORY_AND_FILE = Pattern.compile("\\$\\{dir:([^:}]+):([^}]+)}");

  /** Keys of Secrets that are not in an overlay: of Strimzi, or made by hand as the guide says. */
  private static final Map<String, Set<String>> SECRETS_OF_OTHERS =
      Map.of("tracefleet-token", Set.of("token"));

  private static final Set<String> OF_A_KAFKA_USER = Set.of("password", "sasl.jaas.config");

  private final Overlay overlay;
  private final JsonNode workload;

  Mounts(Overlay overlay, JsonNode workload) {
    this.overlay = overlay;
    this.workload = workload;
  }

  /** By arguments and variables, and by the client settings that those name. */
  Set<String> named(JsonNode container) {
    Set<String> files = new TreeSet<>();
    List<String> texts = new ArrayList<>();
    container.path("args").forEach(argument -> texts.add(argument.asText()));
    container.path("env").forEach(variable -> texts.add(variable.path("value").asText()));
    for (String text : texts) {
      for (String file : expanded(container, text)) {
        Matcher matcher = FILE.matcher(file);
        if (matcher.matches()) {
          files.add(file);
        }
      }
    }
    for (String file : List.copyOf(files)) {
      content(container, file)
          .filter(text -> file.endsWith(".properties"))
          .ifPresent(
              text -> {
                Matcher secret = DIRECTORY_AND_FILE.matcher(text);
                while (secret.find()) {
                  files.add(secret.group(1) + "/" + secret.group(2));
                }
                Matcher other = FILE.matcher(DIRECTORY_AND_FILE.matcher(text).replaceAll(""));
                while (other.find()) {
                  files.add(other.group());
                }
              });
    }
    return files;
  }

  boolean has(JsonNode container, String file) {
    String key = file.substring(file.lastIndexOf('/') + 1);
    return volumeOf(container, file).filter(volume -> keys(volume).contains(key)).isPresent();
  }

  /** An Indexed Job has one for each index. */
  private List<String> expanded(JsonNode container, String text) {
    for (JsonNode variable : container.path("env")) {
      boolean index = variable.toString().contains("job-completion-index");
      String name = "$(" + variable.path("name").asText() + ")";
      if (index && text.contains(name)) {
        List<String> all = new ArrayList<>();
        for (int i = 0; i < workload.path("spec").path("completions").asInt(); i++) {
          all.add(text.replace(name, Integer.toString(i)));
        }
        return all;
      }
    }
    return List.of(text);
  }

  private Optional<JsonNode> volumeOf(JsonNode container, String file) {
    String directory = file.substring(0, file.lastIndexOf('/'));
    for (JsonNode mount : container.path("volumeMounts")) {
      if (mount.path("mountPath").asText().equals(directory)) {
        for (JsonNode volume : Overlay.podOf(workload).path("volumes")) {
          if (volume.path("name").equals(mount.path("name"))) {
            return Optional.of(volume);
          }
        }
      }
    }
    return Optional.empty();
  }

  private Set<String> keys(JsonNode volume) {
    JsonNode source = volume.has("secret") ? volume.path("secret") : volume.path("configMap");
    if (source.has("items")) {
      return Set.copyOf(source.path("items").findValuesAsText("path"));
    }
    String name = source.path(volume.has("secret") ? "secretName" : "name").asText();
    Set<String> keys =
        new TreeSet<>(data(volume.has("secret") ? "Secret" : "ConfigMap", name).keySet());
    if (keys.isEmpty() && volume.has("secret")) {
      return SECRETS_OF_OTHERS.getOrDefault(name, OF_A_KAFKA_USER);
    }
    return keys;
  }

  private Optional<String> content(JsonNode container, String file) {
    return volumeOf(container, file)
        .map(volume -> data("ConfigMap", volume.path("configMap").path("name").asText()))
        .map(data -> data.get(file.substring(file.lastIndexOf('/') + 1)));
  }

  private Map<String, String> data(String kind, String name) {
    Map<String, String> data = new HashMap<>();
    for (JsonNode object : overlay.ofKind(kind)) {
      if (object.path("metadata").path("name").asText().equals(name)) {
        object
            .path("data")
            .fields()
            .forEachRemaining(entry -> data.put(entry.getKey(), entry.getValue().asText()));
      }
    }
    return data;
  }
}
