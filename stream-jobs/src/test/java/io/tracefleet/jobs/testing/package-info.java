// SPDX-License-Identifier: Apache-2.0
/** Batches made by hand, and a driver for the topology. */
package io.tracefleet.jobs.testing;
