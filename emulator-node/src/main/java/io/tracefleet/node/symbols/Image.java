// SPDX-License-Identifier: Apache-2.0
package io.tracefleet.node.symbols;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.BasicFileAttributes;

/** An ELF file that a guest executes from, and its separate debug information where there is. */
final class Image implements AutoCloseable {
  private static final Path DEBUG = Path.of("/usr/lib/debug/.build-id");

  private final String name;
  private final ElfImage elf;
  private final Tools tools;
  private final SourceLines lines;
  private final Object identity;

  private Image(String name, ElfImage elf, Object identity, Tools tools, SourceLines lines) {
    this.name = name;
    this.elf = elf;
    this.identity = identity;
    this.tools = tools;
    this.lines = lines;
  }

  /**
   * @param name for the records
   * @throws IOException as {@link ElfImage#open}
   */
  static Image open(String name, Path path, Tools tools) throws IOException {
    ElfImage elf = ElfImage.open(path);
    Path withLines = elf.hasLines() ? path : null;
    if (elf.buildId() != null && (!elf.hasFullSymbols() || withLines == null)) {
      Path debug = debugFile(elf.buildId());
      if (Files.isRegularFile(debug)) {
        withLines = complete(elf, debug, withLines);
      }
    }
    return new Image(
        name,
        elf,
        identity(path),
        tools,
        withLines == null ? null : new SourceLines(withLines, tools));
  }

  /** Returns the file to ask for lines. */
  private static Path complete(ElfImage elf, Path debug, Path withLines) {
    try (ElfImage symbols = ElfImage.open(debug)) {
      if (!elf.buildId().equals(symbols.buildId())) {
        return withLines;
      }
      if (!elf.hasFullSymbols()) {
        elf.completeFrom(symbols);
      }
      return withLines == null && symbols.hasLines() ? debug : withLines;
    } catch (IOException e) {
      // As if it were not installed.
      return withLines;
    }
  }

  private static Path debugFile(String buildId) {
    int split = Math.min(2, buildId.length());
    return DEBUG.resolve(buildId.substring(0, split)).resolve(buildId.substring(split) + ".debug");
  }

  /** What changes when another file takes the path. */
  private static Object identity(Path path) throws IOException {
    BasicFileAttributes attributes = Files.readAttributes(path, BasicFileAttributes.class);
    return attributes.fileKey() + " " + attributes.size() + " " + attributes.lastModifiedTime();
  }

  /** Whether the path leads to another file by now. */
  boolean isStale() {
    try {
      return !identity(elf.path()).equals(identity);
    } catch (IOException e) {
      return false;
    }
  }

  /** Whether the file has the block's code where the block says it is from. */
  boolean holds(Code code) {
    return elf.has(code.bytes(), code.imageOffset());
  }

  /** Where a block is that the file {@link #holds}. */
  Place place(Code code) {
    Place place = Place.inImage(name, code.imageOffset(), elf.buildId());
    ElfImage.Segment segment = elf.segmentAt(code.imageOffset());
    return segment == null
        ? place
        : describe(place, code.imageOffset() - segment.offset() + segment.address());
  }

  /**
   * Adds function and line.
   *
   * @param address as the file is linked
   */
  Place describe(Place place, long address) {
    SymbolTable functions = elf.functions();
    int index = functions.find(address);
    Place named =
        index < 0
            ? place
            : place.withFunction(
                tools.demangler().demangle(functions.name(index)),
                address - functions.begin(index));
    return lines == null ? named : named.withSource(lines.at(address));
  }

  ElfImage elf() {
    return elf;
  }

  /** Heap that it takes, bytes. */
  long weight() {
    return 4096 + elf.functions().weight();
  }

  @Override
  public void close() {
    if (lines != null) {
      lines.close();
    }
    try {
      elf.close();
    } catch (IOException e) {
      // It was only read.
    }
  }
}
