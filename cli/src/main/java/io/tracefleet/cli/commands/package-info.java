// SPDX-License-Identifier: Apache-2.0
/**
 * The commands of {@code tracefleet}: options in, exit code out. Each composes the cluster, the
 * emulator node, the stream jobs and the report; none of them is used by another package.
 *
 * <p>Threading: a command runs on the main thread; signals come on the JVM's own thread and either
 * interrupt the main thread or are passed to the guests.
 */
package io.tracefleet.cli.commands;
