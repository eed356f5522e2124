// SPDX-License-Identifier: Apache-2.0
package io.tracefleet.jobs.testing;

import java.nio.file.Path;
import java.util.List;
import java.util.Map;

/** A broker in this JVM that gives up quickly on clients that were killed. */
public final class TestBroker implements AutoCloseable {
  private static final String LISTENER = "PLAINTEXT";

  private final RaftBroker broker;

  public TestBroker(Path directory) throws Exception {
    broker =
        new RaftBroker(
            directory,
            Map.of(LISTENER, "PLAINTEXT"),
            List.of(),
            Map.of(
                "group.min.session.timeout.ms",
                "500",
                "transaction.abort.timed.out.transaction.cleanup.interval.ms",
                "500"));
  }

  public String bootstrap() {
    return broker.address(LISTENER);
  }

  @Override
  public void close() {
    broker.close();
  }
}
