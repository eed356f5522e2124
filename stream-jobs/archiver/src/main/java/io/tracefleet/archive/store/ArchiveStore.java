// SPDX-License-Identifier: Apache-2.0
package io.tracefleet.archive.store;

import java.nio.file.Path;
import java.util.List;
import java.util.Optional;

/**
 * Where the files of an archive are: names with slashes, contents that appear whole or not at all.
 *
 * <p>Used by one thread.
 */
public interface ArchiveStore extends AutoCloseable {
  /** What the user calls this archive. */
  String location();

  /**
   * Names of all files below a prefix, sorted; files that are still being written are not among
   * them.
   *
   * @param prefix ends with a slash, or is empty
   */
  List<String> list(String prefix) throws ArchiveException;

  /** A local file with the contents of this one: itself, or a copy in a bounded cache. */
  Path local(String name) throws ArchiveException;

  /** Bytes of a small file, nothing if there is none. */
  Optional<byte[]> read(String name) throws ArchiveException;

  /**
   * Puts a file there, in place of one that has the name. The local file is gone afterwards.
   *
   * @param file in {@link #work}
   */
  void put(String name, Path file) throws ArchiveException;

  /**
   * Puts a file there unless there is one of this name. The local file is gone afterwards.
   *
   * @param file in {@link #work}
   * @return false if there was one, which stays
   */
  boolean putNew(String name, Path file) throws ArchiveException;

  /** Deletes files; those that are not there are no error. */
  void delete(List<String> names) throws ArchiveException;

  /** A directory for files that are being made. */
  Path work() throws ArchiveException;

  /**
   * Keeps others from writing under a prefix as far as the store can; released by {@link #close}.
   */
  void lock(String prefix) throws ArchiveException;

  @Override
  void close();
}
