// SPDX-License-Identifier: Apache-2.0
package io.tracefleet.cli.bench;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Predicate;

/**
 * What is to be measured.
 *
 * @param guests each with its cases, bare QEMU first
 * @param quick guests a tenth of the usual size
 * @param rounds how often each case runs
 * @param warmUp traced before anything is measured
 */
record BenchPlan(
    Map<BenchGuest, List<BenchCase>> guests, boolean quick, int rounds, BenchGuest warmUp) {
  /** Sizes of the guests: about 2 s in bare QEMU, or a tenth of it. */
  private record Sizes(String bench, String chase, String compress, String workers) {}

  private static final Sizes LONG = new Sizes("30", "32000000", "500", "30000");
  private static final Sizes QUICK = new Sizes("2", "1600000", "25", "1500");
  private static final String SMALL_ITEMS = "10";

  /**
   * All guests with all their cases.
   *
   * @param guests directory of the user-mode guests
   * @param linux directory of kernel and initramfs; null: without the Linux guest
   * @param quick a tenth of the usual size, and no Linux guest
   * @param peers what else there is
   */
  static BenchPlan all(Path guests, Path linux, boolean quick, int rounds, Peers peers) {
    Sizes sizes = quick ? QUICK : LONG;
    List<BenchGuest> all = new ArrayList<>();
    all.add(
        user(
            "bench", "sort, hash, copy", BenchGuest.Variant.MAIN, 1, guests, "bench", sizes.bench));
    all.add(
        user("chase", "pointer chasing", BenchGuest.Variant.USER, 1, guests, "chase", sizes.chase));
    all.add(
        user(
            "compress",
            "compression",
            BenchGuest.Variant.USER,
            1,
            guests,
            "compress",
            sizes.compress));
    all.add(
        user(
            "workers-1",
            "multi-threaded program, 1 vCPU",
            BenchGuest.Variant.USER,
            1,
            guests,
            "workers",
            sizes.workers,
            "1"));
    all.add(
        user(
            "workers-8",
            "multi-threaded program, 8 vCPUs",
            BenchGuest.Variant.USER,
            8,
            guests,
            "workers",
            sizes.workers,
            "8"));
    all.add(
        user(
            "small",
            "a small program, for tools that are hundreds of times slower",
            BenchGuest.Variant.SMALL,
            1,
            guests,
            "workers",
            SMALL_ITEMS,
            "1"));
    if (linux != null && !quick) {
      all.add(linux(linux));
    }
    Map<BenchGuest, List<BenchCase>> plan = new LinkedHashMap<>();
    for (BenchGuest guest : all) {
      List<BenchCase> cases = new ArrayList<>(BenchCase.own(guest.variant()));
      cases.addAll(peers.cases(guest.variant()));
      plan.put(guest, cases);
    }
    BenchGuest warmUp =
        user("warm-up", "", BenchGuest.Variant.USER, 1, guests, "bench", QUICK.bench);
    return new BenchPlan(plan, quick, rounds, warmUp);
  }

  private static BenchGuest user(
      String id,
      String title,
      BenchGuest.Variant variant,
      int vcpus,
      Path guests,
      String name,
      String... arguments) {
    Path file = guests.resolve(name);
    List<String> program = new ArrayList<>(List.of(file.toString()));
    program.addAll(List.of(arguments));
    List<String> command = new ArrayList<>(List.of("qemu-x86_64"));
    command.addAll(program);
    return new BenchGuest(id, title, command, program, vcpus, List.of(file), variant);
  }

  private static BenchGuest linux(Path linux) {
    Path kernel = linux.resolve("vmlinuz");
    Path initramfs = linux.resolve("initramfs.gz");
    return new BenchGuest(
        "linux",
        "Linux boot, 2 vCPUs",
        List.of(
            "qemu-system-x86_64",
            "-nographic",
            "-no-reboot",
            "-smp",
            "2",
            "-m",
            "256",
            "-net",
            "none",
            "-kernel",
            kernel.toString(),
            "-initrd",
            initramfs.toString(),
            "-append",
            "console=ttyS0 panic=-1 quiet"),
        List.of(),
        2,
        List.of(kernel, initramfs),
        BenchGuest.Variant.SYSTEM);
  }

  /** Only the cases that are meant; bare QEMU stays wherever a case stays. */
  BenchPlan only(Predicate<String> meant) {
    Map<BenchGuest, List<BenchCase>> kept = new LinkedHashMap<>();
    guests.forEach(
        (guest, cases) -> {
          List<BenchCase> some =
              cases.stream().filter(which -> meant.test(guest.id() + "/" + which.id())).toList();
          if (!some.isEmpty()) {
            List<BenchCase> withBare = new ArrayList<>(some);
            withBare.remove(BenchCase.BARE);
            withBare.add(0, BenchCase.BARE);
            kept.put(guest, List.copyOf(withBare));
          }
        });
    return new BenchPlan(kept, quick, rounds, warmUp);
  }

  boolean needsPipeline() {
    return guests.values().stream()
        .flatMap(List::stream)
        .anyMatch(which -> which.method() instanceof Method.Everything);
  }

  /** Cases of all guests together. */
  int cases() {
    return guests.values().stream().mapToInt(List::size).sum();
  }
}
