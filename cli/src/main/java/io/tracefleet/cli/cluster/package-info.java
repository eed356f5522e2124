// SPDX-License-Identifier: Apache-2.0
/**
 * The embedded cluster: one Kafka broker in this JVM and one schema registry in a child JVM, both
 * on the loopback interface only, and the file in which a running cluster is written down for other
 * commands.
 *
 * <p>Threading: {@link io.tracefleet.cli.cluster.EmbeddedCluster} is started by one thread and may
 * be closed by any thread, once or more often. Broker and registry are started side by side on
 * threads of their own; every wait is bounded.
 */
package io.tracefleet.cli.cluster;
