// SPDX-License-Identifier: Apache-2.0
package io.tracefleet.node.run;

import com.fasterxml.jackson.core.JacksonException;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;

/** JSON files beside the rings, by which a node tells the next one what it knew. Stateless. */
final class StateFile {
  private StateFile() {}

  /** A node that finds the file finds all of it. */
  static void write(Path file, Object content) throws IOException {
    Path part = file.resolveSibling(file.getFileName() + ".part");
    try {
      Files.write(part, new ObjectMapper().writeValueAsBytes(content));
      Files.move(part, file, StandardCopyOption.ATOMIC_MOVE);
    } catch (IOException e) {
      Files.deleteIfExists(part);
      throw e;
    }
  }

  /**
   * What a newer node wrote besides is passed over.
   *
   * @throws NoSuchFileException if there is none
   * @throws IOException with one line
   */
  static <T> T read(Path file, Class<T> type) throws IOException {
    byte[] json;
    try {
      json = Files.readAllBytes(file);
    } catch (NoSuchFileException e) {
      throw e;
    } catch (IOException e) {
      throw new IOException(file.getFileName() + " cannot be read: " + e, e);
    }
    try {
      return new ObjectMapper()
          .configure(DeserializationFeature.FAIL_ON_UNKNOWN_PROPERTIES, false)
          .readValue(json, type);
    } catch (JacksonException e) {
      throw new IOException(
          file.getFileName()
              + " is broken: "
              + e.getOriginalMessage().lines().findFirst().orElse(""),
          e);
    }
  }
}
