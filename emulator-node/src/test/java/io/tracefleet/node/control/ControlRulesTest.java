// SPDX-License-Identifier: Apache-2.0
package io.tracefleet.node.control;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.tracefleet.node.config.ConfigException;
import io.tracefleet.node.config.TraceMode;
import io.tracefleet.node.config.TraceWish;
import io.tracefleet.schemas.AddressRange;
import io.tracefleet.schemas.InstructionWindow;
import io.tracefleet.schemas.TraceControl;
import java.time.Instant;
import java.util.List;
import org.junit.jupiter.api.Test;

final class ControlRulesTest {
  private final ControlRules rules = new ControlRules("node-1");

  private static TraceControl control(String mode, AddressRange... ranges) {
    return new TraceControl(
        mode, List.of(ranges), List.of(), List.of(), 0L, "me@here", Instant.ofEpochSecond(1));
  }

  @Test
  void theNodesOwnNameGoesBeforeAllNodes() throws Exception {
    assertThat(rules.wish()).isEmpty();
    rules.take("*", control("off"));
    assertThat(rules.wish()).contains(new TraceWish(TraceMode.OFF, List.of(), "me@here"));
    rules.take("node-1", control("count", new AddressRange(16L, -16L)));
    rules.take("*", control("full"));
    rules.take("node-2", control("full"));
    assertThat(rules.wish())
        .contains(
            new TraceWish(
                TraceMode.COUNT, List.of(new TraceWish.AddressRange(16, -16)), "me@here"));
    rules.take("node-1", null);
    assertThat(rules.wish().orElseThrow().mode()).isEqualTo(TraceMode.FULL);
    rules.take("*", null);
    assertThat(rules.wish()).isEmpty();
  }

  @Test
  void vcpusWindowsAndTheBudgetArePassedOn() throws Exception {
    TraceControl control = control("full");
    control.setVcpus(List.of(0, 2));
    control.setWindows(List.of(new InstructionWindow(5L, 10L, 100L)));
    control.setBudget(1_000_000L);
    rules.take("*", control);

    assertThat(rules.wish())
        .contains(
            new TraceWish(
                TraceMode.FULL,
                List.of(),
                List.of(0, 2),
                List.of(new TraceWish.Window(5, 10, 100)),
                1_000_000,
                "me@here"));
  }

  @Test
  void whatCannotBeObeyedChangesNothing() throws Exception {
    rules.take("*", control("off"));

    assertThatThrownBy(() -> rules.take("*", control("loud")))
        .isInstanceOf(ConfigException.class)
        .hasMessage(
            "control of *: \"loud\" is not one of full, count, off; what was in force stays");
    assertThatThrownBy(() -> rules.take("*", control("full", new AddressRange(32L, 16L))))
        .isInstanceOf(ConfigException.class)
        .hasMessageContaining("0x20-0x10: expected BEGIN-END with BEGIN below END");
    TraceControl windows = control("full");
    windows.setWindows(List.of(new InstructionWindow(0L, 10L, 9L)));
    assertThatThrownBy(() -> rules.take("*", windows))
        .isInstanceOf(ConfigException.class)
        .hasMessageContaining("window of 10 every 9: expected no more than there are");
    TraceControl budget = control("full");
    budget.setBudget(-1L);
    assertThatThrownBy(() -> rules.take("*", budget))
        .isInstanceOf(ConfigException.class)
        .hasMessageContaining("budget -1: expected bytes per second");
    assertThat(rules.wish().orElseThrow().mode()).isEqualTo(TraceMode.OFF);
  }
}
