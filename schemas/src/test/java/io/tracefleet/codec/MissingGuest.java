// SPDX-License-Identifier: Apache-2.0
package io.tracefleet.codec;

import java.util.ArrayList;
import java.util.List;
import java.util.Random;

/**
 * A made-up program in system emulation whose accesses are always the same ones of each block, but
 * often not where they are expected. It has RAM only, in aligned pages, which are all mapped at the
 * start; seldom is one mapped anew, so that hundreds of accesses are between physical tokens.
 */
final class MissingGuest {
  private static final int PAGES = 32;
  private static final long BASE = 0x7000_0000L;
  private static final int REMAPPED = 400; // blocks until a page is mapped anew
  private static final long[] STRIDES = {0, 4, 8, -8, 24, 256, -1024, 4096, -4096, 12_344};
  private static final int[] KINDS = {0, 2, 3, 64 | 2, 64 | 3};

  private static final class Site {
    int info;
    long address;
    long stride;
    long jump; // in place of the stride, as at the end of a row
  }

  private final Random random;
  private final List<Event.Code> codes = new ArrayList<>();
  private final List<List<Site>> sites = new ArrayList<>();
  private final long[] mapping = new long[PAGES];
  private final List<Event> events = new ArrayList<>();
  private final int trouble; // one access in so many is missed
  private long missed = BASE; // where a miss led to

  private MissingGuest(int seed) {
    random = new Random(seed);
    trouble = 2 + random.nextInt(12);
    for (int b = 0; b < 5; b++) {
      codes.add(new Event.Code(0x40_0000 + 64L * b, 8, 32, b));
      List<Site> made = new ArrayList<>();
      for (int s = random.nextInt(4) + (b == 0 ? 1 : 0); s > 0; s--) {
        Site site = new Site();
        site.info = KINDS[random.nextInt(KINDS.length)];
        site.address = anywhere();
        site.stride = STRIDES[random.nextInt(STRIDES.length)];
        site.jump = STRIDES[random.nextInt(STRIDES.length)];
        made.add(site);
      }
      sites.add(made);
    }
  }

  static List<Event> run(int seed, int blocks) {
    return new MissingGuest(seed).run(blocks);
  }

  private List<Event> run(int count) {
    Event.Code start = new Event.Code(0x10_0000, 2, 8, 99);
    events.add(new Event.Block(start));
    for (int page = 0; page < PAGES; page++) {
      mapping[page] = 4096L * random.nextInt(1 << 20);
      access(start, 0, 3, BASE + 4096L * page);
    }
    int block = 0;
    for (int n = 1; n <= count; n++) {
      execute(block);
      // Each block has two successors.
      block = (block + (random.nextInt(3) == 0 ? 2 : 1)) % codes.size();
      if (n % REMAPPED == 0) {
        mapping[random.nextInt(PAGES)] = 4096L * random.nextInt(1 << 20);
      }
    }
    return events;
  }

  private void execute(int block) {
    Event.Code code = codes.get(block);
    events.add(new Event.Block(code));
    int instruction = 0;
    for (Site site : sites.get(block)) {
      site.address = inside(next(site));
      access(code, instruction++, site.info, site.address);
    }
  }

  private long next(Site site) {
    if (random.nextInt(trouble) != 0) {
      return site.address + site.stride;
    }
    switch (random.nextInt(4)) {
      case 0:
        return site.address + site.jump;
      case 1:
        return missed = anywhere();
      case 2:
        return missed = inside(missed + random.nextInt(128) - 64); // near a miss of any slot
      default:
        return site.address ^ random.nextInt(512) * 8L; // in the same page
    }
  }

  private long anywhere() {
    return BASE + random.nextInt(PAGES << 12);
  }

  private static long inside(long address) {
    return BASE + (address - BASE & (PAGES << 12) - 1);
  }

  private void access(Event.Code code, int instruction, int info, long vaddr) {
    long mapped = mapping[(int) (vaddr - BASE >>> 12)];
    events.add(
        new Event.Access(
            code, instruction, info, vaddr, Event.Access.RAM, mapped + (vaddr & 0xfff)));
  }
}
