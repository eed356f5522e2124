// SPDX-License-Identifier: Apache-2.0
package io.tracefleet.node.symbols;

/**
 * @param file as the compiler was given it or made it absolute
 * @param line from 1, null where only the file is known
 */
record SourceLine(String file, Integer line) {}
