// SPDX-License-Identifier: Apache-2.0
package io.tracefleet.archive.write;

import io.tracefleet.archive.store.ArchiveException;
import io.tracefleet.archive.store.ArchiveStore;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;

/**
 * A store in whose work directory there is no room for files of one name: ENOSPC, by the system.
 */
final class FullDisk extends ForwardingStore {
  private static final Path FULL = Path.of("/dev/full");

  private final String name;

  FullDisk(ArchiveStore store, String name) {
    super(store);
    this.name = name;
  }

  @Override
  public Path work() throws ArchiveException {
    Path work = store.work();
    try {
      for (String file : List.of(name, "tmp_" + name)) { // DuckDB's before it renames
        if (!Files.isSymbolicLink(work.resolve(file))) {
          Files.createSymbolicLink(work.resolve(file), FULL);
        }
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    return work;
  }
}
