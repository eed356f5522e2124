// SPDX-License-Identifier: Apache-2.0
package io.tracefleet.node.qemu;

import io.tracefleet.node.config.ExitCode;
import io.tracefleet.node.config.NodeException;
import java.io.ByteArrayOutputStream;
import java.io.File;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.FutureTask;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;

/**
 * Finds out what an executable is and whether it can load the plugin, before anything is started
 * for real.
 */
public final class QemuInspector {
  private static final int OUTPUT_MOST = 1 << 20;

  private final String searchPath;
  private final Duration timeout;

  /** Searches this process's PATH; a QEMU has 20 s to say its version. */
  public QemuInspector() {
    this(
        System.getenv().getOrDefault("PATH", "/usr/local/bin:/usr/bin:/bin"),
        Duration.ofSeconds(20));
  }

  QemuInspector(String searchPath, Duration timeout) {
    this.searchPath = searchPath;
    this.timeout = timeout;
  }

  /** What {@code argv0} is. The exception says why it cannot be traced. */
  public QemuInfo inspect(String argv0) throws NodeException {
    Path executable = resolve(argv0);
    String output = run(executable, "--version");
    QemuVersion version =
        QemuVersion.parse(output)
            .orElseThrow(
                () ->
                    unusable(
                        executable
                            + " is not a QEMU: it answers --version with \""
                            + output
                                .lines()
                                .findFirst()
                                .map(line -> line.substring(0, Math.min(80, line.length())))
                                .orElse("")
                            + "\""));
    PluginApi api = PluginApi.of(version.major(), version.minor());
    if (api == null) {
      throw unusable(
          "QEMU "
              + version.text()
              + " ("
              + executable
              + ") is out of range: the plugin knows "
              + PluginApi.OLDEST
              + " and later, before "
              + PluginApi.END);
    }
    if (!run(executable, "--help")
        .lines()
        .anyMatch(line -> line.stripLeading().startsWith("-plugin "))) {
      throw unusable(
          !version.systemEmulation() && ElfFile.isStatic(executable)
              ? executable
                  + " (QEMU "
                  + version.text()
                  + ") is a statically linked qemu-user, which cannot load plugins; use a dynamically linked one, such as Debian 12's qemu-user"
              : executable
                  + " (QEMU "
                  + version.text()
                  + ") was built without plugins; use one built with --enable-plugins");
    }
    return new QemuInfo(
        executable,
        version.text(),
        version.systemEmulation(),
        version.target(),
        api.min(),
        api.current(),
        api.claim());
  }

  private Path resolve(String argv0) throws NodeException {
    if (argv0.indexOf('/') >= 0) {
      Path path = Path.of(argv0).toAbsolutePath();
      if (!Files.exists(path)) {
        throw new NodeException(
            ExitCode.NOT_FOUND, argv0 + ": no such file; give the path of a QEMU");
      }
      if (Files.isDirectory(path) || !Files.isExecutable(path)) {
        throw new NodeException(
            ExitCode.NOT_EXECUTABLE, argv0 + ": not executable; give the path of a QEMU");
      }
      return path;
    }
    boolean found = false;
    for (String directory : searchPath.split(File.pathSeparator, -1)) {
      Path path = Path.of(directory.isEmpty() ? "." : directory, argv0).toAbsolutePath();
      if (Files.isRegularFile(path)) {
        if (Files.isExecutable(path)) {
          return path;
        }
        found = true;
      }
    }
    throw found
        ? new NodeException(ExitCode.NOT_EXECUTABLE, argv0 + ": found on PATH, but not executable")
        : new NodeException(
            ExitCode.NOT_FOUND,
            argv0
                + ": not found on PATH; install it (Debian: qemu-user or qemu-system-x86) or give its path");
  }

  private String run(Path executable, String argument) throws NodeException {
    Process process;
    try {
      process =
          new ProcessBuilder(executable.toString(), argument)
              .redirectErrorStream(true)
              .redirectInput(ProcessBuilder.Redirect.from(new File("/dev/null")))
              .start();
    } catch (IOException e) {
      throw new NodeException(
          ExitCode.NOT_EXECUTABLE, executable + ": cannot be executed: " + reason(e), e);
    }
    FutureTask<String> output = new FutureTask<>(() -> read(process.getInputStream()));
    Thread reader = new Thread(output, "qemu-inspector");
    reader.setDaemon(true);
    reader.start();
    try {
      return output.get(timeout.toMillis(), TimeUnit.MILLISECONDS);
    } catch (TimeoutException e) {
      throw unusable(executable + " is not a QEMU: it does not end after " + argument);
    } catch (ExecutionException e) {
      throw unusable(executable + " " + argument + ": its output cannot be read: " + e.getCause());
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new NodeException(
          ExitCode.INTERNAL, "interrupted while " + executable + " " + argument + " ran", e);
    } finally {
      process.destroyForcibly();
    }
  }

  private static String read(InputStream stream) throws IOException {
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    byte[] chunk = new byte[8192];
    for (int n; bytes.size() < OUTPUT_MOST && (n = stream.read(chunk)) >= 0; ) {
      bytes.write(chunk, 0, n);
    }
    return bytes.toString(StandardCharsets.UTF_8);
  }

  private static String reason(IOException e) {
    String message = String.valueOf(e.getMessage());
    int error = message.indexOf("error=");
    return error < 0 ? message : message.substring(error);
  }

  private static NodeException unusable(String line) {
    return new NodeException(ExitCode.QEMU_UNUSABLE, line);
  }
}
