// SPDX-License-Identifier: Apache-2.0
/**
 * Asks the tasks' stores of all instances, and adds up what they say.
 *
 * <p>An {@link io.tracefleet.jobs.query.Ask} goes to every instance that has partitions of the
 * batches; each answers with the chunks that its stores hold, in the form in which they lie there.
 * {@link io.tracefleet.jobs.query.Views} keeps what was decoded from them until a version changes.
 *
 * <p>Threading: everything may be used by any thread unless it says otherwise.
 */
package io.tracefleet.jobs.query;
