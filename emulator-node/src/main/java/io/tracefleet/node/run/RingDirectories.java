// SPDX-License-Identifier: Apache-2.0
package io.tracefleet.node.run;

import io.tracefleet.node.config.ExitCode;
import io.tracefleet.node.config.NodeException;
import io.tracefleet.node.config.RingSettings;
import io.tracefleet.node.qemu.ProcessIdentity;
import java.io.IOException;
import java.nio.file.DirectoryStream;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.attribute.FileAttribute;
import java.nio.file.attribute.PosixFilePermission;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The directories of the guests of this machine's nodes: {@code NODE-PID-START-NUMBER} below the
 * ring directory. Safe for several threads.
 */
final class RingDirectories {
  private static final Logger log = LoggerFactory.getLogger(RingDirectories.class);

  /** What the plugin needs for each buffer of a ring, bytes. */
  private static final long BUFFER_BYTES = 224L * 4096;

  /** What a ring needs beside its buffers, generously. */
  private static final long RING_BYTES = 4L << 20;

  private static final Pattern NAME = Pattern.compile("(.+)-(\\d{1,10})-(\\d{1,19})-(\\d{1,9})");
  private static final Set<PosixFilePermission> PRIVATE =
      PosixFilePermissions.fromString("rwx------");
  private static final FileAttribute<Set<PosixFilePermission>> PRIVATELY =
      PosixFilePermissions.asFileAttribute(PRIVATE);

  private final RingSettings settings;
  private final String node;
  private final AtomicInteger number = new AtomicInteger();

  RingDirectories(RingSettings settings, String node) {
    this.settings = settings;
    this.node = node;
  }

  /** Makes the ring directory, or checks that it is nobody else's. */
  void prepare() throws NodeException {
    Path base = settings.directory();
    try {
      try {
        Files.createDirectory(base, PRIVATELY);
      } catch (FileAlreadyExistsException e) {
        if (!Files.isDirectory(base)) {
          throw bad("is not a directory", e);
        }
      }
      Object owner = Files.getAttribute(base, "unix:uid");
      Object self = Files.getAttribute(Path.of("/proc/self"), "unix:uid");
      if (!owner.equals(self)) {
        throw bad("belongs to user " + owner + ", not to " + self, null);
      }
      if (!Files.isWritable(base)) {
        throw bad("is not writable", null);
      }
    } catch (NoSuchFileException e) {
      throw bad("cannot be made, " + base.getParent() + " does not exist", e);
    } catch (IOException e) {
      throw bad("cannot be made: " + e, e);
    }
  }

  /** Makes a directory for one guest. */
  Path create() throws NodeException {
    Path base = settings.directory();
    ProcessIdentity self = ProcessIdentity.self();
    try {
      long needed = settings.buffers() * BUFFER_BYTES + RING_BYTES;
      long free =
          base.toFile().getUsableSpace(); // needs no table of mounts, so it works in a chroot
      if (free < needed) {
        throw bad(
            "has "
                + (free >> 20)
                + " MiB free, a ring of "
                + settings.buffers()
                + " buffers needs "
                + (needed >> 20)
                + "; free some, use fewer buffers, or give another directory",
            null);
      }
      return Files.createDirectory(
          base.resolve(
              node + "-" + self.pid() + "-" + self.start() + "-" + number.incrementAndGet()),
          PRIVATELY);
    } catch (IOException e) {
      throw bad("cannot be written: " + e, e);
    }
  }

  private NodeException bad(String what, Exception cause) {
    return new NodeException(
        ExitCode.RING_DIR, "ring directory " + settings.directory() + " " + what, cause);
  }

  /** Directories of nodes that are dead. */
  List<Path> orphans(Processes processes) throws NodeException {
    List<Path> orphans = new ArrayList<>();
    try (DirectoryStream<Path> directories = Files.newDirectoryStream(settings.directory())) {
      for (Path directory : directories) {
        Matcher name = NAME.matcher(directory.getFileName().toString());
        if (name.matches()
            && !processes.isAlive(
                new ProcessIdentity(
                    Long.parseLong(name.group(2)), Long.parseLong(name.group(3))))) {
          orphans.add(directory);
        }
      }
    } catch (IOException e) {
      throw bad("cannot be read: " + e, e);
    }
    return orphans;
  }

  /** Removes a guest's directory; what is left behind is not worth an error. */
  static void remove(Path directory) {
    try (DirectoryStream<Path> files = Files.newDirectoryStream(directory)) {
      for (Path file : files) {
        Files.deleteIfExists(file);
      }
      Files.deleteIfExists(directory);
    } catch (IOException e) {
      log.warn("ringDir={} failure={}", directory, e.toString());
    }
  }
}
