// SPDX-License-Identifier: Apache-2.0
package io.tracefleet.archive.store;

import io.tracefleet.archive.store.ArchiveException.Kind;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;

/**
 * What a user gives as archive: a directory.
 *
 * @param directory of a local archive
 */
public record StoreLocation(Path directory) {

  /**
   * @param text a directory
   * @param endpoint URL of an S3-compatible service, or null
   */
  public static StoreLocation parse(String text, String endpoint) throws ArchiveException {
    try {
      return new StoreLocation(Path.of(text));
    } catch (InvalidPathException e) {
      throw new ArchiveException(
          Kind.USAGE, "Archive \"" + text + "\" is no directory: " + e.getReason() + ".", e);
    }
  }

  /** Opens it to write; it need not be there. */
  public ArchiveStore openToWrite() throws ArchiveException {
    return new LocalStore(directory, true);
  }

  /** Opens it to read. */
  public ArchiveStore openToRead() throws ArchiveException {
    return new LocalStore(directory, false);
  }
}
