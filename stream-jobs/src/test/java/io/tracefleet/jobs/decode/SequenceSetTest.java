// SPDX-License-Identifier: Apache-2.0
package io.tracefleet.jobs.decode;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.Collections;
import java.util.HashSet;
import java.util.List;
import java.util.Random;
import java.util.Set;
import org.junit.jupiter.api.Test;

class SequenceSetTest {
  @Test
  void rangesJoinWhenAHoleIsFilled() {
    SequenceSet set = new SequenceSet();
    for (long sequence : new long[] {5, 3, 9, 0, 4}) {
      set.add(sequence);
    }
    assertThat(set).hasToString("[0,1) [3,6) [9,10)");

    set.add(1);
    set.add(2);

    assertThat(set).hasToString("[0,6) [9,10)");
    assertThat(set.ranges()).isEqualTo(1);
  }

  @Test
  void sameAsASetInWhateverOrder() {
    long seed = System.nanoTime();
    Random random = new Random(seed);
    for (int round = 0; round < 300; round++) {
      SequenceSet set = new SequenceSet();
      Set<Long> model = new HashSet<>();
      for (int i = 0; i < 60; i++) {
        long sequence = random.nextInt(50);
        assertThat(set.contains(sequence))
            .as("seed %d, %d in %s", seed, sequence, set)
            .isEqualTo(model.contains(sequence));
        if (model.add(sequence)) {
          set.add(sequence);
        }
        if (random.nextInt(10) == 0) {
          set = SequenceSet.decode(set.encode());
        }
      }
      for (long sequence = 0; sequence < 55; sequence++) {
        assertThat(set.contains(sequence))
            .as("seed %d, %d in %s", seed, sequence, set)
            .isEqualTo(model.contains(sequence));
      }
    }
  }

  @Test
  void withoutHolesThereAreNoRanges() {
    List<Long> all = new ArrayList<>();
    for (long sequence = 0; sequence < 1000; sequence++) {
      all.add(sequence);
    }
    long seed = System.nanoTime();
    Collections.shuffle(all, new Random(seed));
    SequenceSet set = new SequenceSet();

    all.forEach(set::add);

    assertThat(set).as("seed %d", seed).hasToString("[0,1000)");
    assertThat(set.encode()).hasSize(4);
  }
}
