// SPDX-License-Identifier: Apache-2.0
/**
 * Reads an archive: a database with a view for each table, and what one run's batches hold.
 *
 * <p>Used by one thread.
 */
package io.tracefleet.archive.read;
