// SPDX-License-Identifier: Apache-2.0
package io.tracefleet.node.ring;

import static org.assertj.core.api.Assertions.assertThat;

import java.lang.reflect.Field;
import java.lang.reflect.Modifier;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

/** Compares RingLayout with what a C program, built with the plugin, says about ring.h. */
class RingLayoutTest {
  private static final Path PROGRAM =
      Path.of(System.getProperty("basedir", "."), "target/plugin/ring-offsets");

  @Test
  void everyOffsetAndConstantIsTheSameInC() throws Exception {
    Map<String, Long> c = printedByC();

    Map<String, Long> java = new TreeMap<>();
    collect(RingLayout.class, "", java);
    collect(RingLayout.Header.class, "header.", java);
    collect(RingLayout.Control.class, "control.", java);
    collect(RingLayout.Slot.class, "slot.", java);
    collect(RingLayout.Tally.class, "tally.", java);
    collect(RingLayout.Descriptor.class, "descriptor.", java);
    collect(RingLayout.Bell.class, "doorbell.", java);

    assertThat(java).hasSizeGreaterThan(90).isEqualTo(c);
  }

  private static Map<String, Long> printedByC() throws Exception {
    Process process = new ProcessBuilder(PROGRAM.toString()).start();
    String output = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    assertThat(process.waitFor(10, TimeUnit.SECONDS)).isTrue();
    Map<String, Long> values = new TreeMap<>();
    for (String line : output.split("\n", -1)) {
      if (!line.isEmpty()) {
        String[] parts = line.split(" ", 2);
        values.put(parts[0], Long.parseUnsignedLong(parts[1]));
      }
    }
    return values;
  }

  /** By C's names. */
  private static void collect(Class<?> type, String prefix, Map<String, Long> to) throws Exception {
    for (Field field : type.getDeclaredFields()) {
      if (Modifier.isStatic(field.getModifiers()) && !field.isSynthetic()) {
        field.setAccessible(true);
        long value = ((Number) field.get(null)).longValue();
        to.put(
            name(prefix, field.getName()),
            value & (field.getType() == int.class ? 0xffffffffL : -1));
      }
    }
  }

  private static String name(String prefix, String field) {
    String name = prefix + field;
    return switch (name) {
      case "MAGIC",
          "VERSION",
          "HEADER_SIZE",
          "SLOT_SIZE",
          "DESCRIPTOR_SIZE",
          "COLUMNS",
          "NO_BUFFER" ->
          "RING_" + name;
      case "header.TARGET_SIZE" -> "header.target.size";
      case "header.IMAGE_SIZE" -> "header.image.size";
      case "slot.PAYLOAD_BEGIN", "slot.PAYLOAD_END" -> "SLOT_" + field;
      case "doorbell.MAGIC_VALUE" -> "DOORBELL_MAGIC";
      case "doorbell.FILE_SIZE" -> "DOORBELL_SIZE";
      default -> prefix.isEmpty() ? name : name.toLowerCase(Locale.ROOT);
    };
  }
}
