// SPDX-License-Identifier: Apache-2.0
package io.tracefleet.cli.cluster;

import com.fasterxml.jackson.core.JacksonException;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.json.JsonMapper;
import java.io.IOException;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.Map;
import java.util.Optional;

/**
 * The file in which a running cluster is written down: {@code
 * $XDG_RUNTIME_DIR/tracefleet/cluster.json}, or {@code ~/.local/state/tracefleet/cluster.json}
 * where there is no such directory.
 */
public final class ClusterStateFile {
  private static final String DIRECTORY = "tracefleet";
  private static final String FILE = "cluster.json";

  private final Path file;
  private final ObjectMapper mapper = JsonMapper.builder().build();

  /**
   * @param file where it is
   */
  public ClusterStateFile(Path file) {
    this.file = file;
  }

  /** The user's own, by the environment. */
  public static ClusterStateFile ofUser(Map<String, String> environment) {
    String runtime = environment.get("XDG_RUNTIME_DIR");
    if (runtime != null && !runtime.isBlank() && Files.isWritable(Path.of(runtime))) {
      return new ClusterStateFile(Path.of(runtime, DIRECTORY, FILE));
    }
    String state = environment.get("XDG_STATE_HOME");
    Path base =
        state == null || state.isBlank()
            ? Path.of(System.getProperty("user.home"), ".local", "state")
            : Path.of(state);
    return new ClusterStateFile(base.resolve(DIRECTORY).resolve(FILE));
  }

  /** Where it is. */
  public Path path() {
    return file;
  }

  /** The cluster written down, if its process is still there. */
  public Optional<ClusterState> read() throws ClusterException {
    try {
      ClusterState state = mapper.readValue(file.toFile(), ClusterState.class);
      return Optional.of(state).filter(ClusterState::alive);
    } catch (JacksonException e) {
      throw new ClusterException(
          "Cluster file " + file + " is damaged: delete it and start `tracefleet up` again.", e);
    } catch (IOException e) {
      if (!Files.exists(file)) {
        return Optional.empty();
      }
      throw new ClusterException("Cluster file " + file + " cannot be read: " + e, e);
    }
  }

  /**
   * Writes this cluster down.
   *
   * @throws ClusterException if another one that runs is written down, or the file cannot be
   *     written
   */
  public void write(ClusterState state) throws ClusterException {
    Optional<ClusterState> other = read().filter(found -> found.pid() != state.pid());
    if (other.isPresent()) {
      throw new ClusterException(
          "A cluster is already up at "
              + other.get().bootstrap()
              + " (process "
              + other.get().pid()
              + "); stop that one first.");
    }
    Path temporary = file.resolveSibling(FILE + "." + state.pid());
    try {
      Files.createDirectories(
          file.getParent(),
          PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rwx------")));
      mapper.writeValue(temporary.toFile(), state);
      Files.move(
          temporary, file, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
    } catch (IOException e) {
      throw new ClusterException(
          "Cluster file " + file + " cannot be written (" + reason(e) + "); set XDG_RUNTIME_DIR.",
          e);
    }
  }

  /** Deletes the file if it names this process's cluster. */
  public void remove(ClusterState state) throws ClusterException {
    if (read().filter(state::equals).isEmpty()) {
      return;
    }
    try {
      Files.deleteIfExists(file);
    } catch (IOException e) {
      throw new ClusterException("Cluster file " + file + " cannot be deleted: " + reason(e), e);
    }
  }

  private static String reason(IOException e) {
    if (e instanceof NoSuchFileException missing) {
      return "no such directory " + missing.getFile();
    }
    return e instanceof FileSystemException failure && failure.getReason() != null
        ? failure.getReason()
        : e.toString();
  }
}
