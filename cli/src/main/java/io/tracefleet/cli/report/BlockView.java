// SPDX-License-Identifier: Apache-2.0
package io.tracefleet.cli.report;

import io.tracefleet.cli.report.RunReport.HotBlockRow;
import io.tracefleet.schemas.BlockDetail;

/**
 * A hot block with what it is.
 *
 * @param row its row in the report
 * @param vaddr guest virtual address
 * @param codeHash of its code bytes
 * @param detail instructions and symbol, or null where not known
 * @param weight instructions executed in this block
 */
public record BlockView(
    HotBlockRow row, long vaddr, int codeHash, BlockDetail detail, long weight) {}
