// SPDX-License-Identifier: Apache-2.0
/**
 * QEMU as seen from outside: what an executable can do, the command line that loads the plugin, the
 * process and its life.
 *
 * <p>Inspecting may be done by any thread. A guest process may be signalled by any thread.
 */
package io.tracefleet.node.qemu;
