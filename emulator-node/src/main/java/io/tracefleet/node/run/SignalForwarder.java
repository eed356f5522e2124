// SPDX-License-Identifier: Apache-2.0
package io.tracefleet.node.run;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import sun.misc.Signal;
import sun.misc.SignalHandler;

/** While open, SIGINT, SIGTERM and SIGHUP do not end this JVM but go to a node's guests. */
public final class SignalForwarder implements AutoCloseable {
  private static final List<String> NAMES = List.of("INT", "TERM", "HUP");

  private final Map<Signal, SignalHandler> before = new LinkedHashMap<>();

  private SignalForwarder() {}

  /** Starts to forward. */
  public static SignalForwarder install(EmulatorNode node) {
    SignalForwarder forwarder = new SignalForwarder();
    for (String name : NAMES) {
      Signal signal = new Signal(name);
      forwarder.before.put(signal, Signal.handle(signal, s -> node.signal(s.getNumber())));
    }
    return forwarder;
  }

  /** Signals do again what they did before. */
  @Override
  public void close() {
    new ArrayList<>(before.entrySet())
        .forEach(entry -> Signal.handle(entry.getKey(), entry.getValue()));
  }
}
