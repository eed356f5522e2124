// SPDX-License-Identifier: Apache-2.0
package io.tracefleet.node.qemu;

import java.nio.file.Path;
import java.util.Objects;

/**
 * A QEMU that can load the plugin.
 *
 * @param executable absolute path
 * @param version such as 7.2.22
 * @param systemEmulation false for user mode
 * @param target such as x86_64; null where only the running QEMU tells
 * @param apiMin oldest plugin API version that it accepts
 * @param apiCurrent its plugin API version
 * @param claim the API version that the plugin should claim
 */
public record QemuInfo(
    Path executable,
    String version,
    boolean systemEmulation,
    String target,
    int apiMin,
    int apiCurrent,
    int claim) {
  public QemuInfo {
    Objects.requireNonNull(executable);
    Objects.requireNonNull(version);
  }
}
