// SPDX-License-Identifier: Apache-2.0
package io.tracefleet.cli.commands;

import io.tracefleet.cli.console.CommandException;
import io.tracefleet.cli.console.Exit;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;

/**
 * One of the demo's guests; each has a node of its own.
 *
 * @param name of guest and node
 * @param title what it is, for people
 * @param command QEMU's command line
 * @param files what has to be there
 * @param counted instructions of each vCPU where they are known by hand, else empty
 */
record DemoGuest(
    String name, String title, List<String> command, List<Path> files, List<Long> counted) {
  private static final String USER_PROGRAM = "workers";
  private static final String BARE_IMAGE = "bare.bin";
  // Counted by hand in integration-tests/guests/system/bare.S, for 4 vCPUs.
  private static final long BARE_FIRST_VCPU = 91_559 + 3 * 28;
  private static final long BARE_OTHER_VCPU = 81_968;

  /**
   * @param guests directory with the guests that were built here
   * @param linux directory with kernel and initramfs
   */
  static List<DemoGuest> all(Path guests, Path linux) {
    Path program = guests.resolve(USER_PROGRAM);
    Path image = guests.resolve(BARE_IMAGE);
    Path kernel = linux.resolve("vmlinuz");
    Path initramfs = linux.resolve("initramfs.gz");
    return List.of(
        new DemoGuest(
            "threads",
            "multi-threaded program in user mode",
            List.of("qemu-x86_64", program.toString()),
            List.of(program),
            List.of()),
        new DemoGuest(
            "bare-metal",
            "bare-metal x86 on 4 vCPUs",
            List.of(
                "qemu-system-x86_64",
                "-bios",
                image.toString(),
                "-smp",
                "4",
                "-m",
                "64",
                "-nographic",
                "-vga",
                "none",
                "-net",
                "none"),
            List.of(image),
            List.of(BARE_FIRST_VCPU, BARE_OTHER_VCPU, BARE_OTHER_VCPU, BARE_OTHER_VCPU)),
        new DemoGuest(
            "linux",
            "Debian's Linux with busybox on 2 vCPUs",
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
            List.of(kernel, initramfs),
            List.of()));
  }

  void check() throws CommandException {
    for (Path file : files) {
      if (!Files.isReadable(file)) {
        throw new CommandException(
            Exit.NOT_THERE,
            "The demo's guest "
                + name
                + " is not built, "
                + file
                + " is missing: start the demo with the launcher, `./tracefleet demo`.");
      }
    }
  }
}
