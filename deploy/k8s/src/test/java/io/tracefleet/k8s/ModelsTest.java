// SPDX-License-Identifier: Apache-2.0
package io.tracefleet.k8s;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Stream;
import org.assertj.core.api.SoftAssertions;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Every object is what Kubernetes, Strimzi or the Prometheus operator would accept. */
final class ModelsTest {
  static Stream<String> overlays() {
    return Overlay.names().stream();
  }

  @ParameterizedTest
  @MethodSource("overlays")
  void hasNoFieldThatTheModelsDoNotKnow(String name) throws Exception {
    SoftAssertions all = new SoftAssertions();
    for (JsonNode object : Overlay.of(name).objects) {
      all.assertThat(StrictModels.modelOf(object)).as(Overlay.nameOf(object)).isNotNull();
      try {
        StrictModels.read(object);
      } catch (JsonProcessingException e) {
        all.fail(Overlay.nameOf(object) + ": " + e.getOriginalMessage());
      }
    }
    all.assertAll();
  }

  @ParameterizedTest
  @MethodSource("overlays")
  void aFieldOfAnyDepthThatIsMisspelledIsFound(String name) throws Exception {
    List<String> missed = new ArrayList<>();
    for (JsonNode object : Overlay.of(name).objects) {
      List<ObjectNode> places = new ArrayList<>();
      collect(object.path("spec"), places);
      for (ObjectNode place : places) {
        place.put("missspelled", 1);
        boolean found = false;
        try {
          StrictModels.read(object);
        } catch (JsonProcessingException e) {
          found = true;
        }
        place.remove("missspelled");
        if (!found && !isFree(place)) {
          missed.add(Overlay.nameOf(object) + " " + place);
        }
      }
    }
    assertThat(missed).isEmpty();
  }

  /** Maps with keys of the user's: labels, quantities, settings of Kafka. */
  private static boolean isFree(ObjectNode place) {
    Set<String> keys = new TreeSet<>();
    place.fieldNames().forEachRemaining(keys::add);
    return keys.stream()
        .allMatch(
            key ->
                key.contains(".")
                    || key.contains("/")
                    || key.contains("-")
                    || Set.of("cpu", "memory", "storage", "summary", "description", "severity")
                        .contains(key));
  }

  private static void collect(JsonNode node, List<ObjectNode> places) {
    if (node instanceof ObjectNode object) {
      places.add(object);
    }
    node.forEach(child -> collect(child, places));
  }

  @Test
  void aValueOfAnotherTypeIsFound() throws Exception {
    ObjectNode set = Overlay.of("dev").ofKind("StatefulSet").get(0).deepCopy();
    ((ObjectNode) set.path("spec")).put("replicas", "many");

    assertThatThrownBy(() -> StrictModels.read(set)).isInstanceOf(JsonProcessingException.class);
  }
}
