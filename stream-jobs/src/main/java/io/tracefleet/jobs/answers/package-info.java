// SPDX-License-Identifier: Apache-2.0
/**
 * Answers to questions of users, as rows of named values, the same for JSON and CSV. The names are
 * those of the reports that the command line writes.
 *
 * <p>Threading: may be used by any thread.
 */
package io.tracefleet.jobs.answers;
