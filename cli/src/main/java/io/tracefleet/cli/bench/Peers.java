// SPDX-License-Identifier: Apache-2.0
package io.tracefleet.cli.bench;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/**
 * What else records what a guest does: QEMU's own plugins, valgrind, DynamoRIO.
 *
 * @param plugins directory with QEMU's own plugins, null if there is none
 * @param searchPath directories where tools may be
 */
record Peers(Path plugins, List<Path> searchPath) {
  private static final String EXECLOG = "execlog";

  /** What there is for a guest. */
  List<BenchCase> cases(BenchGuest.Variant variant) {
    List<BenchCase> found = new ArrayList<>();
    switch (variant) {
      case MAIN -> plugin(found, "hotblocks", "counts blocks", false);
      case SYSTEM -> plugin(found, "hwprofile", "counts accesses to devices", false);
      case SMALL -> {
        plugin(found, EXECLOG, "a line of text per instruction", true);
        tool(
            found,
            "valgrind",
            "lackey",
            "valgrind lackey: a line of text per access",
            List.of("--tool=lackey", "--trace-mem=yes", "--log-file={out}/log"));
        tool(
            found,
            "drrun",
            "drmemtrace",
            "DynamoRIO drmemtrace: a binary record per access",
            List.of("-t", "drcachesim", "-offline", "-outdir", "{out}", "--"));
      }
      case USER -> {}
    }
    return found;
  }

  private void plugin(List<BenchCase> found, String name, String what, boolean logged) {
    if (plugins != null && Files.isReadable(plugins.resolve("lib" + name + ".so"))) {
      found.add(
          new BenchCase(
              name,
              "QEMU's " + name + ": " + what,
              new Method.StockPlugin(plugins.resolve("lib" + name + ".so"), logged)));
    }
  }

  private void tool(
      List<BenchCase> found, String program, String id, String title, List<String> arguments) {
    for (Path directory : searchPath) {
      Path file = directory.resolve(program);
      if (Files.isRegularFile(file) && Files.isExecutable(file)) {
        List<String> prefix = new ArrayList<>(arguments);
        prefix.add(0, file.toString());
        found.add(new BenchCase(id, title, new Method.Tool(prefix)));
        return;
      }
    }
  }
}
