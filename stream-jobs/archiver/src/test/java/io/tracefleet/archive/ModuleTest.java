// SPDX-License-Identifier: Apache-2.0
package io.tracefleet.archive;

import static org.assertj.core.api.Assertions.assertThat;

import io.tracefleet.architecture.ModuleRules;
import org.junit.jupiter.api.Test;

class ModuleTest {
  @Test
  void packagesUseWhatTheirGraphAllows() throws Exception {
    assertThat(ModuleRules.ofThisModule().violations()).isEmpty();
  }
}
