// SPDX-License-Identifier: Apache-2.0
package io.tracefleet.cli.bench;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import io.tracefleet.cli.see.SeeResult;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import javax.xml.parsers.DocumentBuilderFactory;
import org.assertj.core.data.Offset;
import org.junit.jupiter.api.Test;
import org.w3c.dom.Document;

/**
 * What the benchmark writes, compared with files. {@code -Dtracefleet.golden=write} writes them
 * anew: look at the difference.
 */
final class BenchOutputTest {
  private static final Path GOLDEN = Path.of("src/test/resources/io/tracefleet/cli/bench");

  private final BenchResult result = BenchSamples.result();

  private static void assertGolden(String name, String text) throws IOException {
    Path file = GOLDEN.resolve(name);
    if ("write".equals(System.getProperty("tracefleet.golden"))) {
      Files.writeString(file, text);
    }
    assertThat(text).isEqualTo(Files.readString(file));
  }

  @Test
  void tables() throws IOException {
    assertGolden("bench.txt", BenchTables.render(result));
  }

  @Test
  void json() throws IOException {
    String json = new BenchJson().render(result);

    assertGolden("bench.json", json);
    JsonNode full = JsonMapper.builder().build().readTree(json).at("/guests/0/cases/2");
    assertThat(full.at("/wallRatio/median").doubleValue()).isEqualTo(3.75);
    assertThat(full.at("/measured")).hasSize(3);
  }

  @Test
  void page() throws IOException {
    assertGolden("bench.md", BenchPage.render(result, "bench.svg"));
  }

  @Test
  void picture() throws Exception {
    String svg = BenchSvg.render(result);

    assertGolden("bench.svg", svg);
    Document document =
        DocumentBuilderFactory.newInstance()
            .newDocumentBuilder()
            .parse(new ByteArrayInputStream(svg.getBytes(StandardCharsets.UTF_8)));
    // A background and a bar per case, none outside the picture.
    var bars = document.getElementsByTagName("rect");
    assertThat(bars.getLength()).isEqualTo(1 + 5);
    double width = Double.parseDouble(document.getDocumentElement().getAttribute("width"));
    for (int i = 1; i < bars.getLength(); i++) {
      var bar = bars.item(i).getAttributes();
      double end =
          Double.parseDouble(bar.getNamedItem("x").getNodeValue())
              + Double.parseDouble(bar.getNamedItem("width").getNodeValue());
      assertThat(end).isLessThan(width);
    }
  }

  @Test
  void aPictureOfSmallRatiosHasALinearScale() {
    Sample bare = BenchSamples.alone(1, 1, 10);
    GuestResult guest =
        new GuestResult(
            "g",
            "guest",
            "qemu",
            1,
            List.of(
                BenchSamples.one(BenchCase.BARE, bare, bare),
                BenchSamples.one(BenchCase.FULL_ALONE, bare, BenchSamples.alone(4, 4, 10))));
    BenchResult small =
        new BenchResult(
            result.machine(), "", false, 1, 1, List.of(guest), List.of(), SeeResult.NONE);

    String svg = BenchSvg.render(small);

    assertThat(svg).doesNotContain("logarithmic");
    String[] widths = svg.split(" width=\"", -1);
    double bareWidth = Double.parseDouble(widths[3].substring(0, widths[3].indexOf('"')));
    double fourfold = Double.parseDouble(widths[4].substring(0, widths[4].indexOf('"')));
    assertThat(fourfold).isCloseTo(4 * bareWidth, Offset.offset(0.5));
  }

  @Test
  void aQuickRunSaysNothingAboutTargets() {
    BenchResult quick =
        new BenchResult(
            result.machine(), "", true, 1, 1, result.guests(), result.java(), result.see());

    assertThat(BenchTables.render(quick)).doesNotContain("reached");
  }
}
