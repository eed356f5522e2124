// SPDX-License-Identifier: Apache-2.0
package io.tracefleet.jobs.table;

import java.util.function.Function;
import org.apache.kafka.streams.query.Query;

/**
 * A question to a {@link TotalsStore}, for Kafka Streams' interactive queries. The function runs on
 * the caller's thread while the task cannot commit, so it must be short.
 *
 * @param <R> the answer
 */
public final class StoreRead<R> implements Query<R> {
  private final Function<StoreView, R> function;

  public StoreRead(Function<StoreView, R> function) {
    this.function = function;
  }

  R apply(StoreView view) {
    return function.apply(view);
  }
}
