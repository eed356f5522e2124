// SPDX-License-Identifier: Apache-2.0
package io.tracefleet.node.ring;

import io.tracefleet.node.config.ExitCode;
import io.tracefleet.node.config.NodeException;
import java.nio.file.Path;

/** A ring that is not what the layout says. */
public final class RingException extends NodeException {
  RingException(String line) {
    super(ExitCode.INTERNAL, line);
  }

  /**
   * The file was cut short while it was mapped.
   *
   * @param fault how the JVM reports that a page of a mapping is not there any more; null if it was
   *     seen before
   */
  public static RingException cutShort(Path ring, InternalError fault) {
    return new RingException("ring " + ring + ": was cut short by the guest", fault);
  }

  RingException(String line, Throwable cause) {
    super(ExitCode.INTERNAL, line, cause);
  }
}
