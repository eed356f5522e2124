// SPDX-License-Identifier: Apache-2.0
package io.tracefleet.jobs.table;

import java.util.Map;
import org.apache.kafka.common.serialization.Serdes;
import org.apache.kafka.common.utils.Bytes;
import org.apache.kafka.streams.state.KeyValueBytesStoreSupplier;
import org.apache.kafka.streams.state.KeyValueStore;
import org.apache.kafka.streams.state.StoreBuilder;
import org.apache.kafka.streams.state.Stores;

/**
 * Builds a {@link TotalsStore} above the library's own store. Logging is always on: it is what
 * survives.
 */
public final class TotalsStoreBuilder implements StoreBuilder<TotalsStore> {
  private final StoreBuilder<KeyValueStore<Bytes, byte[]>> inner;
  private final int maxRows;

  /**
   * @param supplier the store below, in memory or on disk
   * @param maxRows how many rows a task may keep in memory before idle ones are forgotten
   */
  public TotalsStoreBuilder(KeyValueBytesStoreSupplier supplier, int maxRows) {
    this.inner =
        Stores.keyValueStoreBuilder(supplier, Serdes.Bytes(), Serdes.ByteArray())
            .withCachingDisabled()
            .withLoggingEnabled(Map.of());
    this.maxRows = maxRows;
  }

  @Override
  public StoreBuilder<TotalsStore> withCachingEnabled() {
    throw new UnsupportedOperationException("a TotalsStore is a cache of its own");
  }

  @Override
  public StoreBuilder<TotalsStore> withCachingDisabled() {
    return this;
  }

  @Override
  public StoreBuilder<TotalsStore> withLoggingEnabled(Map<String, String> config) {
    inner.withLoggingEnabled(config);
    return this;
  }

  @Override
  public StoreBuilder<TotalsStore> withLoggingDisabled() {
    throw new UnsupportedOperationException("a TotalsStore without a changelog would lose totals");
  }

  @Override
  public TotalsStore build() {
    return new TotalsStore(inner.build(), maxRows);
  }

  @Override
  public Map<String, String> logConfig() {
    return inner.logConfig();
  }

  @Override
  public boolean loggingEnabled() {
    return true;
  }

  @Override
  public String name() {
    return inner.name();
  }
}
