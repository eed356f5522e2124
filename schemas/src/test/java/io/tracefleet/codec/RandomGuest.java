// SPDX-License-Identifier: Apache-2.0
package io.tracefleet.codec;

import java.util.ArrayList;
import java.util.List;
import java.util.Random;

/**
 * A made-up program that a seed determines: loops, strides, random addresses, blocks left midway,
 * conditional and repeated accesses, accesses of other blocks, system calls, and in system
 * emulation devices and changing mappings.
 */
final class RandomGuest {

  private static final class Site {
    int instruction;
    int info;
    long address;
    long stride;
    int period; // every so many accesses the stride is left; 0 never, 1 always random
    int visits;
  }

  private final Random random;
  private final boolean system;
  private final int trouble; // one block execution in so many is unusual
  private final List<Event.Code> codes = new ArrayList<>();
  private final List<List<Site>> sites = new ArrayList<>();
  private final List<int[]> edges = new ArrayList<>();
  private final long[] mapping = new long[64];
  private final List<Event> events = new ArrayList<>();

  private RandomGuest(long seed, boolean system) {
    this.random = new Random(seed);
    this.system = system;
    this.trouble = new int[] {3, 10, 100, 1_000_000}[random.nextInt(4)];
    int blocks = 1 + random.nextInt(random.nextBoolean() ? 6 : 60);
    for (int b = 0; b < blocks; b++) {
      int instructions = 1 + random.nextInt(random.nextInt(10) == 0 ? 500 : 12);
      codes.add(
          new Event.Code(
              (random.nextInt(8) == 0 ? random.nextLong() : 0x400000) + 16L * b,
              instructions,
              random.nextInt(1 + 4 * instructions),
              random.nextInt()));
      List<Site> made = new ArrayList<>();
      int count = random.nextInt(3) == 0 ? 0 : random.nextInt(6);
      for (int s = 0; s < count; s++) {
        Site site = new Site();
        site.instruction = Math.min(instructions - 1, random.nextInt(instructions) / 2 + s);
        site.info =
            random.nextInt(4) == 0
                ? random.nextInt(8) << 4 | random.nextInt(5)
                : 3 | random.nextInt(2) << 6;
        site.address = address();
        site.stride = new long[] {0, 8, -8, 4, 64, 4096, 12345}[random.nextInt(7)];
        site.period = new int[] {0, 0, 2, 10, 50, 1}[random.nextInt(6)];
        made.add(site);
      }
      sites.add(made);
      int[] edge = new int[1 + random.nextInt(4)];
      for (int e = 0; e < edge.length; e++) {
        edge[e] = random.nextInt(3) == 0 ? random.nextInt(blocks) : (b + 1) % blocks;
      }
      edges.add(edge);
    }
    for (int page = 0; page < mapping.length; page++) {
      mapping[page] = page % 8 == 7 ? -1 - random.nextInt(5) : ramPage();
    }
  }

  private long ramPage() {
    // Now and then a mapping that does not begin at a page of the physical address space.
    return 4096L * random.nextInt(100) + (random.nextInt(20) == 0 ? 1024 : 0);
  }

  private long address() {
    return (random.nextInt(16) == 0 ? 0xffff_ffff_ffff_0000L : 0x7f00_0000L)
        + random.nextInt(1 << 16);
  }

  static List<Event> run(long seed, boolean system, int blocks) {
    return new RandomGuest(seed, system).run(blocks);
  }

  private List<Event> run(int count) {
    int block = 0;
    int turn = 0;
    for (int n = 0; n < count && events.size() < 40_000; n++) {
      execute(block);
      int[] edge = edges.get(block);
      // Mostly a fixed choice, so that there are loops.
      int choice =
          random.nextInt(trouble) == 0
              ? random.nextInt(edge.length)
              : (turn++ % 7 == 0 ? edge.length - 1 : 0);
      block = edge[choice];
      if (random.nextInt(4 * trouble) == 0) {
        mapping[random.nextInt(mapping.length)] =
            random.nextInt(4) == 0 ? -1 - random.nextInt(5) : ramPage();
      }
    }
    return events;
  }

  private void execute(int block) {
    Event.Code code = codes.get(block);
    events.add(new Event.Block(code));
    boolean unusual = random.nextInt(trouble) == 0;
    int kind = unusual ? random.nextInt(7) : -1;
    if (kind == 6) {
      // An instruction that goes through all its accesses several times.
      int count = random.nextInt(40) * sites.get(block).size();
      for (int i = 0; i < count; i++) {
        access(code, sites.get(block).get(i % sites.get(block).size()));
      }
    }
    for (Site site : sites.get(block)) {
      if (kind == 0 && random.nextBoolean()) {
        continue; // conditional access
      }
      access(code, site);
      if (kind == 1 && random.nextBoolean()) {
        for (int repeat = random.nextInt(random.nextInt(20) == 0 ? 3000 : 20);
            repeat > 0;
            repeat--) {
          access(code, site);
        }
      }
      if (kind == 2 && random.nextInt(3) == 0) {
        events.add(new Event.Partial(random.nextInt(code.instructions() + 1)));
        return;
      }
      if (kind == 3) {
        int other = random.nextInt(codes.size());
        if (!codes.get(other).equals(code) && !sites.get(other).isEmpty()) {
          access(codes.get(other), sites.get(other).get(0));
        }
      }
    }
    if (kind == 4) {
      events.add(new Event.Syscall(random.nextInt(10)));
      if (random.nextBoolean()) {
        events.add(new Event.SyscallReturn(random.nextInt(10), random.nextInt(2000) - 1000));
      }
    }
    if (kind == 5) {
      events.add(new Event.SyscallReturn(7, random.nextBoolean() ? random.nextLong() : -4095));
    }
  }

  private void access(Event.Code code, Site site) {
    long vaddr = site.address;
    site.visits++;
    site.address =
        site.period == 1 || site.period > 1 && site.visits % site.period == 0
            ? (random.nextBoolean() ? address() : site.address - 16)
            : site.address + site.stride;
    if (!system) {
      events.add(new Event.Access(code, site.instruction, site.info, vaddr, null, 0));
      return;
    }
    long mapped = mapping[(int) (vaddr >>> 12 & 63)];
    if (mapped < 0) {
      events.add(
          new Event.Access(
              code, site.instruction, site.info, vaddr, "device" + -mapped, vaddr & 0xff));
    } else {
      events.add(
          new Event.Access(
              code,
              site.instruction,
              site.info,
              vaddr,
              Event.Access.RAM,
              mapped + (vaddr & 0xfff)));
    }
  }
}
