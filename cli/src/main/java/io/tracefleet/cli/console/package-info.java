// SPDX-License-Identifier: Apache-2.0
/**
 * What the command says and hears on the terminal: messages and progress on standard error, results
 * on standard output (which belongs to the guest while it runs), text that a guest controls made
 * safe, signals, exit codes.
 *
 * <p>Threading: {@link io.tracefleet.cli.console.Console} and {@link
 * io.tracefleet.cli.console.Signals} may be used by any thread; the rest is stateless or used by
 * one thread.
 */
package io.tracefleet.cli.console;
