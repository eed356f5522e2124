// SPDX-License-Identifier: Apache-2.0
package io.tracefleet.it;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.MethodOrderer;
import org.junit.jupiter.api.Order;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestMethodOrder;

/**
 * The images as a fleet on a real container engine, first in peace and then with trouble. After
 * each trouble the counts are the oracle's, the audit holds, and the archive has each batch once.
 */
@TestMethodOrder(MethodOrderer.OrderAnnotation.class)
final class FleetIT {
  private static final Duration LIMIT = Duration.ofSeconds(120);
  private static final Duration BUILD_LIMIT = Duration.ofMinutes(12);

  /** Steps of the guest "chase", some ten seconds. */
  private static final String STEPS = "3000000";

  /** Instructions after which the guest is in the middle: it has filled its table. */
  private static final long MIDDLE = 31_000_000;

  /** Longer than the jobs' session timeout, so that a paused process was given up. */
  private static final Duration LONG = Duration.ofSeconds(13);

  private static ContainerEngine engine;
  private static Fleet fleet;

  @BeforeAll
  static void buildAndStart() throws Exception {
    engine = ContainerEngine.open();
    engine.run(BUILD_LIMIT, Places.module().resolve("containers/build"));
    fleet = Fleet.start();
  }

  @AfterAll
  static void stop() throws Exception {
    try {
      if (fleet != null) {
        fleet.close();
      }
    } finally {
      if (engine != null) {
        engine.close();
      }
    }
  }

  @Test
  @Order(1)
  void twoNodesTwoInstancesAndTheArchiveSayWhatTheOracleSays() throws Exception {
    FleetNode user =
        fleet.node("flow-1").guest("workers", "qemu-x86_64", "/guests/workers").start();
    FleetNode system =
        fleet
            .node("flow-2")
            .guest(
                "bare",
                "qemu-system-x86_64",
                "-bios",
                "/guests/bare.bin",
                "-smp",
                "4",
                "-m",
                "64",
                "-nographic",
                "-vga",
                "none",
                "-net",
                "none",
                "-no-reboot")
            .start();

    assertThat(user.machine().awaitExit(LIMIT)).as(user.machine().said()).isZero();
    assertThat(system.machine().awaitExit(LIMIT)).as(system.machine().said()).isZero();

    new FleetRun(fleet, user, "workers").assertExact("flow, user mode");
    new FleetRun(fleet, system, "bare").assertExact("flow, system emulation");
  }
}
