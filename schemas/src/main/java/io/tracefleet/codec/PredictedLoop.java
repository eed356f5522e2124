// SPDX-License-Identifier: Apache-2.0
package io.tracefleet.codec;

/** Multiplies loops of predicted blocks. */
final class PredictedLoop {
  private final BlockTable blocks;
  private final ControlColumn control;
  private final PhysicalColumn physical;
  private final Current current;
  private boolean system;

  PredictedLoop(
      BlockTable blocks, ControlColumn control, PhysicalColumn physical, Current current) {
    this.blocks = blocks;
    this.control = control;
    this.physical = physical;
    this.current = current;
  }

  void start(PayloadHeader header) {
    system = header.systemEmulation();
  }

  /**
   * Executes predicted blocks as long as all is predicted. When they have come to the same block
   * again, the loop is as good as executed until one of the runs is too short.
   *
   * @param events that are predicted
   * @return how many of them are left
   */
  long multiply(long events) {
    final long[] links = blocks.links;
    final int[] counts = blocks.executions;
    long run = events;
    long predicted = control.predicted;
    int now = current.block;
    int mark = now;
    long period = 0;
    long periodEvents = 0;
    long power = PredictedRun.LOOP;
    while (predicted != 0) {
      int next = Link.successor(links[now]);
      int length = Link.length(links[next]);
      if (length == Link.NO_CHAIN || run < length || physical.predicted < length - 1) {
        break;
      }
      now = next;
      counts[now]++;
      if (system) {
        physical.predicted -= length - 1;
      }
      predicted--;
      run -= length;
      period++;
      periodEvents += length;
      if (now == mark) {
        long times = Math.min(predicted / period, run / periodEvents);
        long accesses = periodEvents - period;
        if (system && accesses != 0) {
          times = Math.min(times, physical.predicted / accesses);
        }
        if (times != 0) {
          for (long i = 0; i < period; i++) {
            now = Link.successor(links[now]);
            counts[now] += (int) times;
          }
          predicted -= times * period;
          run -= times * periodEvents;
          if (system) {
            physical.predicted -= times * accesses;
          }
        }
        break;
      }
      if (period == power) {
        power *= 2;
        mark = now;
        period = 0;
        periodEvents = 0;
      }
    }
    control.predicted = predicted;
    current.block = now;
    return run;
  }
}
