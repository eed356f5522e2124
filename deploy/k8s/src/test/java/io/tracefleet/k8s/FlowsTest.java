// SPDX-License-Identifier: Apache-2.0
package io.tracefleet.k8s;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Files;
import java.util.stream.Stream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** The network policies allow the flows of the drawing, as src/test/resources/flows has them. */
final class FlowsTest {
  static Stream<String> overlays() {
    return Overlay.names().stream();
  }

  @ParameterizedTest
  @MethodSource("overlays")
  void justTheFlowsOfTheDrawing(String name) throws Exception {
    String file = "src/test/resources/flows/" + Overlay.overlayOf(name) + ".txt";
    Stream<String> table =
        Files.readAllLines(Overlay.ROOT.resolve(file)).stream()
            .filter(line -> !line.isBlank() && !line.startsWith("#"))
            // Of a component that is not in this overlay.
            .filter(line -> !line.startsWith("guest-batch ") || has(name))
            .filter(line -> !line.contains("-> guest-batch ") || has(name));

    assertThat(new Flows(Overlay.of(name)).all())
        .as(file)
        .containsExactlyInAnyOrderElementsOf(table.toList());
  }

  private static boolean has(String name) {
    return name.equals("dev") || name.endsWith("+guest-batch");
  }
}
