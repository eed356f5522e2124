// SPDX-License-Identifier: Apache-2.0
/**
 * What an archive looks like: its tables, their columns, the names of their files, and the database
 * engine that reads and writes them.
 *
 * <p>{@link io.tracefleet.archive.table.Duck} is used by one thread; the rest is immutable.
 */
package io.tracefleet.archive.table;
