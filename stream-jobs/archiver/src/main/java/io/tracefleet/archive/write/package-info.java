// SPDX-License-Identifier: Apache-2.0
/**
 * The archiver: from Kafka to Parquet, each row once.
 *
 * <p>Batches are written as they arrive, in chunks whose names say where in the topic they begin;
 * results are kept in a scratch database until their run is complete, and then written once. Used
 * by one thread.
 */
package io.tracefleet.archive.write;
