// SPDX-License-Identifier: Apache-2.0
/**
 * The jobs' HTTP interface: routes, parameters, JSON and CSV, events, the dashboard's files.
 *
 * <p>Threading: handlers run on the server's threads, event streams on one thread each.
 */
package io.tracefleet.jobs.http;
