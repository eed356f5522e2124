// SPDX-License-Identifier: Apache-2.0
package io.tracefleet.node.symbols;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/** The files that a user-mode guest executes from; those used last are kept open. */
final class Images implements AutoCloseable {
  private static final int OPEN_MOST = 32;
  private static final long WEIGHT_MOST = 192L << 20;
  private static final int WARNINGS_MOST = 32;

  private final Tools tools;
  private final Map<String, Optional<Image>> images = new LinkedHashMap<>(16, 0.75f, true);
  private final Map<String, String> names = new HashMap<>();
  private final Set<String> warned = new HashSet<>();

  Images(Tools tools) {
    this.tools = tools;
  }

  Place place(Code code) {
    if (code.image() == null) {
      return Place.NONE;
    }
    String name = name(code.image());
    Optional<Image> image = images.get(name);
    if (image == null) {
      image = open(name);
    }
    if (image.isPresent() && !image.get().holds(code) && image.get().isStale()) {
      // Built anew while the guest runs.
      image.get().close();
      image = open(name);
    }
    // A file that has other code there is not the one that was mapped, or the guest has changed its
    // copy: where the code is from is still known, what it is called is not.
    return image
        .filter(one -> one.holds(code))
        .map(one -> one.place(code))
        .orElseGet(() -> Place.inImage(name, code.imageOffset(), null));
  }

  private String name(String mapped) {
    String known = names.get(mapped);
    if (known == null) {
      known = Names.ofMaps(mapped);
      if (!known.equals(Names.withoutDeleted(known)) && !exists(known)) {
        known = Names.withoutDeleted(known);
      }
      if (names.size() < 1024) {
        names.put(mapped, known);
      }
    }
    return known;
  }

  private static boolean exists(String path) {
    try {
      return Files.exists(Path.of(path));
    } catch (InvalidPathException e) {
      return false;
    }
  }

  private Optional<Image> open(String name) {
    Optional<Image> image = Optional.empty();
    try {
      image = Optional.of(Image.open(name, Path.of(name), tools));
    } catch (IOException | InvalidPathException e) {
      if (warned.size() < WARNINGS_MOST && warned.add(name)) {
        tools
            .warnings()
            .accept("no functions of image " + Names.printable(name) + ": " + e.getMessage());
      }
    }
    images.put(name, image);
    evict();
    return image;
  }

  /** Closes those used longest ago, but never the last one. */
  private void evict() {
    long weight = images.values().stream().mapToLong(i -> i.map(Image::weight).orElse(0L)).sum();
    Iterator<Optional<Image>> eldest = images.values().iterator();
    while (images.size() > 1 && (images.size() > OPEN_MOST || weight > WEIGHT_MOST)) {
      Optional<Image> image = eldest.next();
      weight -= image.map(Image::weight).orElse(0L);
      eldest.remove();
      image.ifPresent(Image::close);
    }
  }

  @Override
  public void close() {
    images.values().forEach(image -> image.ifPresent(Image::close));
    images.clear();
  }
}
