// SPDX-License-Identifier: Apache-2.0
package io.tracefleet.codec;

import java.util.ArrayList;
import java.util.List;
import java.util.Random;

/** A payload and the events that it stands for. */
record Batch(byte[] payload, List<Event> events, long dispatched) {

  /** All events in one batch, the last block ended. */
  static Batch whole(List<Event> events, boolean system, Random random) {
    TestEncoder encoder = new TestEncoder(system, 0, random);
    events.forEach(encoder::add);
    TestEncoder.Counts counts = encoder.ended();
    return new Batch(encoder.payload(counts, false), events, counts.dispatched());
  }

  /**
   * Splits a stream into batches at random places, inside blocks too.
   *
   * @param mean events in a batch
   */
  static List<Batch> split(List<Event> events, boolean system, int mean, Random random) {
    List<Batch> batches = new ArrayList<>();
    long leading = 0;
    int at = 0;
    while (at < events.size()) {
      TestEncoder encoder = new TestEncoder(system, leading, random);
      List<Event> contained = new ArrayList<>();
      Event.Code running = null;
      int partial = -1;
      int end = Math.min(events.size(), at + 1 + random.nextInt(2 * mean));
      for (; at < end; at++) {
        Event event = events.get(at);
        if (event instanceof Event.Block block) {
          running = block.code();
          partial = -1;
        } else if (event instanceof Event.Partial p) {
          if (running == null) {
            continue; // what was dispatched of it is leading
          }
          partial = p.dispatched();
        }
        contained.add(event);
        encoder.add(event);
      }
      boolean ends = at == events.size() || events.get(at) instanceof Event.Block;
      leading = 0;
      TestEncoder.Counts counts;
      TestEncoder.Counts rescued = null;
      if (running == null || ends || partial >= 0) {
        counts = encoder.ended();
      } else {
        int dispatched = dispatched(events, at, running);
        int progress = random.nextInt(dispatched + 1);
        leading = dispatched - progress;
        if (random.nextBoolean()) {
          Event cut = new Event.Partial(progress);
          contained.add(endOfAccesses(contained), cut);
          encoder.add(cut);
          counts = encoder.ended();
        } else {
          counts = encoder.running(progress);
        }
      }
      if (random.nextInt(4) == 0
          && at < events.size()
          && !(events.get(at) instanceof Event.Partial)) {
        // The process died after it had written the next event and before it counted it.
        rescued = counts;
        encoder.add(events.get(at));
      }
      batches.add(
          new Batch(encoder.payload(counts, rescued != null), contained, counts.dispatched()));
    }
    return batches;
  }

  /** Where the decoder tells that the last block was left midway: before the system calls. */
  private static int endOfAccesses(List<Event> events) {
    int end = events.size();
    while (events.get(end - 1) instanceof Event.Syscall
        || events.get(end - 1) instanceof Event.SyscallReturn) {
      end--;
    }
    return end;
  }

  /** Instructions that the running block dispatches in the end. */
  private static int dispatched(List<Event> events, int from, Event.Code running) {
    for (int i = from; i < events.size() && !(events.get(i) instanceof Event.Block); i++) {
      if (events.get(i) instanceof Event.Partial partial) {
        return partial.dispatched();
      }
    }
    return running.instructions();
  }
}
