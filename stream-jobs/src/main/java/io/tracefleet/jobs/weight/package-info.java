// SPDX-License-Identifier: Apache-2.0
/**
 * What recorded counts stand for where windows passed the rest over: an estimate, whose totals are
 * true. The HTTP interface and the command line both scale with it.
 *
 * <p>Threading: a {@link io.tracefleet.jobs.weight.ScaledRows} is for one thread, the rest does not
 * change.
 */
package io.tracefleet.jobs.weight;
