// SPDX-License-Identifier: Apache-2.0
package io.tracefleet.node.qemu;

import io.tracefleet.node.config.ExitCode;
import io.tracefleet.node.config.GuestSpec;
import io.tracefleet.node.config.NodeException;
import java.io.File;
import java.io.IOException;
import java.nio.file.Path;
import java.util.OptionalInt;

/** QEMU, started: standard streams are this process's own unless the guest has files for them. */
public final class GuestProcess {
  private final Process process;
  private final ProcessIdentity identity;

  private GuestProcess(Process process) {
    this.process = process;
    this.identity =
        ProcessIdentity.of(process.pid()).orElse(new ProcessIdentity(process.pid(), -1));
  }

  /**
   * Starts {@code command}; {@code ended} runs once, on another thread, when the process has ended.
   */
  public static GuestProcess start(QemuCommand command, GuestSpec guest, Runnable ended)
      throws NodeException {
    ProcessBuilder builder =
        new ProcessBuilder(command.arguments())
            .redirectInput(
                guest.stdin() == null
                    ? ProcessBuilder.Redirect.INHERIT
                    : ProcessBuilder.Redirect.from(readable(guest.stdin())))
            .redirectOutput(to(guest.stdout()))
            .redirectError(to(guest.stderr()));
    if (guest.stderr() != null && guest.stderr().equals(guest.stdout())) {
      builder.redirectErrorStream(true);
    }
    builder.environment().putAll(command.environment());
    try {
      Process process = builder.start();
      process.onExit().thenRun(ended);
      return new GuestProcess(process);
    } catch (IOException e) {
      throw new NodeException(
          ExitCode.NOT_EXECUTABLE,
          "guest "
              + guest.name()
              + ": "
              + command.arguments().get(0)
              + " cannot be started: "
              + e.getMessage(),
          e);
    }
  }

  private static File readable(Path path) throws NodeException {
    File file = path.toFile();
    if (!file.canRead()) {
      throw new NodeException(ExitCode.CONFIG, "stdin: " + path + " cannot be read");
    }
    return file;
  }

  private static ProcessBuilder.Redirect to(Path path) {
    return path == null
        ? ProcessBuilder.Redirect.INHERIT
        : ProcessBuilder.Redirect.appendTo(path.toFile());
  }

  /** The process itself. */
  public ProcessIdentity identity() {
    return identity;
  }

  /** Its exit code, 128 + n if signal n ended it; empty while it runs. */
  public OptionalInt exitCode() {
    return process.isAlive() ? OptionalInt.empty() : OptionalInt.of(process.exitValue());
  }

  /** Sends a signal, see {@link Signals}. */
  public void signal(int number) {
    if (number == Signals.KILL) {
      process.destroyForcibly();
    } else {
      Signals.send(identity, number);
    }
  }
}
