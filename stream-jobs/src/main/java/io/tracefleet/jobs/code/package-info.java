// SPDX-License-Identifier: Apache-2.0
/**
 * Which code is the same, what it is called, and how it adds up by function and over many runs. The
 * HTTP interface and the command line both count with it.
 *
 * <p>Threading: for one thread at a time; what is handed out does not change any more.
 */
package io.tracefleet.jobs.code;
