// SPDX-License-Identifier: Apache-2.0
package io.tracefleet.archive.write;

import io.tracefleet.archive.store.ArchiveException;
import io.tracefleet.archive.store.ArchiveStore;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;

/**
 * A store in whose work directory there is no room for files of one name: ENOSPC, by the system.
 */
final class FullDisk implements ArchiveStore {
  private static final Path FULL = Path.of("/dev/full");

  private final ArchiveStore store;
  private final String name;

  FullDisk(ArchiveStore store, String name) {
    this.store = store;
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

  @Override
  public String location() {
    return store.location();
  }

  @Override
  public List<String> list(String prefix) throws ArchiveException {
    return store.list(prefix);
  }

  @Override
  public Path local(String file) throws ArchiveException {
    return store.local(file);
  }

  @Override
  public Optional<byte[]> read(String file) throws ArchiveException {
    return store.read(file);
  }

  @Override
  public void put(String target, Path file) throws ArchiveException {
    store.put(target, file);
  }

  @Override
  public boolean putNew(String target, Path file) throws ArchiveException {
    return store.putNew(target, file);
  }

  @Override
  public void delete(List<String> names) throws ArchiveException {
    store.delete(names);
  }

  @Override
  public void lock(String prefix) throws ArchiveException {
    store.lock(prefix);
  }

  @Override
  public void close() {
    // The store is the test's.
  }
}
