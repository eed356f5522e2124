// SPDX-License-Identifier: Apache-2.0
package io.tracefleet.node.config;

/** A setting is wrong. */
public final class ConfigException extends NodeException {
  public ConfigException(String line) {
    super(ExitCode.CONFIG, line);
  }

  public ConfigException(String line, Throwable cause) {
    super(ExitCode.CONFIG, line, cause);
  }
}
