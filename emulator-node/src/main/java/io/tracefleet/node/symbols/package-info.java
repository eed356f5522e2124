// SPDX-License-Identifier: Apache-2.0
/**
 * What a block's code is called: image, function and source line. Files are the guest's, so nothing
 * in them is believed: reads and allocations are bounded, and what is broken is one warning. One
 * thread, the publisher's for block details.
 */
package io.tracefleet.node.symbols;
