// SPDX-License-Identifier: Apache-2.0
package io.tracefleet.it;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/**
 * What one process did, as comparable lines: what was counted ({@code block 0x401000/7}) and the
 * counts. The oracle and every reader of a trace are brought into this one form. Not thread-safe.
 */
final class Counts {
  private final Map<String, String> lines = new TreeMap<>();

  /** Reads an oracle file through {@code oracle-dump}. */
  static Counts ofOracle(Path oracleDump, Path file) throws IOException {
    Counts counts = new Counts();
    Process process =
        new ProcessBuilder(oracleDump.toString(), file.toString())
            .redirectError(ProcessBuilder.Redirect.INHERIT)
            .start();
    try (BufferedReader reader =
        new BufferedReader(
            new InputStreamReader(process.getInputStream(), StandardCharsets.UTF_8))) {
      for (String line = reader.readLine(); line != null; line = reader.readLine()) {
        int tab = line.indexOf('\t');
        String key = line.substring(0, tab);
        String value = line.substring(tab + 1);
        if (key.equals("oracle")) {
          if (!value.contains(" overflow=0 ")) {
            throw new IOException(file + ": a table of the oracle was too small: " + value);
          }
        } else {
          counts.put(key, value);
        }
      }
    }
    try {
      if (process.waitFor() != 0) {
        throw new IOException("oracle-dump could not read " + file);
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IOException("interrupted", e);
    }
    return counts;
  }

  void vcpu(
      int vcpu,
      int generation,
      long instructions,
      long blocks,
      long loads,
      long stores,
      long loadBytes,
      long storeBytes,
      long idles,
      long resumes) {
    put(
        "vcpu " + vcpu + "." + generation,
        "instructions=%d blocks=%d loads=%d stores=%d loadBytes=%d storeBytes=%d idles=%d resumes=%d"
            .formatted(instructions, blocks, loads, stores, loadBytes, storeBytes, idles, resumes));
  }

  void block(long vaddr, long instructions, long executions) {
    put("block 0x" + Long.toHexString(vaddr) + "/" + instructions, Long.toString(executions));
  }

  void dispatched(long vaddr, long instructions, long dispatched) {
    put("dispatched 0x" + Long.toHexString(vaddr) + "/" + instructions, Long.toString(dispatched));
  }

  void hwaddr(
      int vcpu,
      boolean io,
      String device,
      long reads,
      long writes,
      long readBytes,
      long writeBytes) {
    put(
        "hwaddr " + vcpu + (io ? " IO " : " RAM ") + device,
        traffic(reads, writes, readBytes, writeBytes));
  }

  void page(int vcpu, long page, long reads, long writes, long readBytes, long writeBytes) {
    put(
        "page " + vcpu + " 0x" + Long.toHexString(page),
        traffic(reads, writes, readBytes, writeBytes));
  }

  void syscall(long number, long calls, long returns, long errors) {
    put("syscall " + number, "calls=%d returns=%d errors=%d".formatted(calls, returns, errors));
  }

  /** Traffic of a page over all vCPUs. */
  void pageOfAll(long page, long reads, long writes, long readBytes, long writeBytes) {
    put("page 0x" + Long.toHexString(page), traffic(reads, writes, readBytes, writeBytes));
  }

  void syscallAsReported(long number, long calls, long errors) {
    put("syscall " + number, "calls=%d errors=%d".formatted(calls, errors));
  }

  /** Instructions of the longest block that executed. */
  long longestBlock() {
    return lines.keySet().stream()
        .filter(key -> key.startsWith("block "))
        .mapToLong(key -> Long.parseLong(key.substring(key.indexOf('/') + 1)))
        .max()
        .orElse(0);
  }

  /**
   * The oracle's counts as the report tells them: pages over all vCPUs, no returns, no dispatched.
   */
  Counts asReported() {
    Counts reported = only("vcpu ", "block ", "hwaddr ");
    Map<Long, long[]> pages = new TreeMap<>();
    lines.forEach(
        (key, value) -> {
          if (key.startsWith("page ")) {
            long page = Long.parseUnsignedLong(key.substring(key.indexOf("0x") + 2), 16);
            long[] sum = pages.computeIfAbsent(page, p -> new long[4]);
            String[] parts = value.split(" ", -1);
            for (int i = 0; i < sum.length; i++) {
              sum[i] += Long.parseLong(parts[i].substring(parts[i].indexOf('=') + 1));
            }
          } else if (key.startsWith("syscall ")) {
            reported.syscallAsReported(
                Long.parseLong(key.substring("syscall ".length())),
                number(key, "calls"),
                number(key, "errors"));
          }
        });
    pages.forEach((page, n) -> reported.pageOfAll(page, n[0], n[1], n[2], n[3]));
    return reported;
  }

  @Override
  public boolean equals(Object other) {
    return other instanceof Counts counts && lines.equals(counts.lines);
  }

  @Override
  public int hashCode() {
    return lines.hashCode();
  }

  private static String traffic(long reads, long writes, long readBytes, long writeBytes) {
    return "reads=%d writes=%d readBytes=%d writeBytes=%d"
        .formatted(reads, writes, readBytes, writeBytes);
  }

  /** A line of zeros says nothing: a vCPU that never ran, say. */
  private void put(String key, String value) {
    if (value.equals("0") || !value.matches(".*[1-9].*")) {
      return;
    }
    if (lines.put(key, value) != null) {
      throw new IllegalStateException("counted twice: " + key);
    }
  }

  /** All lines but those whose key begins so. */
  Counts without(String prefix) {
    Counts some = new Counts();
    lines.forEach(
        (key, value) -> {
          if (!key.startsWith(prefix)) {
            some.lines.put(key, value);
          }
        });
    return some;
  }

  /** Only the lines whose key begins so. */
  Counts only(String... prefixes) {
    Counts some = new Counts();
    lines.forEach(
        (key, value) -> {
          for (String prefix : prefixes) {
            if (key.startsWith(prefix)) {
              some.lines.put(key, value);
            }
          }
        });
    return some;
  }

  /** The counts of one line, null if there is none. */
  String line(String key) {
    return lines.get(key);
  }

  /** All lines, sorted by key. */
  Map<String, String> lines() {
    return Map.copyOf(lines);
  }

  /**
   * One number of a line, such as {@code instructions} of {@code vcpu 0.0}; 0 if there is no line.
   */
  long number(String key, String name) {
    String value = lines.get(key);
    if (value == null) {
      return 0;
    }
    for (String part : value.split(" ", -1)) {
      if (part.startsWith(name + "=")) {
        return Long.parseLong(part.substring(name.length() + 1));
      }
    }
    throw new IllegalArgumentException(key + " has no " + name);
  }

  /** One number added up over all lines whose key begins so. */
  long sum(String prefix, String name) {
    return lines.keySet().stream()
        .filter(key -> key.startsWith(prefix))
        .mapToLong(key -> number(key, name))
        .sum();
  }

  boolean isEmpty() {
    return lines.isEmpty();
  }

  int size() {
    return lines.size();
  }

  /** Every line in which the two differ, in order of the keys; empty if all are equal. */
  static List<String> differences(Counts expected, Counts actual) {
    List<String> found = new ArrayList<>();
    Map<String, String> keys = new TreeMap<>(expected.lines);
    keys.putAll(actual.lines);
    for (String key : keys.keySet()) {
      String e = expected.lines.get(key);
      String a = actual.lines.get(key);
      if (e == null || !e.equals(a)) {
        found.add(
            key
                + "\n    oracle: "
                + (e == null ? "-" : e)
                + "\n    traced: "
                + (a == null ? "-" : a));
      }
    }
    return found;
  }

  @Override
  public String toString() {
    StringBuilder text = new StringBuilder();
    lines.forEach((key, value) -> text.append(key).append('\t').append(value).append('\n'));
    return text.toString();
  }
}
