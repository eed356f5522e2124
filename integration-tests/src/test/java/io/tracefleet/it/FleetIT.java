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
  private static final Duration LIMIT = Duration.ofMinutes(4);
  private static final Duration BUILD_LIMIT = Duration.ofMinutes(12);

  /** Rounds of the guest "bench": 100 million instructions, some fifteen seconds. */
  private static final String ROUNDS = "1";

  /** Rounds that it does not come to the end of while everything is restarted. */
  private static final String MANY_ROUNDS = "1000";

  /** Instructions after which trouble may begin. */
  private static final long BEGUN = 5_000_000;

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
  @Order(3)
  void brokerIsPaused() throws Exception {
    during("broker paused", () -> paused(fleet.broker()));
  }

  @Test
  @Order(4)
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
  @Order(5)
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
  @Order(6)
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
  @Order(7)
  void instanceIsPaused() throws Exception {
    during("instance of the jobs paused", () -> paused(fleet.jobs(1)));
  }

  @Test
  @Order(8)
  void instanceJoinsAndLeaves() throws Exception {
    during(
        "instance of the jobs joined and left",
        () -> {
          try (Machine third = fleet.anotherInstance("jobs-3")) {
            fleet.api(third).awaitReady(LIMIT);
            assertThat(third.stop()).as(third.said()).isZero();
          }
        });
  }

  @Test
  @Order(9)
  void archiverIsKilled() throws Exception {
    during(
        "archiver killed",
        () -> {
          fleet.archiver().kill();
          fleet.archiver().startAgain();
        });
  }

  @Test
  @Order(10)
  void nodeIsPaused() throws Exception {
    FleetNode node = bench();
    paused(node.machine());
    assertThat(node.machine().awaitExit(LIMIT)).as(node.machine().said()).isZero();
    new FleetRun(fleet, node, "bench").assertExact("node paused");
  }

  @Test
  @Order(11)
  void nodeIsCutOffFromTheBroker() throws Exception {
    FleetNode node = bench();
    node.machine().disconnect();
    Thread.sleep(LONG.toMillis());
    node.machine().connect();
    assertThat(node.machine().awaitExit(LIMIT)).as(node.machine().said()).isZero();
    new FleetRun(fleet, node, "bench").assertExact("node cut off");
  }

  @Test
  @Order(12)
  void nodeIsKilledAndStartsAgain() throws Exception {
    FleetNode node = bench();
    node.machine().kill();
    // Its guest died with it; what it had recorded is in its rings.
    node.guest("straight", "qemu-x86_64", "/guests/straight");
    node.machine().startAgain();
    assertThat(node.machine().awaitExit(LIMIT)).as(node.machine().said()).isZero();
    new FleetRun(fleet, node, "bench").assertExactButTheLastEvent("node killed, its last guest");
    new FleetRun(fleet, node, "straight").assertExact("node killed, its next guest");
  }

  @Test
  @Order(13)
  void everythingIsRestartedWhileGuestsRun() throws Exception {
    FleetNode first = bench(MANY_ROUNDS);
    FleetNode second = bench();

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
    int code = first.machine().stop();
    first.guest("straight", "qemu-x86_64", "/guests/straight");
    first.machine().startAgain();

    assertThat(code).as(first.machine().said()).isEqualTo(143);
    assertThat(first.machine().awaitExit(LIMIT)).as(first.machine().said()).isZero();
    assertThat(second.machine().awaitExit(LIMIT)).as(second.machine().said()).isZero();
    new FleetRun(fleet, first, "bench")
        .assertExactButTheLastEvent("rolling restart, guest of the restarted node");
    new FleetRun(fleet, first, "straight").assertExact("rolling restart, its next guest");
    new FleetRun(fleet, second, "bench").assertExact("rolling restart, guest of the other node");
  }

  private interface Trouble {
    void happens() throws Exception;
  }

  /** Lets it happen while a guest runs; the guest must not notice. */
  private static void during(String what, Trouble trouble) throws Exception {
    FleetNode node = bench();
    long before = node.executed("bench");
    trouble.happens();
    System.out.printf(
        "[fleet] %s: from instruction %,d of the guest to %,d%n",
        what, before, node.executed("bench"));
    assertThat(node.machine().awaitExit(LIMIT)).as(node.machine().said()).isZero();
    new FleetRun(fleet, node, "bench").assertExact(what);
  }

  private static void paused(Machine machine) throws InterruptedException {
    machine.pause();
    Thread.sleep(LONG.toMillis());
    machine.unpause();
  }

  private static FleetNode bench() throws Exception {
    return bench(ROUNDS);
  }

  /** A node with a guest that is in the middle of its work. */
  private static FleetNode bench(String rounds) throws Exception {
    fleet.awaitReady();
    FleetNode node =
        fleet
            .node("node-" + ++nodes)
            .guest("bench", "qemu-x86_64", "/guests/bench", rounds)
            .start();
    node.awaitExecuted("bench", BEGUN, LIMIT);
    return node;
  }
}
