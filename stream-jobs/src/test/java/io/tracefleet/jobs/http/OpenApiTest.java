// SPDX-License-Identifier: Apache-2.0
package io.tracefleet.jobs.http;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.InputStream;
import java.util.Set;
import java.util.TreeSet;
import org.junit.jupiter.api.Test;

class OpenApiTest {
  @Test
  void everyRouteIsDescribedAndEveryDescribedRouteExists() throws Exception {
    Set<String> routes = new TreeSet<>(HttpApi.questions().keySet());
    routes.addAll(HttpApi.otherPaths());

    try (InputStream file = HttpApi.class.getResourceAsStream("openapi.json")) {
      JsonNode document = new ObjectMapper().readTree(file);
      Set<String> described = new TreeSet<>();
      document.get("paths").fieldNames().forEachRemaining(described::add);

      assertThat(document.get("openapi").asText()).startsWith("3.");
      assertThat(described).isEqualTo(routes);
    }
  }
}
