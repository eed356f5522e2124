// SPDX-License-Identifier: Apache-2.0
package io.tracefleet.it;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;

/** A file system of its own that can be full, in memory; making one needs root. */
final class SmallDisk implements AutoCloseable {
  private static final int PAGE = 4096;

  private final Path path;
  private final Path filler;

  private SmallDisk(Path path) {
    this.path = path;
    this.filler = path.resolve("filler");
  }

  /**
   * Mounts it.
   *
   * @param path a directory that is made
   * @param mebibytes its size
   */
  static SmallDisk at(Path path, int mebibytes) throws IOException, InterruptedException {
    Files.createDirectory(path);
    assertThat(
            run("mount", "-t", "tmpfs", "-o", "size=" + mebibytes + "m", "tmpfs", path.toString()))
        .as("mount a tmpfs: this test needs root")
        .isZero();
    return new SmallDisk(path);
  }

  Path path() {
    return path;
  }

  /** Leaves no more room than this, to the page. */
  void fillUpTo(int mebibytes) throws IOException {
    long free = Files.getFileStore(path).getUsableSpace() - ((long) mebibytes << 20);
    byte[] page = new byte[PAGE];
    try (OutputStream out = Files.newOutputStream(filler)) {
      for (long written = 0; written < free; written += PAGE) {
        out.write(page);
      }
    }
  }

  void makeRoom() throws IOException {
    Files.delete(filler);
  }

  @Override
  public void close() throws IOException, InterruptedException {
    assertThat(run("umount", path.toString())).isZero();
  }

  private static int run(String... command) throws IOException, InterruptedException {
    return new ProcessBuilder(command).inheritIO().start().waitFor();
  }
}
