// SPDX-License-Identifier: Apache-2.0
/** Batches made by hand, a driver for the topology, a broker in this JVM. */
package io.tracefleet.jobs.testing;
