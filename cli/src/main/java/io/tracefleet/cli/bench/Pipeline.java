// SPDX-License-Identifier: Apache-2.0
package io.tracefleet.cli.bench;

import io.tracefleet.node.config.TraceMode;
import java.util.Map;

/** Node, broker and jobs, ready. Used by one thread. */
public interface Pipeline {
  /**
   * Traces a guest and returns when all of it has been aggregated.
   *
   * @param options further arguments of the plugin
   * @throws Exception if the guest or the trace failed, or anything was lost
   */
  Sample trace(BenchGuest guest, TraceMode mode, Map<String, String> options) throws Exception;
}
