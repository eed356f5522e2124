// SPDX-License-Identifier: Apache-2.0
/**
 * What all components share to be watched: a registry of meters, a small HTTP server for {@code
 * /metrics}, {@code /healthz} and {@code /readyz}, and its settings.
 *
 * <p>Threading: everything may be used by any thread. Meters are read when somebody asks, on the
 * server's threads; nothing here runs on the path of an event.
 */
package io.tracefleet.metrics;
