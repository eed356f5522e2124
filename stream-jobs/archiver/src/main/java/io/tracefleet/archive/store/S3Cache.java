// SPDX-License-Identifier: Apache-2.0
package io.tracefleet.archive.store;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.attribute.FileTime;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.stream.Stream;

/**
 * Copies of a bucket's files, each beside a file with the tag that it had. Beyond its bound the
 * oldest that this process does not use are deleted. Used by one thread.
 */
final class S3Cache {
  private static final String TAG = ".etag";

  private final Path root;
  private final long limit;
  private final Set<Path> used = new HashSet<>();

  /**
   * @param limit bytes, at least what one query reads
   */
  S3Cache(Path root, long limit) {
    this.root = root;
    this.limit = limit;
  }

  Path path(String name) {
    Path path = root.resolve(name).normalize();
    if (!path.startsWith(root)) {
      throw new IllegalArgumentException("a file outside of the archive: " + name);
    }
    return path;
  }

  boolean has(String name, String etag) throws IOException {
    Path file = path(name);
    try {
      boolean same = Files.readString(tag(file)).equals(etag) && Files.exists(file);
      if (same) {
        used.add(file);
        Files.setLastModifiedTime(file, FileTime.fromMillis(System.currentTimeMillis()));
      }
      return same;
    } catch (NoSuchFileException e) {
      return false;
    }
  }

  Path temporary() throws IOException {
    return Files.createTempFile(Files.createDirectories(root), "fetch", ".tmp");
  }

  /**
   * Takes the file.
   *
   * @param etag null if the service did not say; the file is then fetched again when it is wanted
   */
  void add(String name, String etag, Path file) throws IOException {
    Path target = path(name);
    Files.createDirectories(target.getParent());
    Files.deleteIfExists(tag(target));
    Files.move(file, target, StandardCopyOption.REPLACE_EXISTING);
    if (etag != null) {
      Files.writeString(tag(target), etag);
    }
    used.add(target);
  }

  void remove(String name) throws IOException {
    Path file = path(name);
    Files.deleteIfExists(tag(file));
    Files.deleteIfExists(file);
    used.remove(file);
  }

  private static Path tag(Path file) {
    return file.resolveSibling(file.getFileName() + TAG);
  }

  /** Keeps the bound. */
  void trim() throws IOException {
    if (!Files.isDirectory(root)) {
      return;
    }
    List<Path> files;
    try (Stream<Path> all = Files.walk(root)) {
      files =
          new ArrayList<>(
              all.filter(Files::isRegularFile)
                  .filter(file -> !file.toString().endsWith(TAG))
                  .toList());
    }
    long bytes = 0;
    for (Path file : files) {
      bytes += Files.size(file);
    }
    files.removeAll(used);
    files.sort(Comparator.comparing(file -> file.toFile().lastModified()));
    for (Path file : files) {
      if (bytes <= limit) {
        return;
      }
      bytes -= Files.size(file);
      Files.deleteIfExists(tag(file));
      Files.deleteIfExists(file);
    }
  }

  void close() throws IOException {
    used.clear();
    trim();
  }
}
