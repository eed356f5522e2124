// SPDX-License-Identifier: Apache-2.0
package io.tracefleet.it;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.List;
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
  private static final Duration LIMIT = Duration.ofMinutes(4);
  private static final Duration BUILD_LIMIT = Duration.ofMinutes(12);

  /** Instructions after which trouble may begin. */
  private static final long BEGUN = 5_000_000;

  /** Instructions that show that a guest goes on. */
  private static final long MORE = 1_000_000;

  /** The guest that trouble happens to; it works until it is told to end. */
  private static final String GUEST = "until";

  /** Longer than the jobs' session timeout, so that a paused process was given up. */
  private static final Duration LONG = Duration.ofSeconds(13);

  private static ContainerEngine engine;
  private static Fleet fleet;
  private static int nodes;

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

  @Test
  @Order(2)
  void engineSaysWhoIsHealthy() throws Exception {
    try (Machine lost = fleet.instanceWithoutBroker("jobs-without-broker")) {
      for (Machine good : List.of(fleet.jobs(0), fleet.jobs(1), fleet.archiver())) {
        good.awaitHealth("healthy", LIMIT);
      }
      lost.awaitHealth("unhealthy", LIMIT);
    }
  }

  @Test
  @Order(3)
  void brokerIsKilled() throws Exception {
    during(
        "broker killed",
        () -> {
          fleet.broker().kill();
          Thread.sleep(3000);
          fleet.broker().startAgain();
        });
  }

  @Test
  @Order(4)
  void brokerIsPaused() throws Exception {
    during("broker paused", () -> paused(fleet.broker()));
  }

  @Test
  @Order(5)
  void diskOfTheBrokerIsFull() throws Exception {
    during(
        "disk of the broker full",
        () -> {
          fleet.disk().run("sh", "-c", "cat /dev/zero >/disk/full 2>/dev/null || true");
          // The only disk it has: there is nothing left that it could do.
          assertThat(fleet.broker().awaitExit(LIMIT)).isNotZero();
          fleet.disk().run("rm", "/disk/full");
          fleet.broker().startAgain();
        });
  }

  @Test
  @Order(6)
  void registryIsKilledAndPaused() throws Exception {
    during(
        "registry killed and paused",
        () -> {
          fleet.registry().kill();
          Thread.sleep(3000);
          fleet.registry().startAgain();
          paused(fleet.registry());
        });
  }

  @Test
  @Order(7)
  void instanceIsKilled() throws Exception {
    during(
        "instance of the jobs killed",
        () -> {
          fleet.jobs(1).kill();
          Thread.sleep(LONG.toMillis());
          fleet.jobs(1).startAgain();
        });
  }

  @Test
  @Order(8)
  void instanceIsPaused() throws Exception {
    during("instance of the jobs paused", () -> paused(fleet.jobs(1)));
  }

  @Test
  @Order(9)
  void instanceJoinsAndLeaves() throws Exception {
    during(
        "instance of the jobs joined and left",
        () -> {
          try (Machine third = fleet.anotherInstance("jobs-3")) {
            fleet.api(third).awaitReady(LIMIT);
            third.awaitHealth("healthy", LIMIT);
            assertThat(third.stop()).as(third.said()).isZero();
          }
        });
  }

  @Test
  @Order(10)
  void archiverIsKilled() throws Exception {
    during(
        "archiver killed",
        () -> {
          fleet.archiver().kill();
          fleet.archiver().startAgain();
        });
  }

  @Test
  @Order(11)
  void nodeIsPaused() throws Exception {
    FleetNode node = working();
    node.machine().pause();
    long held = node.executed(GUEST);
    Thread.sleep(LONG.toMillis());
    long still = node.executed(GUEST);
    node.machine().unpause();
    assertThat(still).as("instructions of the paused guest").isEqualTo(held);
    assertExactAfter("node paused", node, held);
  }

  @Test
  @Order(12)
  void nodeIsCutOffFromTheBroker() throws Exception {
    FleetNode node = working();
    long before = node.executed(GUEST);
    node.machine().disconnect();
    Thread.sleep(LONG.toMillis());
    // Or the engine would end it, and with it its guest, which only has to wait.
    node.machine().awaitHealth("healthy", LIMIT);
    long after = node.executed(GUEST);
    node.machine().connect();
    assertThat(after).as("instructions of the guest that goes on").isGreaterThan(before);
    assertExactAfter("node cut off", node, after);
  }

  @Test
  @Order(13)
  void nodeIsKilledAndStartsAgain() throws Exception {
    FleetNode node = working();
    node.machine().kill();
    // Its guest died with it; what it had recorded is in its rings.
    node.guest("straight", "qemu-x86_64", "/guests/straight");
    node.machine().startAgain();
    assertThat(node.machine().awaitExit(LIMIT)).as(node.machine().said()).isZero();
    new FleetRun(fleet, node, GUEST).assertAdopted("node killed, its last guest");
    new FleetRun(fleet, node, "straight").assertExact("node killed, its next guest");
  }

  @Test
  @Order(14)
  void everythingIsRestartedWhileGuestsRun() throws Exception {
    FleetNode first = working();
    FleetNode second = working();

    for (int i = 0; i < 2; i++) {
      assertThat(fleet.jobs(i).stop()).as(fleet.jobs(i).said()).isZero();
      fleet.jobs(i).startAgain();
      fleet.api(i).awaitReady(LIMIT);
    }
    assertThat(fleet.archiver().stop()).as(fleet.archiver().said()).isZero();
    fleet.archiver().startAgain();
    fleet.registry().stop();
    fleet.registry().startAgain();
    fleet.broker().stop();
    fleet.broker().startAgain();
    restart(first, "next");
    second.awaitExecuted(GUEST, second.executed(GUEST) + MORE, LIMIT);
    restart(second, "next");
    first.awaitExecuted("next", first.executed("next") + MORE, LIMIT);

    for (FleetNode node : List.of(first, second)) {
      node.endGuest("next");
      assertThat(node.machine().awaitExit(LIMIT)).as(node.machine().said()).isZero();
      String what = "rolling restart, " + node.name();
      new FleetRun(fleet, node, GUEST).assertExactButTheLastEvent(what + ", its guest");
      new FleetRun(fleet, node, "next").assertExact(what + ", its next guest");
    }
  }

  /** Stops a node in the middle of its guest's work, and waits until it is in that of the next. */
  private static void restart(FleetNode node, String next) throws Exception {
    int code = node.machine().stop();
    assertThat(code).as(node.machine().said()).isEqualTo(143);
    node.guestThatWorks(next).machine().startAgain();
    node.awaitExecuted(next, BEGUN, LIMIT);
  }

  private interface Trouble {
    void happens() throws Exception;
  }

  /** Lets it happen while a guest runs; the guest must not notice. */
  private static void during(String what, Trouble trouble) throws Exception {
    FleetNode node = working();
    long before = node.executed(GUEST);
    trouble.happens();
    long after = node.executed(GUEST);
    System.out.printf(
        "[fleet] %s: from instruction %,d of the guest to %,d%n", what, before, after);
    assertThat(after).as("instructions while " + what).isGreaterThan(before);
    assertExactAfter(what, node, after);
  }

  /** The guest is not at its end when it was there, comes to it, and all of it has arrived. */
  private static void assertExactAfter(String what, FleetNode node, long there) throws Exception {
    node.awaitExecuted(GUEST, there + MORE, LIMIT);
    node.endGuest(GUEST);
    assertThat(node.machine().awaitExit(LIMIT)).as(node.machine().said()).isZero();
    new FleetRun(fleet, node, GUEST).assertExact(what);
  }

  private static void paused(Machine machine) throws InterruptedException {
    machine.pause();
    Thread.sleep(LONG.toMillis());
    machine.unpause();
  }

  /** A node with a guest that is in the middle of its work. */
  private static FleetNode working() throws Exception {
    fleet.awaitReady();
    FleetNode node = fleet.node("node-" + ++nodes).guestThatWorks(GUEST).start();
    node.awaitExecuted(GUEST, BEGUN, LIMIT);
    node.awaitPublished(LIMIT);
    return node;
  }
}
