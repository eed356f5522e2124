// SPDX-License-Identifier: Apache-2.0
package io.tracefleet.cli.bench;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.zip.GZIPOutputStream;

/** Adds files to an initramfs: Linux unpacks archives that follow each other. Stateless. */
final class Initramfs {
  private static final int EXECUTABLE = 0100755;

  private Initramfs() {}

  /**
   * Writes an initramfs that holds what another one holds, and two executable files.
   *
   * @param base the other one, compressed with gzip
   * @param to the new one
   */
  static void extend(
      Path base, Path to, String firstName, byte[] first, String secondName, byte[] second)
      throws IOException {
    ByteArrayOutputStream archive = new ByteArrayOutputStream();
    entry(archive, 1, EXECUTABLE, firstName, first);
    entry(archive, 2, EXECUTABLE, secondName, second);
    entry(archive, 0, 0, "TRAILER!!!", new byte[0]);
    try (OutputStream out = Files.newOutputStream(to)) {
      Files.copy(base, out);
      try (GZIPOutputStream compressed = new GZIPOutputStream(out)) {
        archive.writeTo(compressed);
      }
    }
  }

  /** One file in cpio's "newc" format. */
  private static void entry(
      ByteArrayOutputStream archive, int inode, int mode, String name, byte[] content)
      throws IOException {
    byte[] nameBytes = (name + "\0").getBytes(StandardCharsets.US_ASCII);
    StringBuilder header = new StringBuilder("070701");
    int[] fields = {inode, mode, 0, 0, 1, 0, content.length, 0, 0, 0, 0, nameBytes.length, 0};
    for (int field : fields) {
      header.append(Show.format("%08x", field));
    }
    archive.write(header.toString().getBytes(StandardCharsets.US_ASCII));
    archive.write(nameBytes);
    pad(archive);
    archive.write(content);
    pad(archive);
  }

  private static void pad(ByteArrayOutputStream archive) {
    while (archive.size() % 4 != 0) {
      archive.write(0);
    }
  }
}
