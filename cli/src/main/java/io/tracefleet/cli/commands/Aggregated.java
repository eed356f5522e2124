// SPDX-License-Identifier: Apache-2.0
package io.tracefleet.cli.commands;

import io.tracefleet.cli.report.RunView;
import java.util.List;

/**
 * Results as far as they are there.
 *
 * @param views the runs asked for, in the same order
 * @param complete all that was published has been aggregated
 * @param interrupted the user did not want to wait
 * @param reason why it is not complete
 */
record Aggregated(List<RunView> views, boolean complete, boolean interrupted, String reason) {}
