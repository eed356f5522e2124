// SPDX-License-Identifier: Apache-2.0
package io.tracefleet.metrics;

import io.micrometer.core.instrument.FunctionCounter;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.Meter;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.Tags;
import io.micrometer.core.instrument.binder.jvm.JvmGcMetrics;
import io.micrometer.core.instrument.binder.jvm.JvmMemoryMetrics;
import io.micrometer.core.instrument.binder.jvm.JvmThreadMetrics;
import io.micrometer.core.instrument.config.MeterFilter;
import io.micrometer.core.instrument.config.MeterFilterReply;
import io.micrometer.prometheusmetrics.PrometheusConfig;
import io.micrometer.prometheusmetrics.PrometheusMeterRegistry;
import java.util.Set;
import java.util.function.Supplier;
import java.util.function.ToDoubleFunction;

/**
 * The meters of one component, with those of its JVM. Values come from a snapshot that is taken
 * once for each page, so that the numbers of one page belong together and taking them costs the
 * component nothing between two pages.
 *
 * <p>Names are written with dots; Prometheus gets underscores, the unit, and {@code _total} behind
 * what only grows.
 *
 * @param <S> the snapshot
 */
public final class ComponentMeters<S> implements AutoCloseable {
  /** Of {@link #page}. */
  public static final String CONTENT_TYPE = "text/plain; version=0.0.4; charset=utf-8";

  private static final String KAFKA = "kafka.";

  private final PrometheusMeterRegistry registry =
      new PrometheusMeterRegistry(PrometheusConfig.DEFAULT);
  private final JvmGcMetrics gc = new JvmGcMetrics();
  private final Supplier<S> source;
  private S snapshot; // guarded by this

  /**
   * @param none what there is before the first page
   * @param source takes a snapshot, one at a time; how long that takes is how long a page takes
   * @param labels of every metric, names and values in turn
   * @param kafka of the hundreds of meters of Kafka's clients, those that are shown
   */
  public ComponentMeters(S none, Supplier<S> source, Set<String> kafka, String... labels) {
    this.source = source;
    this.snapshot = none;
    registry
        .config()
        .commonTags(Tags.of(labels))
        .meterFilter(
            new MeterFilter() {
              @Override
              public MeterFilterReply accept(Meter.Id id) {
                return id.getName().startsWith(KAFKA) && !kafka.contains(id.getName())
                    ? MeterFilterReply.DENY
                    : MeterFilterReply.NEUTRAL;
              }
            });
    new JvmMemoryMetrics().bindTo(registry);
    new JvmThreadMetrics().bindTo(registry);
    gc.bindTo(registry);
  }

  /** For meters that others bind. */
  public MeterRegistry registry() {
    return registry;
  }

  /**
   * Adds a number that only grows.
   *
   * @param unit base unit, such as bytes or seconds; empty for what is counted
   * @param help one sentence
   * @param labels names and values in turn
   */
  public ComponentMeters<S> counter(
      String name, String unit, String help, ToDoubleFunction<S> value, String... labels) {
    FunctionCounter.builder(name, this, meters -> value.applyAsDouble(meters.snapshot()))
        .baseUnit(unit.isEmpty() ? null : unit)
        .description(help)
        .tags(labels)
        .register(registry);
    return this;
  }

  /** Adds a number that goes up and down; as {@link #counter}. */
  public ComponentMeters<S> gauge(
      String name, String unit, String help, ToDoubleFunction<S> value, String... labels) {
    Gauge.builder(name, this, meters -> value.applyAsDouble(meters.snapshot()))
        .baseUnit(unit.isEmpty() ? null : unit)
        .description(help)
        .tags(labels)
        .register(registry);
    return this;
  }

  private S snapshot() {
    return snapshot;
  }

  /** All metrics in Prometheus' text format. */
  public synchronized String page() {
    snapshot = source.get();
    return registry.scrape();
  }

  @Override
  public void close() {
    gc.close();
    registry.close();
  }
}
