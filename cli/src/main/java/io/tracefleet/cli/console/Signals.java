// SPDX-License-Identifier: Apache-2.0
package io.tracefleet.cli.console;

import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.IntConsumer;
import sun.misc.Signal;

/**
 * Takes SIGINT, SIGTERM and SIGHUP from the JVM's own handler, so that a command decides in each
 * phase what they mean. A phase is a handler that is called on the JVM's signal thread and must not
 * block.
 */
public final class Signals {
  private static final List<String> NAMES = List.of("INT", "TERM", "HUP");

  private final AtomicReference<IntConsumer> phase;
  private final AtomicInteger first = new AtomicInteger();

  private Signals(IntConsumer initial) {
    this.phase = new AtomicReference<>(initial);
  }

  /**
   * Installs the handlers for the rest of this JVM's life. A signal that was ignored at start stays
   * ignored.
   */
  public static Signals install(IntConsumer initial) {
    Signals signals = new Signals(initial);
    for (String name : NAMES) {
      Signal.handle(new Signal(name), signal -> signals.deliver(signal.getNumber()));
    }
    return signals;
  }

  /** Handlers without the operating system, for tests that call {@link #deliver} themselves. */
  public static Signals detached(IntConsumer initial) {
    return new Signals(initial);
  }

  /** From now on signals go to this handler, which is given the signal's number. */
  public void phase(IntConsumer handler) {
    phase.set(handler);
  }

  /** From now on signals interrupt the calling thread. */
  public void phaseInterrupting() {
    Thread thread = Thread.currentThread();
    phase.set(number -> thread.interrupt());
  }

  /** Number of the first signal that came, 0 if none did. */
  public int first() {
    return first.get();
  }

  /** Hands a signal to the current phase. */
  public void deliver(int number) {
    first.compareAndSet(0, number);
    phase.get().accept(number);
  }
}
