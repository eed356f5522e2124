// SPDX-License-Identifier: Apache-2.0
package io.tracefleet.cli.cluster;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.channels.OverlappingFileLockException;
import java.nio.file.DirectoryStream;
import java.nio.file.FileVisitResult;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.SimpleFileVisitor;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.BasicFileAttributes;
import java.nio.file.attribute.PosixFilePermissions;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Where one embedded cluster keeps its data. Only the owner can read it. A lock that the kernel
 * drops when the process dies tells a directory in use from one that was left behind; leftovers are
 * deleted by the next temporary cluster.
 */
final class DataDirectory implements AutoCloseable {
  private static final Logger log = LoggerFactory.getLogger(DataDirectory.class);
  private static final String PREFIX = "tracefleet-cluster-";
  private static final String LOCK = "lock";

  private final Path path;
  private final boolean temporary;
  private final FileChannel lockChannel;

  private DataDirectory(Path path, boolean temporary, FileChannel lockChannel) {
    this.path = path;
    this.temporary = temporary;
    this.lockChannel = lockChannel;
  }

  /** A new private directory that {@link #close()} deletes. */
  static DataDirectory temporary(Path base) throws ClusterException {
    sweep(base);
    try {
      Path path =
          Files.createTempDirectory(
              base,
              ownPrefix(),
              PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rwx------")));
      return lock(path, true);
    } catch (IOException e) {
      throw new ClusterException(
          "No temporary directory can be made in "
              + base
              + " ("
              + e
              + "); set TMPDIR to a directory that can be written.",
          e);
    }
  }

  /**
   * Names this process: it must not touch a lock that it holds itself, because closing any channel
   * to a file drops all of the process's locks on it.
   */
  private static String ownPrefix() {
    return PREFIX + ProcessHandle.current().pid() + "-";
  }

  /** The given directory, made if it is missing, kept by {@link #close()}. */
  static DataDirectory kept(Path path) throws ClusterException {
    try {
      if (!Files.isDirectory(path)) {
        Files.createDirectories(path);
        Files.setPosixFilePermissions(path, PosixFilePermissions.fromString("rwx------"));
      }
      return lock(path, false);
    } catch (IOException | UnsupportedOperationException e) {
      throw new ClusterException(
          "Data directory " + path + " cannot be used (" + e + "); choose another with --data.", e);
    }
  }

  /** Where temporary clusters are put: TMPDIR, or /var/tmp because traces are large. */
  static Path defaultBase(String tmpdir) {
    if (tmpdir != null && !tmpdir.isBlank()) {
      return Path.of(tmpdir);
    }
    Path varTmp = Path.of("/var/tmp");
    return Files.isWritable(varTmp) ? varTmp : Path.of(System.getProperty("java.io.tmpdir"));
  }

  Path path() {
    return path;
  }

  @Override
  public void close() {
    if (temporary) {
      deleteTree(path);
    }
    try {
      lockChannel.close();
    } catch (IOException e) {
      log.debug("lock of {} not closed", path, e);
    }
  }

  private static DataDirectory lock(Path path, boolean temporary)
      throws IOException, ClusterException {
    FileChannel channel = openLock(path);
    if (tryLock(channel) == null) {
      channel.close();
      throw new ClusterException(
          "Data directory "
              + path
              + " is in use by another tracefleet process; stop that one or choose another with --data.");
    }
    return new DataDirectory(path, temporary, channel);
  }

  private static FileChannel openLock(Path path) throws IOException {
    return FileChannel.open(
        path.resolve(LOCK), StandardOpenOption.CREATE, StandardOpenOption.WRITE);
  }

  private static FileLock tryLock(FileChannel channel) throws IOException {
    try {
      return channel.tryLock();
    } catch (OverlappingFileLockException e) {
      return null; // held by this JVM
    }
  }

  /** Deletes what killed processes of this user left behind. */
  private static void sweep(Path base) {
    try (DirectoryStream<Path> leftovers = Files.newDirectoryStream(base, PREFIX + "*")) {
      for (Path leftover : leftovers) {
        sweepOne(leftover);
      }
    } catch (IOException | UncheckedIOException e) {
      log.debug("no leftovers looked for in {}", base, e);
    }
  }

  private static void sweepOne(Path leftover) {
    // Without a lock file it is just being made by another process.
    if (leftover.getFileName().toString().startsWith(ownPrefix())
        || !Files.isDirectory(leftover, LinkOption.NOFOLLOW_LINKS)
        || !Files.isWritable(leftover)
        || !Files.isRegularFile(leftover.resolve(LOCK), LinkOption.NOFOLLOW_LINKS)) {
      return;
    }
    try (FileChannel channel = FileChannel.open(leftover.resolve(LOCK), StandardOpenOption.WRITE);
        FileLock lock = tryLock(channel)) {
      if (lock != null) {
        deleteTree(leftover);
      }
    } catch (IOException e) {
      log.debug("leftover {} not deleted", leftover, e);
    }
  }

  /** Deletes as much as can be deleted; files that vanish meanwhile are fine. */
  static void deleteTree(Path root) {
    try {
      Files.walkFileTree(
          root,
          new SimpleFileVisitor<>() {
            @Override
            public FileVisitResult visitFile(Path file, BasicFileAttributes attributes)
                throws IOException {
              Files.deleteIfExists(file);
              return FileVisitResult.CONTINUE;
            }

            @Override
            public FileVisitResult visitFileFailed(Path file, IOException failure)
                throws IOException {
              if (failure instanceof NoSuchFileException) {
                return FileVisitResult.CONTINUE;
              }
              throw failure;
            }

            @Override
            public FileVisitResult postVisitDirectory(Path directory, IOException failure)
                throws IOException {
              Files.deleteIfExists(directory);
              return FileVisitResult.CONTINUE;
            }
          });
    } catch (IOException e) {
      log.warn("{} could not be deleted completely: {}", root, e.toString());
    }
  }
}
