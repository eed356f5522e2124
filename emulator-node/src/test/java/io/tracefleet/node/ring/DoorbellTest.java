// SPDX-License-Identifier: Apache-2.0
package io.tracefleet.node.ring;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.concurrent.CountDownLatch;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class DoorbellTest {
  private static final Duration LONG = Duration.ofSeconds(60);

  @TempDir private Path directory;

  @Test
  void theFileSaysWhoseBellItIs() throws Exception {
    try (Doorbell bell = Doorbell.create(directory, 4711, 123)) {
      bell.beat(456);

      ByteBuffer file =
          ByteBuffer.wrap(Files.readAllBytes(directory.resolve("doorbell")))
              .order(ByteOrder.LITTLE_ENDIAN);
      assertThat(file.capacity()).isEqualTo(4096);
      assertThat(file.getLong(0)).isEqualTo(RingLayout.Bell.MAGIC_VALUE);
      assertThat(file.getInt(16)).isEqualTo(4711);
      assertThat(file.getLong(24)).isEqualTo(456);
    }
  }

  @Test
  void aBellThatHasRungIsNotWaitedFor() throws Exception {
    try (Doorbell bell = Doorbell.create(directory, 1, 1)) {
      int seen = bell.word();
      bell.ring();

      long begin = System.nanoTime();
      bell.await(seen, LONG);

      assertThat(Duration.ofNanos(System.nanoTime() - begin)).isLessThan(LONG);
    }
  }

  @Test
  void ringingWakesTheOneThatWaits() throws Exception {
    try (Doorbell bell = Doorbell.create(directory, 1, 1);
        Doorbell plugin = Doorbell.open(directory)) {
      int seen = bell.word();
      CountDownLatch awake = new CountDownLatch(1);
      Thread waiter =
          new Thread(
              () -> {
                bell.await(seen, LONG);
                awake.countDown();
              });
      waiter.start();

      plugin.ring();

      waiter.join(LONG.toMillis() / 2);
      assertThat(awake.getCount()).isZero();
    }
  }

  @Test
  void waitingHasABound() throws Exception {
    try (Doorbell bell = Doorbell.create(directory, 1, 1)) {
      long begin = System.nanoTime();

      bell.await(bell.word(), Duration.ofMillis(20));

      assertThat(Duration.ofNanos(System.nanoTime() - begin))
          .isBetween(Duration.ofMillis(15), LONG);
    }
  }

  @Test
  void anythingElseIsNoDoorbell() throws Exception {
    Files.write(directory.resolve("doorbell"), new byte[4096]);

    assertThatThrownBy(() -> Doorbell.open(directory))
        .isInstanceOf(RingException.class)
        .hasMessageContaining("not a doorbell");
  }

  @Test
  void aClosedBellIsNotTouched() throws Exception {
    Doorbell bell = Doorbell.create(directory, 1, 1);
    bell.close();

    assertThatThrownBy(bell::ring).isInstanceOf(IllegalStateException.class);
  }
}
