// SPDX-License-Identifier: Apache-2.0
package io.tracefleet.node.symbols;

import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Consumer;

/**
 * The kernel of a guest in system emulation: a vmlinux or any other ELF file, or a System.map.
 * Where the kernel moved itself (KASLR) is found from the code that ran: with an ELF file by
 * comparing code, with a System.map by how many blocks begin where functions do.
 */
final class Kernel implements AutoCloseable {
  private static final byte[] ELF = {0x7f, 'E', 'L', 'F'};
  private static final int CODE_LEAST = 8;
  private static final int VOTES_BY_CODE = 8;
  private static final int VOTES_BY_NAME = 24;
  private static final int LEARNT_MOST = 20_000;

  private final String name;
  private final Image image;
  private final SymbolTable map;
  private final Consumer<String> warnings;
  private final Map<Long, long[]> functionsByRest = new HashMap<>();
  private final Set<Long> learnt = new HashSet<>();
  private final Slide slide;
  private boolean givenUp;

  private Kernel(String name, Image image, SymbolTable map, Consumer<String> warnings) {
    this.name = name;
    this.image = image;
    this.map = map;
    this.warnings = warnings;
    this.slide = new Slide(image != null ? VOTES_BY_CODE : VOTES_BY_NAME);
    if (map != null) {
      for (int i = 0; i < map.size(); i++) {
        functionsByRest.merge(
            map.begin(i) & Slide.STEP - 1,
            new long[] {map.begin(i)},
            (some, one) -> {
              long[] all = Arrays.copyOf(some, some.length + 1);
              all[some.length] = one[0];
              return all;
            });
      }
    }
  }

  /**
   * @throws IOException if the file is neither; the message does not name it
   */
  static Kernel open(Path path, Tools tools) throws IOException {
    String name = path.toAbsolutePath().normalize().toString();
    return isElf(path)
        ? new Kernel(name, Image.open(name, path, tools), null, tools.warnings())
        : new Kernel(name, null, SystemMap.read(path), tools.warnings());
  }

  /** Whether the file begins as an ELF file does. */
  static boolean isElf(Path path) throws IOException {
    if (!Files.isRegularFile(path)) {
      throw new IOException("there is no such file");
    }
    try (InputStream file = Files.newInputStream(path)) {
      return Arrays.equals(file.readNBytes(ELF.length), ELF);
    }
  }

  /** Looks at blocks for the kernel's slide; each counts once. */
  void learn(List<Code> blocks) {
    if (givenUp || slide.decide() != null) {
      return;
    }
    for (Code code : blocks) {
      boolean same = isUpper(code.vaddr()) == isUpper(first());
      if (same && learnt.add(code.vaddr())) {
        if (image != null) {
          voteByCode(code);
        } else {
          voteByName(code);
        }
      }
    }
    if (slide.decide() != null) {
      learnt.clear();
      functionsByRest.clear();
    } else if (learnt.size() > LEARNT_MOST) {
      givenUp = true;
      learnt.clear();
      warnings.accept(
          "kernel symbols "
              + Names.printable(name)
              + ": they fit nowhere to the code that ran; is it another kernel's file?");
    }
  }

  private static boolean isUpper(long address) {
    return address < 0;
  }

  private long first() {
    if (map != null) {
      return map.begin(0);
    }
    return image.elf().segments().stream()
        .filter(ElfImage.Segment::executable)
        .mapToLong(ElfImage.Segment::address)
        .findFirst()
        .orElse(0);
  }

  private void voteByCode(Code code) {
    if (code.bytes().length < CODE_LEAST) {
      return;
    }
    for (ElfImage.Segment segment : image.elf().segments()) {
      long begin = code.vaddr() - segment.address() & Slide.STEP - 1;
      long end = segment.executable() ? Math.min(segment.size(), image.elf().length()) : 0;
      for (long at = begin; at < end; at += Slide.STEP) {
        if (image.elf().has(code.bytes(), segment.offset() + at)) {
          slide.vote(code.vaddr() - segment.address() - at);
        }
      }
    }
  }

  private void voteByName(Code code) {
    long[] functions = functionsByRest.get(code.vaddr() & Slide.STEP - 1);
    if (functions != null) {
      for (long function : functions) {
        slide.vote(code.vaddr() - function);
      }
    }
  }

  /** Whether a block could be the kernel's, and a later one may tell. */
  boolean isUndecided(Code code) {
    return !givenUp && slide.decide() == null && isUpper(code.vaddr()) == isUpper(first());
  }

  Place place(Code code) {
    return image != null ? placeInFile(code) : placeInMap(code);
  }

  private Place placeInFile(Code code) {
    Long moved = slide.decide();
    for (ElfImage.Segment segment : image.elf().segments()) {
      if (!segment.executable()) {
        continue;
      }
      // A kernel patches its code as it starts, so code that differs may still be the kernel's, but
      // only where the kernel is known to be. Before it has mapped itself it runs where it is
      // loaded.
      for (long begin : new long[] {segment.address(), segment.physical()}) {
        long at = code.vaddr() - begin;
        if (isWithin(at, segment) && image.elf().has(code.bytes(), segment.offset() + at)) {
          return place(segment, at);
        }
      }
      if (moved != null && isWithin(code.vaddr() - moved - segment.address(), segment)) {
        return place(segment, code.vaddr() - moved - segment.address());
      }
    }
    return Place.NONE;
  }

  private static boolean isWithin(long at, ElfImage.Segment segment) {
    return Long.compareUnsigned(at, segment.size()) < 0;
  }

  private Place place(ElfImage.Segment segment, long at) {
    return image.describe(
        Place.inImage(name, segment.offset() + at, image.elf().buildId()), segment.address() + at);
  }

  private Place placeInMap(Code code) {
    Long moved = slide.decide();
    if (moved == null) {
      return Place.NONE;
    }
    long address = code.vaddr() - moved;
    int index = map.find(address);
    return index < 0
        ? Place.NONE
        : Place.inImage(name, address - map.begin(0), null)
            .withFunction(map.name(index), address - map.begin(index));
  }

  @Override
  public void close() {
    if (image != null) {
      image.close();
    }
  }
}
