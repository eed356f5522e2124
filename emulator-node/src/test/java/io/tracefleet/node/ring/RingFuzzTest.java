// SPDX-License-Identifier: Apache-2.0
package io.tracefleet.node.ring;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.fail;

import io.tracefleet.node.config.NodeException;
import io.tracefleet.node.qemu.ProcessIdentity;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * A guest in user mode shares its process with the ring and may write anything into it, at any
 * time. The node says what is broken in one line, or publishes batches that the jobs judge; it
 * never reads outside the ring, takes more memory than the ring has, or goes on for ever.
 */
final class RingFuzzTest {
  private static final String RUN = "01890a5d-ac96-774b-bcce-b302099a8057";
  private static final int ROUNDS = 400;
  private static final int HEAD = 16384;
  private static final long[] EDGES = {
    0,
    1,
    -1,
    2,
    3,
    4,
    255,
    4096,
    8192,
    8193,
    Integer.MAX_VALUE,
    Integer.MIN_VALUE,
    Long.MAX_VALUE,
    Long.MIN_VALUE,
    0x7fff_ffff_0000_0001L
  };

  @TempDir private Path directory;

  @Test
  void whateverIsWrittenIntoARingIsOneLineOrABatch() throws Exception {
    int refused = 0;
    int published = 0;
    for (long seed = 0; seed < ROUNDS; seed++) {
      Random random = new Random(seed);
      FakeRing ring = FakeRing.create(directory, RUN, null, new ProcessIdentity(77, 88), 4);
      if (random.nextInt(3) == 0) {
        FakeTally.open(ring, 0);
      }
      ring.batch(0, 10).batch(1, 20);
      ring.open(0);
      ring.add(0, 3, 1, 1, 1, "open");
      boolean early = random.nextBoolean();
      if (early) {
        scribble(ring.path(), random);
      }
      List<RingBatch> taken = new ArrayList<>();
      long begin = System.nanoTime();
      try (RingReader reader =
          random.nextInt(4) == 0 ? RingReader.adopt(ring.path()) : RingReader.open(ring.path())) {
        take(reader, taken);
        if (!early) {
          scribble(ring.path(), random);
        }
        take(reader, taken);
        reader.info();
        reader.flush();
        reader.complete(1_800_000_000_000_000L);
        take(reader, taken);
        reader.tallies();
        published++;
      } catch (NodeException e) {
        assertThat(e.getMessage().lines()).as("seed " + seed).hasSize(1);
        refused++;
      } catch (RuntimeException | Error e) {
        fail("seed " + seed + ": " + e, e);
      }
      assertThat(Duration.ofNanos(System.nanoTime() - begin))
          .as("seed " + seed)
          .isLessThan(Duration.ofSeconds(20));
      assertThat(taken.stream().mapToLong(RingBatch::payloadSize).max().orElse(0))
          .as("seed " + seed)
          .isLessThanOrEqualTo(1 << 20);
      Files.delete(ring.path());
    }
    assertThat(refused).as("some are refused").isPositive();
    assertThat(published).as("some are not").isPositive();
  }

  private static void take(RingReader reader, List<RingBatch> taken) throws NodeException {
    reader.poll(
        batch -> {
          byte[] payload = new byte[batch.payloadSize()];
          batch.copyPayload(payload, 0);
          taken.add(batch);
          return true;
        });
  }

  /** Some words of header, slots and descriptors, at times of everything. */
  private static void scribble(Path ring, Random random) throws Exception {
    try (FileChannel file = FileChannel.open(ring, StandardOpenOption.WRITE)) {
      long end = random.nextInt(4) == 0 ? file.size() : HEAD;
      int words = 1 << random.nextInt(10);
      for (int i = 0; i < words; i++) {
        ByteBuffer word = ByteBuffer.allocate(8);
        word.putLong(
            random.nextBoolean() ? EDGES[random.nextInt(EDGES.length)] : random.nextLong());
        word.flip();
        if (random.nextBoolean()) {
          word.limit(4);
        }
        file.write(word, random.nextLong(0, end / 4 - 2) * 4);
      }
    }
  }
}
