// SPDX-License-Identifier: Apache-2.0
package io.tracefleet.jobs.http;

import io.javalin.http.Context;
import jakarta.servlet.http.HttpServletResponse;
import java.io.IOException;
import java.io.OutputStream;
import org.eclipse.jetty.ee10.servlet.ServletContextRequest;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * An answer that is written while it is made. If that fails after some of it is on its way the
 * connection is broken off, so that nobody takes a part for the whole.
 */
final class LongAnswer {
  private static final Logger log = LoggerFactory.getLogger(LongAnswer.class);

  private LongAnswer() {}

  /** Writes an answer. */
  @FunctionalInterface
  interface Body {
    void write(OutputStream out) throws IOException;
  }

  /** Status and headers must have been set. */
  static void send(Context context, Body body) {
    HttpServletResponse response = context.res();
    try {
      body.write(context.outputStream());
    } catch (IOException e) {
      log.debug("path={} the reader went away: {}", context.path(), e.getMessage());
    } catch (RuntimeException e) {
      if (!response.isCommitted()) {
        response.resetBuffer(); // it can still become an answer that says so
        throw e;
      }
      log.error("path={} failed in the middle of the answer", context.path(), e);
      ServletContextRequest.getServletContextRequest(context.req())
          .getConnectionMetaData()
          .getConnection()
          .getEndPoint()
          .close(e);
    }
  }
}
