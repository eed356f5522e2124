// SPDX-License-Identifier: Apache-2.0
package io.tracefleet.node.ring;

import io.tracefleet.node.config.ExitCode;
import io.tracefleet.node.config.NodeException;

/** A ring that is not what the layout says. */
public final class RingException extends NodeException {
  RingException(String line) {
    super(ExitCode.INTERNAL, line);
  }

  RingException(String line, Throwable cause) {
    super(ExitCode.INTERNAL, line, cause);
  }
}
