// SPDX-License-Identifier: Apache-2.0
package io.tracefleet.codec;

/** Follows predicted events of a block without a chain, access by access. */
final class SlowBlock {
  /** Accesses after which it is worth looking whether slots lead round in a circle. */
  private static final int LOOP = 64;

  private static final int LONGEST = 1 << 20;

  private final SlotTable slots;
  private final SlotAccounts accounts;
  private final MemoryTokens tokens;
  private final PhysicalColumn physical;
  private final Current current;
  private boolean system;

  SlowBlock(
      SlotTable slots,
      SlotAccounts accounts,
      MemoryTokens tokens,
      PhysicalColumn physical,
      Current current) {
    this.slots = slots;
    this.accounts = accounts;
    this.tokens = tokens;
    this.physical = physical;
    this.current = current;
  }

  void start(PayloadHeader header) {
    system = header.systemEmulation();
  }

  /**
   * Predicted events of the block.
   *
   * @return how many of them are left when the block ends; 0 if it does not
   */
  long follow(long events) throws TraceFormatException {
    long run = events;
    int steps = 0;
    int patience = LOOP;
    while (run != 0 && current.expected != SlotTable.END) {
      int s = current.expected;
      current.previous = s;
      current.expected = slots.next(s);
      run--;
      if (system) {
        tokens.access(slots.step(s), s);
      } else {
        accounts.one(slots.kind(s));
      }
      if (++steps == patience) {
        run = multiply(run);
        steps = 0;
        patience = Math.min(2 * patience, LONGEST);
      }
    }
    return run;
  }

  /** If slots that are expected form a circle: goes round as often as is predicted. */
  private long multiply(long run) throws TraceFormatException {
    long most = Math.min(run, physical.predicted);
    long period = 0;
    int s = current.expected;
    do {
      if (s == SlotTable.END || period == most) {
        return run;
      }
      s = slots.next(s);
      period++;
    } while (s != current.expected);
    long times = most / period;
    for (long i = 0; i < period; i++) {
      current.previous = s;
      accounts.advance(s, times);
      s = slots.next(s);
    }
    if (system) {
      physical.predicted -= times * period;
    }
    return run - times * period;
  }
}
