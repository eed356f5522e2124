// SPDX-License-Identifier: Apache-2.0
package io.tracefleet.node.symbols;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.OutputStream;
import java.lang.ProcessBuilder.Redirect;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;

/**
 * A program that answers each line with a line. What all its answers together may take is bounded:
 * the files that it reads are the guest's.
 */
final class AskedTool implements AutoCloseable {
  private static final int LINE_MOST = 8192;

  private final Process process;
  private final OutputStream questions;
  private final BlockingQueue<Optional<String>> answers = new LinkedBlockingQueue<>();
  private final TimeBudget budget;

  private AskedTool(Process process, TimeBudget budget) {
    this.process = process;
    this.questions = process.getOutputStream();
    this.budget = budget;
  }

  /** The program's file, if it is on PATH. */
  static Optional<Path> find(String name) {
    String path = System.getenv("PATH");
    if (path == null) {
      return Optional.empty();
    }
    for (String directory : path.split(":")) {
      Path program = Path.of(directory.isEmpty() ? "." : directory, name);
      if (Files.isExecutable(program) && Files.isRegularFile(program)) {
        return Optional.of(program);
      }
    }
    return Optional.empty();
  }

  /**
   * @param budget for all answers together
   */
  static AskedTool start(List<String> command, TimeBudget budget) throws IOException {
    ProcessBuilder builder = new ProcessBuilder(command).redirectError(Redirect.DISCARD);
    // It must not ask servers on the net for debug information.
    builder.environment().remove("DEBUGINFOD_URLS");
    AskedTool tool = new AskedTool(builder.start(), budget);
    Thread reader =
        new Thread(tool::readAnswers, "tracefleet-" + Path.of(command.get(0)).getFileName());
    reader.setDaemon(true);
    reader.start();
    return tool;
  }

  private void readAnswers() {
    try (BufferedReader lines =
        new BufferedReader(
            new InputStreamReader(process.getInputStream(), StandardCharsets.UTF_8))) {
      StringBuilder line = new StringBuilder();
      for (int c; (c = lines.read()) >= 0; ) {
        if (c == '\n') {
          answers.add(Optional.of(line.toString()));
          line.setLength(0);
        } else if (line.length() < LINE_MOST) {
          line.append((char) c);
        }
      }
    } catch (IOException e) {
      // Its end, as below.
    }
    answers.add(Optional.empty());
  }

  /**
   * @param question without a line break
   * @throws IOException if it has ended, or took longer than its budget
   */
  String ask(String question) throws IOException {
    long begin = System.nanoTime();
    try {
      questions.write((question + "\n").getBytes(StandardCharsets.UTF_8));
      questions.flush();
      Optional<String> answer = answers.poll(budget.left(), TimeUnit.NANOSECONDS);
      if (answer == null) {
        throw new IOException("it took too long");
      }
      return answer.orElseThrow(() -> new IOException("it ended"));
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IOException("interrupted", e);
    } finally {
      budget.spend(System.nanoTime() - begin);
    }
  }

  @Override
  public void close() {
    process.destroyForcibly();
  }
}
