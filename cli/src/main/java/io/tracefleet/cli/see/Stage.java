// SPDX-License-Identifier: Apache-2.0
package io.tracefleet.cli.see;

import io.tracefleet.schemas.serde.SerdeFactory;

/** A cluster of its own with stream jobs that answer over HTTP. Used by one thread. */
public interface Stage extends AutoCloseable {
  /** Starts one. */
  interface Opener {
    Stage open() throws Exception;
  }

  /** Broker, {@code host:port}. */
  String bootstrap();

  /** Schema registry's URL. */
  String registry();

  /** Of that registry. */
  SerdeFactory serdes();

  /** Where the jobs answer. */
  String url();

  /**
   * Traces a guest in full mode, and returns when all of it has been aggregated.
   *
   * @return bytes of payload
   */
  long trace() throws Exception;

  @Override
  void close();
}
