// SPDX-License-Identifier: Apache-2.0
package io.tracefleet.it;

import static org.assertj.core.api.Assertions.assertThat;

import io.tracefleet.codec.DetailReader;
import io.tracefleet.codec.TraceFormatException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.Map;
import java.util.TreeMap;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * The plugin remembers the texts of instructions: each is what QEMU's own log says of that address,
 * in a dynamically linked program, whose code lies above 4 GiB. Without Kafka.
 */
final class DisassemblyIT {
  private static final Pattern LINE = Pattern.compile("0x([0-9a-f]+): +(?:[0-9a-f]{2} )+ *(\\S.*)");

  @TempDir Path directory;

  private static String plain(String text) {
    return text.strip().replaceAll("\\s+", " ");
  }

  private static Map<Long, String> texts(PluginRun run) throws Exception {
    Map<Long, String> texts = new TreeMap<>();
    run.ring().details(detail -> put(texts, detail));
    return texts;
  }

  private static void put(Map<Long, String> texts, DetailReader detail) {
    try {
      for (long address = detail.vaddr(); detail.nextInstruction(); ) {
        texts.put(address, plain(detail.disassembly()));
        address += detail.code().length;
      }
    } catch (TraceFormatException e) {
      throw new AssertionError(e);
    }
  }

  @Test
  void everyTextIsWhatQemuLogs() throws Exception {
    Path log = directory.resolve("in_asm");
    Map<Long, String> told;
    try (PluginRun run =
        PluginRun.of("qemu-x86_64", "/bin/ls", "/")
            .qemu("-d", "in_asm", "-D", log.toString())
            .run()) {
      told = texts(run);
    }
    Map<Long, String> logged = new HashMap<>();
    for (String line : Files.readAllLines(log)) {
      Matcher instruction = LINE.matcher(line);
      if (instruction.matches()) {
        logged.put(Long.parseUnsignedLong(instruction.group(1), 16), plain(instruction.group(2)));
      }
    }

    assertThat(told.keySet()).allSatisfy(address -> assertThat(address).isGreaterThan(1L << 32));
    assertThat(told).hasSizeGreaterThan(10_000);
    assertThat(told.values()).filteredOn(text -> text.startsWith("call")).hasSizeGreaterThan(100);
    logged.keySet().retainAll(told.keySet());
    assertThat(told).isEqualTo(logged);
  }
}
