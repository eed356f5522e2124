// SPDX-License-Identifier: Apache-2.0
/**
 * Measures what users wait for: until a batch is visible, for an answer of the API, for the
 * dashboard's first paint, for SQL over an archive, and how fast the archiver is. What needs a
 * cluster comes in through {@link io.tracefleet.cli.see.Stage}.
 *
 * <p>Threading: one thread measures; clients of the API have threads of their own. Results are
 * immutable.
 */
package io.tracefleet.cli.see;
