// SPDX-License-Identifier: Apache-2.0
package io.tracefleet.metrics;

import static org.assertj.core.api.Assertions.assertThat;

import io.tracefleet.architecture.ModuleRules;
import org.junit.jupiter.api.Test;

class ModuleTest {
  @Test
  void packagesUseWhatTheGraphAllows() throws Exception {
    assertThat(ModuleRules.ofThisModule().violations()).isEmpty();
  }
}
