// SPDX-License-Identifier: Apache-2.0
package io.tracefleet.archive.write;

import io.tracefleet.archive.store.ArchiveException;
import io.tracefleet.archive.store.ArchiveException.Kind;
import io.tracefleet.archive.store.ArchiveStore;
import java.util.List;
import java.util.Locale;

/** What to say when an archive cannot be written: that its disk is full, if it is. Stateless. */
final class Room {
  private static final List<String> FULL =
      List.of("no space left on device", "disk quota exceeded");

  private Room() {}

  /** One line for the user. */
  static ArchiveException failed(ArchiveStore store, Exception e) {
    String reason = String.valueOf(e.getMessage()).lines().findFirst().orElse("");
    String lower = reason.toLowerCase(Locale.ROOT);
    String message =
        FULL.stream().anyMatch(lower::contains)
            ? "The archive %s cannot be written, no room is left there or in the temporary directory (%s): make room and start the archiver again, it goes on where it was."
            : "The archive %s cannot be written: %s";
    return new ArchiveException(Kind.STORE, message.formatted(store.location(), reason), e);
  }
}
