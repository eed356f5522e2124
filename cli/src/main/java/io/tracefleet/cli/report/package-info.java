// SPDX-License-Identifier: Apache-2.0
/**
 * From the result topics to what the user sees: reads what the stream jobs wrote about a run,
 * merges it, and renders the report as JSON and as tables, with the audit of what was executed
 * against what was aggregated.
 *
 * <p>Threading: readers belong to the thread that made them; records are immutable; builders and
 * renderers are stateless.
 */
package io.tracefleet.cli.report;
