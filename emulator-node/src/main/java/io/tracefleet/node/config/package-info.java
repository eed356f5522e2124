// SPDX-License-Identifier: Apache-2.0
/**
 * What a node is told to do: settings as records that validate themselves, the node's configuration
 * file, exit codes and the one exception that carries a line for the user.
 *
 * <p>Everything here is immutable and safe to share between threads.
 */
package io.tracefleet.node.config;
