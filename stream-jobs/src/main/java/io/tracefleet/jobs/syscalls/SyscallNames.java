// SPDX-License-Identifier: Apache-2.0
package io.tracefleet.jobs.syscalls;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.HashMap;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;

/** Names of Linux system calls by QEMU's target name. Safe for use by several threads. */
public final class SyscallNames {
  /** Targets that have a table. */
  static final Set<String> TARGETS = Set.of("x86_64", "i386", "aarch64", "arm", "riscv64");

  /** QEMU's target names that use another target's table. */
  private static final Map<String, String> SAME_AS =
      Map.of("aarch64_be", "aarch64", "armeb", "arm");

  private final Map<String, Map<Long, String>> tables = new ConcurrentHashMap<>();

  /** The name, or {@code sys_NUMBER} where the target or the number is not known. */
  public String name(String target, long number) {
    String table = SAME_AS.getOrDefault(target, target);
    // A target comes from outside: nothing is looked for or remembered that is not known here.
    String name =
        TARGETS.contains(table)
            ? tables.computeIfAbsent(table, SyscallNames::load).get(number)
            : null;
    return name != null ? name : "sys_" + number;
  }

  private static Map<Long, String> load(String table) {
    try (InputStream file = SyscallNames.class.getResourceAsStream(table + ".txt")) {
      if (file == null) {
        throw new IllegalStateException(
            "system call names of " + table + " are missing from the jar");
      }
      return parse(file, table);
    } catch (IOException e) {
      throw new UncheckedIOException("system call names of " + table + " cannot be read", e);
    }
  }

  private static Map<Long, String> parse(InputStream file, String table) throws IOException {
    Map<Long, String> names = new HashMap<>();
    BufferedReader lines =
        new BufferedReader(new InputStreamReader(file, StandardCharsets.US_ASCII));
    for (String line = lines.readLine(); line != null; line = lines.readLine()) {
      if (line.isEmpty() || line.startsWith("#")) {
        continue;
      }
      int space = line.indexOf(' ');
      String before = names.put(Long.valueOf(line.substring(0, space)), line.substring(space + 1));
      if (before != null) {
        throw new IllegalStateException(
            "system call names of " + table + " have a number twice: " + line);
      }
    }
    return Map.copyOf(names);
  }
}
