// SPDX-License-Identifier: Apache-2.0
package io.tracefleet.cli.commands;

import io.tracefleet.archive.store.ArchiveException;
import io.tracefleet.archive.store.ArchiveStore;
import io.tracefleet.archive.store.StoreLocation;
import io.tracefleet.cli.console.CommandException;
import io.tracefleet.cli.console.Exit;
import picocli.CommandLine.Option;

/** Which archive to use. */
final class ArchiveOption {
  @Option(
      names = "--archive",
      paramLabel = "DIR|s3://BUCKET/PREFIX",
      description = "Archive: a directory, or a place in an S3-compatible bucket.")
  private String archive;

  @Option(
      names = "--endpoint",
      paramLabel = "URL",
      description = "Of the S3-compatible service. Default: AWS.")
  private String endpoint;

  boolean given() {
    return archive != null;
  }

  /** Checks what was typed, before anything is started. */
  StoreLocation location() throws CommandException, ArchiveException {
    if (archive == null) {
      throw new CommandException(
          Exit.USAGE, "No archive given: add --archive with a directory or s3://BUCKET/PREFIX.");
    }
    return StoreLocation.parse(archive, endpoint);
  }

  ArchiveStore openToRead() throws CommandException, ArchiveException {
    return location().openToRead();
  }
}
