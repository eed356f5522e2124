// SPDX-License-Identifier: Apache-2.0
package io.tracefleet.it;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/** Reads a report in JSON by its published names alone. */
final class ReportFile {
  private ReportFile() {}

  static JsonNode read(Path file) throws IOException {
    return JsonMapper.builder().build().readTree(file.toFile());
  }

  /** Names of an object's fields, in order. */
  static List<String> names(JsonNode object) {
    List<String> names = new ArrayList<>();
    object.fieldNames().forEachRemaining(names::add);
    return names;
  }

  /** The report in the oracle's form; a report has no pages. */
  static Counts counts(JsonNode report) {
    Counts counts = new Counts();
    for (JsonNode v : report.get("vcpus")) {
      counts.vcpu(
          v.get("vcpu").intValue(),
          v.get("generation").intValue(),
          v.get("instructions").longValue(),
          v.get("blocks").longValue(),
          v.get("loads").longValue(),
          v.get("stores").longValue(),
          v.get("loadBytes").longValue(),
          v.get("storeBytes").longValue(),
          v.get("idles").longValue(),
          v.get("resumes").longValue());
    }
    Map<String, Long> blocks = new TreeMap<>();
    for (JsonNode b : report.get("hotBlocks")) {
      blocks.merge(
          b.get("vaddr").textValue() + "/" + b.get("instructions").intValue(),
          b.get("executions").longValue(),
          Long::sum);
    }
    blocks.forEach(
        (key, executions) -> {
          int slash = key.indexOf('/');
          counts.block(
              Long.parseUnsignedLong(key.substring(2, slash), 16),
              Long.parseLong(key.substring(slash + 1)),
              executions);
        });
    for (JsonNode h : report.get("hwaddr")) {
      counts.hwaddr(
          h.get("vcpu").intValue(),
          h.get("kind").textValue().equals("IO"),
          h.get("device").textValue(),
          h.get("reads").longValue(),
          h.get("writes").longValue(),
          h.get("readBytes").longValue(),
          h.get("writeBytes").longValue());
    }
    for (JsonNode s : report.get("syscalls")) {
      counts.syscallAsReported(
          s.get("number").longValue(), s.get("calls").longValue(), s.get("errors").longValue());
    }
    return counts;
  }
}
