// SPDX-License-Identifier: Apache-2.0
package io.tracefleet.archive.write;

import io.tracefleet.archive.store.ArchiveException;
import io.tracefleet.archive.store.ArchiveStore;
import java.nio.file.Path;
import java.util.List;

/** A store whose user is stopped at its n-th change, before or after it is made. */
final class StoppingStore extends ForwardingStore {
  /** In place of the process's death. */
  static final class Stopped extends Error {
    private static final long serialVersionUID = 1L;
  }

  private final boolean done;
  private int left;

  StoppingStore(ArchiveStore store, int change, boolean done) {
    super(store);
    this.left = change;
    this.done = done;
  }

  private boolean last() {
    left--;
    if (left == 0 && !done) {
      throw new Stopped();
    }
    return left == 0;
  }

  private static void stop(boolean now) {
    if (now) {
      throw new Stopped();
    }
  }

  @Override
  public void put(String name, Path file) throws ArchiveException {
    boolean last = last();
    store.put(name, file);
    stop(last);
  }

  @Override
  public boolean putNew(String name, Path file) throws ArchiveException {
    boolean last = last();
    boolean put = store.putNew(name, file);
    stop(last);
    return put;
  }

  @Override
  public void delete(List<String> names) throws ArchiveException {
    for (String name : names) {
      boolean last = last();
      store.delete(List.of(name));
      stop(last);
    }
  }
}
