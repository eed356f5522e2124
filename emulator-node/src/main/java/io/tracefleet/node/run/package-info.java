// SPDX-License-Identifier: Apache-2.0
/**
 * Runs guests: start QEMU with the plugin, follow the rings of the guest and of what it forks until
 * all of it has arrived, restart what is to be restarted, adopt what a dead node left.
 *
 * <p>Each guest has an agent thread of its own, the caller's of {@link
 * io.tracefleet.node.run.EmulatorNode#trace}. Signals and questions may come from any thread.
 */
package io.tracefleet.node.run;
