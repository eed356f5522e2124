// SPDX-License-Identifier: Apache-2.0
package io.tracefleet.cli.commands;

import io.tracefleet.cli.console.Console;
import io.tracefleet.cli.console.Signals;
import java.util.Map;
import java.util.function.Function;

/**
 * What commands find around them.
 *
 * @param environment environment variables
 * @param consoles makes the terminal, given whether to be quiet
 * @param signals signals of this process
 * @param installation where the program's own files are
 */
record Context(
    Map<String, String> environment,
    Function<Boolean, Console> consoles,
    Signals signals,
    Installation installation) {}
