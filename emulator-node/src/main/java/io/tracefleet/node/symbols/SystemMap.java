// SPDX-License-Identifier: Apache-2.0
package io.tracefleet.node.symbols;

import java.io.BufferedReader;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/** Reads a kernel's System.map, which is also the form of nm's output and of /proc/kallsyms. */
final class SystemMap {
  private static final long SIZE_MOST = 64L << 20;

  private record Line(long address, int name, int binding) {}

  private SystemMap() {}

  /**
   * @throws IOException if it cannot be read or has no functions; the message does not name the
   *     file
   */
  static SymbolTable read(Path path) throws IOException {
    if (Files.size(path) > SIZE_MOST) {
      throw new IOException("it is larger than 64 MiB");
    }
    List<Line> functions = new ArrayList<>();
    ByteArrayOutputStream names = new ByteArrayOutputStream();
    names.write(0);
    long[] borders = new long[1024];
    int count = 0;
    int number = 0;
    try (BufferedReader lines = Files.newBufferedReader(path, StandardCharsets.ISO_8859_1)) {
      for (String line; (line = lines.readLine()) != null; ) {
        number++;
        String[] words = line.split("[ \t]+", 4);
        if (words.length == 4 && words[3].startsWith("[")) {
          continue; // of a module, which has an address of its own each time
        }
        if (words.length < 3 || words[1].length() != 1) {
          throw new IOException("line " + number + " is not \"address type name\"");
        }
        long address;
        try {
          address = Long.parseUnsignedLong(words[0], 16);
        } catch (NumberFormatException e) {
          throw new IOException("line " + number + " does not begin with an address", e);
        }
        if (count == borders.length) {
          borders = Arrays.copyOf(borders, 2 * count);
        }
        borders[count++] = address ^ Long.MIN_VALUE;
        char type = words[1].charAt(0);
        if ("tTwW".indexOf(type) >= 0) {
          int binding = type == 'T' ? 1 : type == 't' ? 0 : 2;
          functions.add(new Line(address, names.size(), binding));
          names.write(words[2].getBytes(StandardCharsets.ISO_8859_1));
          names.write(0);
        }
      }
    }
    if (functions.isEmpty()) {
      throw new IOException("it has no functions; Debian's is in linux-image-…-dbg");
    }
    if (functions.stream().allMatch(line -> line.address() == 0)) {
      throw new IOException("all its addresses are 0; take it as root with kptr_restrict=0");
    }
    return table(functions, Arrays.copyOf(borders, count), names.toByteArray());
  }

  private static SymbolTable table(List<Line> functions, long[] borders, byte[] names) {
    Arrays.sort(borders);
    SymbolTable.Builder table = new SymbolTable.Builder().text(names);
    for (Line line : functions) {
      int next = Arrays.binarySearch(borders, line.address() ^ Long.MIN_VALUE);
      while (next < borders.length && borders[next] == (line.address() ^ Long.MIN_VALUE)) {
        next++;
      }
      long limit = next < borders.length ? borders[next] ^ Long.MIN_VALUE : line.address();
      table.add(line.address(), 0, limit, line.name(), false, line.binding());
    }
    return table.build();
  }
}
