// SPDX-License-Identifier: Apache-2.0
package io.tracefleet.codec;

/**
 * Executes a run of predicted events: accesses until the current block ends, then whole blocks,
 * then accesses of the last.
 */
final class PredictedRun {
  /** Predicted events in a row from which on it is worth looking for a loop. */
  static final int LOOP = 64;

  private final BlockTable blocks;
  private final ControlColumn control;
  private final Chains chains;
  private final PhysicalColumn physical;
  private final MemoryTokens tokens;
  private final SlowBlock slowBlock;
  private final PredictedLoop loop;
  private final Current current;
  private boolean system;

  PredictedRun(
      BlockTable blocks,
      ControlColumn control,
      Chains chains,
      PhysicalColumn physical,
      MemoryTokens tokens,
      SlowBlock slowBlock,
      PredictedLoop loop,
      Current current) {
    this.blocks = blocks;
    this.control = control;
    this.chains = chains;
    this.physical = physical;
    this.tokens = tokens;
    this.slowBlock = slowBlock;
    this.loop = loop;
    this.current = current;
  }

  void start(PayloadHeader header) {
    system = header.systemEmulation();
  }

  /**
   * Executes so many events.
   *
   * @param ended the current block's END was a token
   */
  void execute(long events, boolean ended) throws TraceFormatException {
    // What changes with every block is held in local variables.
    final byte[] controlBytes = control.column.bytes;
    final int controlEnd = control.column.end;
    final boolean physically = system;
    long[] row = blocks.links;
    int[] counts = blocks.executions;
    int now = current.block;
    int place = current.position;
    int chain = blocks.chain(now);
    long run = events;
    boolean over = ended;
    while (true) {
      if (over) {
        over = false;
      } else if (current.slow) {
        run = slowBlock.follow(run);
        if (run == 0) {
          break;
        }
        run--;
      } else {
        int rest = chain - place;
        if (physically) {
          if (physical.predicted < rest && physical.predicted < run) {
            place += (int) physical.predicted;
            run -= physical.predicted + 1;
            physical.predicted = 0;
            current.block = now;
            current.position = place;
            tokens.moved();
            place++;
            continue;
          }
          physical.predicted -= Math.min(rest, run);
        }
        if (run <= rest) {
          place += (int) run;
          break;
        }
        run -= rest + 1;
      }

      current.slow = false;
      int steps = 0;
      long predicted = control.predicted;
      while (true) {
        if (predicted != 0) {
          predicted--;
          now = Link.successor(row[now]);
        } else {
          int from = control.column.at;
          long word = Bytes.i64(controlBytes, from);
          int target = now == 0 ? 0 : control.named(control.code, row[now]);
          long parsed = from + 4 <= controlEnd ? Codes.shortControl(word) : Codes.WIDE;
          long run1 = parsed >>> 8 & 0xff;
          if (target != 0 && parsed != Codes.WIDE && run1 + 1 < control.left) {
            blocks.setSuccessor(now, target);
            now = target;
            predicted = run1;
            control.left -= run1 + 1;
            control.code = parsed >>> 16;
            control.column.at = from + ((int) parsed & 0xff);
          } else {
            control.predicted = 0;
            now = control.next(now);
            predicted = control.predicted;
            row = blocks.links;
            counts = blocks.executions;
          }
        }
        counts[now]++;
        int length = Link.length(row[now]);
        if (length == Link.NO_CHAIN) {
          if (now == 0) {
            throw control.column.error("no successor to expect");
          }
          chains.link(now);
          length = Link.length(row[now]);
          if (length == Link.NO_CHAIN) {
            current.slow = true;
            break;
          }
          if (physically) {
            chains.linked(now);
          }
        }
        if (physically) {
          if (run < length || physical.predicted < length - 1) {
            chain = length - 1;
            place = 0;
            break;
          }
          physical.predicted -= length - 1;
        } else if (run < length) {
          chain = length - 1;
          place = 0;
          break;
        }
        run -= length;
        if (++steps == LOOP) {
          if (predicted > LOOP && run > LOOP) {
            control.predicted = predicted;
            current.block = now;
            run = loop.multiply(run);
            predicted = control.predicted;
            now = current.block;
          }
          steps = 0;
        }
      }
      control.predicted = predicted;
    }
    current.block = now;
    current.position = place;
  }
}
