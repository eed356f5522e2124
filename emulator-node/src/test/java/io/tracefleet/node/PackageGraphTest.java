// SPDX-License-Identifier: Apache-2.0
package io.tracefleet.node;

import static org.assertj.core.api.Assertions.assertThat;

import io.tracefleet.architecture.ModuleRules;
import org.junit.jupiter.api.Test;

class PackageGraphTest {
  @Test
  void packagesUseWhatTheGraphAllows() throws Exception {
    assertThat(ModuleRules.ofThisModule().violations()).isEmpty();
  }
}
