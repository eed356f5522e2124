// SPDX-License-Identifier: Apache-2.0
package io.tracefleet.node.control;

import io.tracefleet.node.config.ConfigException;
import io.tracefleet.node.config.TraceMode;
import io.tracefleet.node.config.TraceWish;
import io.tracefleet.node.config.TraceWish.AddressRange;
import io.tracefleet.schemas.TraceControl;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;

/** The control records of a fleet, as they concern one node. For one thread. */
final class ControlRules {
  static final String ALL_NODES = "*";

  private final String node;
  private final Map<String, TraceWish> wishes = new HashMap<>();

  ControlRules(String node) {
    this.node = node;
  }

  /**
   * Takes one record.
   *
   * @param control null: the key is deleted
   * @throws ConfigException if it cannot be obeyed; what was in force stays
   */
  void take(String key, TraceControl control) throws ConfigException {
    if (!key.equals(node) && !key.equals(ALL_NODES)) {
      return;
    }
    if (control == null) {
      wishes.remove(key);
    } else {
      wishes.put(key, wish(key, control));
    }
  }

  /** What is to be traced on this node; empty: each guest as it was started. */
  Optional<TraceWish> wish() {
    TraceWish own = wishes.get(node);
    return Optional.ofNullable(own != null ? own : wishes.get(ALL_NODES));
  }

  private static TraceWish wish(String key, TraceControl control) throws ConfigException {
    try {
      return new TraceWish(
          TraceMode.parse(control.getMode()),
          control.getAddressFilters().stream()
              .map(range -> new AddressRange(range.getBegin(), range.getEnd()))
              .toList(),
          control.getVcpus(),
          control.getWindows().stream()
              .map(w -> new TraceWish.Window(w.getFrom(), w.getCount(), w.getEvery()))
              .toList(),
          control.getBudget(),
          control.getUpdatedBy());
    } catch (ConfigException | IllegalArgumentException e) {
      throw new ConfigException(
          "control of " + key + ": " + e.getMessage() + "; what was in force stays", e);
    }
  }
}
