// SPDX-License-Identifier: Apache-2.0
package io.tracefleet.archive.store;

import io.tracefleet.archive.store.ArchiveException.Kind;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.channels.OverlappingFileLockException;
import java.nio.file.DirectoryNotEmptyException;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;

/**
 * An archive in a directory. Files are made in {@code _open/tmp} and renamed, and both the file and
 * its directory are forced to the disk.
 */
final class LocalStore implements ArchiveStore {
  private static final String TEMPORARY = "_open/tmp";

  private final Path root;
  private final boolean writable;
  private final List<FileChannel> locks = new ArrayList<>();
  private Path work;

  LocalStore(Path root, boolean writable) throws ArchiveException {
    this.root = root.toAbsolutePath().normalize();
    this.writable = writable;
    if (Files.exists(this.root) && !Files.isDirectory(this.root)) {
      throw new ArchiveException(
          Kind.USAGE, "Archive " + root + " is not a directory: give another place.");
    }
    if (!writable && !Files.isDirectory(this.root)) {
      throw new ArchiveException(
          Kind.NOT_THERE, "There is no archive " + root + ": make one with `tracefleet archive`.");
    }
  }

  @Override
  public String location() {
    return root.toString();
  }

  @Override
  public List<String> list(String prefix) throws ArchiveException {
    Path directory = root.resolve(prefix);
    if (!Files.isDirectory(directory)) {
      return List.of();
    }
    try (Stream<Path> files = Files.walk(directory)) {
      return files
          .filter(Files::isRegularFile)
          .map(file -> root.relativize(file).toString())
          .filter(name -> !name.startsWith(TEMPORARY))
          .sorted()
          .toList();
    } catch (IOException | UncheckedIOException e) {
      throw failed("cannot be listed", e);
    }
  }

  @Override
  public Path local(String name) {
    return root.resolve(name);
  }

  @Override
  public Optional<byte[]> read(String name) throws ArchiveException {
    try {
      return Optional.of(Files.readAllBytes(root.resolve(name)));
    } catch (NoSuchFileException e) {
      return Optional.empty();
    } catch (IOException e) {
      throw failed("file " + name + " cannot be read", e);
    }
  }

  @Override
  public void put(String name, Path file) throws ArchiveException {
    Path target = root.resolve(name);
    try {
      force(file);
      Files.createDirectories(target.getParent());
      Files.move(file, target, StandardCopyOption.ATOMIC_MOVE);
      force(target.getParent());
    } catch (IOException e) {
      throw failed("file " + name + " cannot be written", e);
    }
  }

  @Override
  public boolean putNew(String name, Path file) throws ArchiveException {
    Path target = root.resolve(name);
    try {
      force(file);
      Files.createDirectories(target.getParent());
      try {
        Files.createLink(target, file); // fails if the name is taken, and shows the whole file
      } catch (UnsupportedOperationException e) {
        if (Files.exists(target)) {
          return false;
        }
        Files.move(file, target, StandardCopyOption.ATOMIC_MOVE); // the lock keeps others away
      } catch (FileAlreadyExistsException e) {
        return false;
      }
      force(target.getParent());
      return true;
    } catch (IOException e) {
      throw failed("file " + name + " cannot be written", e);
    } finally {
      deleteQuietly(file);
    }
  }

  @Override
  public void delete(List<String> names) throws ArchiveException {
    try {
      for (String name : names) {
        Path file = root.resolve(name);
        Files.deleteIfExists(file);
        // Directories of runs that are no more open; the first one that is not empty ends it.
        Path directory = file.getParent();
        while (!directory.equals(root) && isEmpty(directory)) {
          try {
            Files.deleteIfExists(directory);
          } catch (DirectoryNotEmptyException e) {
            break; // another archiver's
          }
          directory = directory.getParent();
        }
      }
    } catch (IOException e) {
      throw failed("files cannot be deleted", e);
    }
  }

  private static boolean isEmpty(Path directory) throws IOException {
    if (!Files.isDirectory(directory)) {
      return false;
    }
    try (Stream<Path> files = Files.list(directory)) {
      return files.findAny().isEmpty();
    }
  }

  @Override
  public Path work() throws ArchiveException {
    if (work == null) {
      if (!writable) {
        throw new IllegalStateException("the archive was opened for reading");
      }
      try {
        Path temporary = Files.createDirectories(root.resolve(TEMPORARY));
        work = Files.createTempDirectory(temporary, "w");
      } catch (IOException e) {
        throw failed("cannot be written", e);
      }
    }
    return work;
  }

  @Override
  public void lock(String prefix) throws ArchiveException {
    try {
      Path file = Files.createDirectories(root.resolve(prefix)).resolve("lock");
      FileChannel channel =
          FileChannel.open(file, StandardOpenOption.CREATE, StandardOpenOption.WRITE);
      locks.add(channel);
      FileLock lock;
      try {
        lock = channel.tryLock();
      } catch (OverlappingFileLockException e) {
        lock = null;
      }
      if (lock == null) {
        throw new ArchiveException(
            Kind.STORE,
            "Another archiver of this cluster writes to " + root + ": one is enough, stop it.");
      }
      deleteLeftovers();
    } catch (IOException e) {
      throw failed("cannot be locked", e);
    }
  }

  /** What a killed archiver was making; work directories of living ones are younger. */
  private void deleteLeftovers() throws IOException {
    Path temporary = root.resolve(TEMPORARY);
    if (!Files.isDirectory(temporary)) {
      return;
    }
    long old = System.currentTimeMillis() - 24L * 3600 * 1000;
    try (Stream<Path> directories = Files.list(temporary)) {
      for (Path directory : directories.toList()) {
        if (Files.getLastModifiedTime(directory).toMillis() < old) {
          deleteTree(directory);
        }
      }
    }
  }

  static void deleteTree(Path directory) throws IOException {
    List<Path> found;
    try (Stream<Path> all = Files.walk(directory)) {
      found = new ArrayList<>(all.toList());
    } catch (NoSuchFileException e) {
      return;
    }
    for (int i = found.size() - 1; i >= 0; i--) {
      Files.deleteIfExists(found.get(i));
    }
  }

  @Override
  public void close() {
    try {
      if (work != null) {
        deleteTree(work);
      }
    } catch (IOException e) {
      // The next archiver deletes it.
    }
    for (FileChannel lock : locks) {
      try {
        lock.close();
      } catch (IOException e) {
        // The end of the process releases it.
      }
    }
    locks.clear();
  }

  private static void force(Path path) throws IOException {
    try (FileChannel channel = FileChannel.open(path, StandardOpenOption.READ)) {
      channel.force(true);
    }
  }

  private static void deleteQuietly(Path file) {
    try {
      Files.deleteIfExists(file);
    } catch (IOException e) {
      // Only a temporary file.
    }
  }

  private ArchiveException failed(String what, Exception e) {
    return new ArchiveException(
        Kind.STORE,
        "Archive " + root + " " + what + ": " + e + "; check that the place is there and has room.",
        e);
  }
}
