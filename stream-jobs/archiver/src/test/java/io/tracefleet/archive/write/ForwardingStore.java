// SPDX-License-Identifier: Apache-2.0
package io.tracefleet.archive.write;

import io.tracefleet.archive.store.ArchiveException;
import io.tracefleet.archive.store.ArchiveStore;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;

/**
 * A store that asks another one, which is its user's to close; tests change some of its answers.
 */
class ForwardingStore implements ArchiveStore {
  final ArchiveStore store;

  ForwardingStore(ArchiveStore store) {
    this.store = store;
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
  public Path local(String name) throws ArchiveException {
    return store.local(name);
  }

  @Override
  public Optional<byte[]> read(String name) throws ArchiveException {
    return store.read(name);
  }

  @Override
  public Path work() throws ArchiveException {
    return store.work();
  }

  @Override
  public void put(String name, Path file) throws ArchiveException {
    store.put(name, file);
  }

  @Override
  public boolean putNew(String name, Path file) throws ArchiveException {
    return store.putNew(name, file);
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
