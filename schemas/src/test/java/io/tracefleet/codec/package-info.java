// SPDX-License-Identifier: Apache-2.0
/**
 * Tests of the trace codec, with an encoder of its own that follows {@code docs/trace-format.md}.
 */
package io.tracefleet.codec;
