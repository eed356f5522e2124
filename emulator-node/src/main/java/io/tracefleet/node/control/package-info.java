// SPDX-License-Identifier: Apache-2.0
/**
 * What the fleet wants traced: follows {@code tracefleet.control} with a thread of its own. Others
 * ask for the wish in force from any thread.
 */
package io.tracefleet.node.control;
