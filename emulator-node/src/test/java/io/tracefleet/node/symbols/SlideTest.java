// SPDX-License-Identifier: Apache-2.0
package io.tracefleet.node.symbols;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

class SlideTest {
  private final Slide slide = new Slide(8);

  private void vote(long bytes, int times) {
    for (int i = 0; i < times; i++) {
      slide.vote(bytes);
    }
  }

  @Test
  void fewVotesDecideNothing() {
    vote(Slide.STEP, 7);
    assertThat(slide.decide()).isNull();
    vote(Slide.STEP, 1);
    assertThat(slide.decide()).isEqualTo(Slide.STEP);
  }

  @Test
  void votesForAnotherSlideLeaveItOpen() {
    vote(Slide.STEP, 39);
    vote(-Slide.STEP, 10);
    assertThat(slide.decide()).isNull();
    vote(Slide.STEP, 1);
    assertThat(slide.decide()).isEqualTo(Slide.STEP);
  }
}
