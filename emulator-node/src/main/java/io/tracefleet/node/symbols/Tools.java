// SPDX-License-Identifier: Apache-2.0
package io.tracefleet.node.symbols;

import java.util.function.Consumer;

/**
 * What the files of one guest are described with.
 *
 * @param demangler for their names
 * @param lines time that asking for source lines of all of them may take
 * @param warnings told of each file that cannot be used, one line, once
 */
record Tools(Demangler demangler, TimeBudget lines, Consumer<String> warnings) {}
