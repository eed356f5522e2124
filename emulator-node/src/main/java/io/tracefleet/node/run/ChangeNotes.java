// SPDX-License-Identifier: Apache-2.0
package io.tracefleet.node.run;

import io.tracefleet.node.config.TraceWish;
import java.io.IOException;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.List;
import java.util.Objects;
import java.util.Optional;

/**
 * What control has changed of one run: {@code RUN.changes} beside its ring, so that another node
 * knows when this one is dead. Written before the ring is told of a wish and again when that is in
 * force; whatever happens in between is in the ring itself. Stateless.
 *
 * @param version of the file's format
 * @param asStarted what was traced before the first change
 * @param leftOut how many changes came before those in {@code made}
 * @param made in order
 * @param number in the ring, of the newest change that this tells of
 * @param asked what was about to be asked for under that number; null: that change is the last made
 */
record ChangeNotes(
    int version,
    TraceWish asStarted,
    long leftOut,
    List<MadeChange> made,
    int number,
    TraceWish asked) {
  /** 1: the first. */
  static final int VERSION = 1;

  private static final String SUFFIX = ".changes";

  ChangeNotes {
    if (version != VERSION) {
      throw new IllegalArgumentException(
          "it has version " + version + ", this node reads " + VERSION);
    }
    Objects.requireNonNull(asStarted, "asStarted");
    made = List.copyOf(made);
  }

  /** Where the notes on a ring are. */
  static Path beside(Path ring) {
    return ring.resolveSibling(ring.getFileName().toString().replaceFirst("\\.ring$", "") + SUFFIX);
  }

  void write(Path file) throws IOException {
    StateFile.write(file, this);
  }

  /** Empty if nothing was noted. */
  static Optional<ChangeNotes> read(Path file) throws IOException {
    try {
      return Optional.of(StateFile.read(file, ChangeNotes.class));
    } catch (NoSuchFileException e) {
      return Optional.empty();
    }
  }
}
