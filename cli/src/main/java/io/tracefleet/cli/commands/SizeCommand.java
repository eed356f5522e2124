// SPDX-License-Identifier: Apache-2.0
package io.tracefleet.cli.commands;

import io.tracefleet.cli.console.CommandException;
import io.tracefleet.cli.console.Console;
import io.tracefleet.cli.console.Exit;
import io.tracefleet.cli.console.Grid;
import io.tracefleet.cli.size.Amounts;
import io.tracefleet.cli.size.Fleet;
import io.tracefleet.cli.size.GuestCosts;
import io.tracefleet.cli.size.SizeTable;
import io.tracefleet.node.config.TraceMode;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** Says how large a cluster a fleet needs. */
@Command(
    name = "size",
    description =
        "Says how large a cluster a fleet needs, by simulating an hour of guests that execute in bursts, with costs that"
            + " were measured. Needs no cluster.",
    footer = {
      "",
      "What the columns mean and what is assumed: docs/kubernetes.md.",
      "",
      "Examples:",
      "  tracefleet size --nodes 100 --instructions-per-second 50M --mode full --retention 24h",
      "  tracefleet size --nodes 10,100,1000 --mode count,full"
    })
final class SizeCommand implements Callable<Integer> {
  private final Context context;

  @Mixin private OutputOptions output;

  @Option(
      names = "--nodes",
      paramLabel = "N",
      split = ",",
      defaultValue = "10",
      description = "Emulator nodes, 1 to 10000; several numbers with commas between them.")
  private List<Integer> nodes;

  @Option(
      names = "--vcpus",
      paramLabel = "N",
      defaultValue = "4",
      description = "vCPUs of a node's guests together, 1 to 256. Default: ${DEFAULT-VALUE}.")
  private int vcpus;

  @Option(
      names = "--instructions-per-second",
      paramLabel = "N",
      defaultValue = "50M",
      description = "Of a node, mean over time, such as 50M or 1.5G. Default: ${DEFAULT-VALUE}.")
  private String instructionsPerSecond;

  @Option(
      names = "--guest",
      paramLabel = "GUEST",
      split = ",",
      defaultValue = "linux",
      description =
          "Guests that cost what this one did: linux (a kernel boots), sort (a program sorts and"
              + " hashes). Default: ${DEFAULT-VALUE}.")
  private List<GuestCosts.Guest> guests;

  @Option(
      names = "--mode",
      paramLabel = "MODE",
      split = ",",
      defaultValue = "full",
      description = "count, full. Default: ${DEFAULT-VALUE}.")
  private List<TraceMode> modes;

  @Option(
      names = "--retention",
      paramLabel = "HOURS",
      defaultValue = "24h",
      description = "How long batches stay in Kafka, such as 24h. Default: ${DEFAULT-VALUE}.")
  private String retention;

  @Option(
      names = "--lag",
      paramLabel = "SECONDS",
      defaultValue = "30",
      description =
          "How long batches may wait for the jobs, 99th percentile. Default: ${DEFAULT-VALUE}.")
  private double lag;

  @Option(
      names = "--broker-cores",
      paramLabel = "N",
      defaultValue = "4",
      description = "Cores of each broker, 1 to 256. Default: ${DEFAULT-VALUE}.")
  private int brokerCores;

  @Option(
      names = "--seed",
      paramLabel = "N",
      defaultValue = "1",
      description = "Another one draws other bursts. Default: ${DEFAULT-VALUE}.")
  private long seed;

  @Option(names = "--markdown", description = "Prints the table for a page.")
  private boolean markdown;

  SizeCommand(Context context) {
    this.context = context;
  }

  @Override
  public Integer call() throws CommandException {
    Console console = context.consoles().apply(output.quiet());
    try {
      Duration kept = hours(retention);
      Grid grid = new SizeTable(lag, brokerCores, seed).of(fleets(kept));
      console.result(markdown ? grid.toMarkdown() : grid.toText());
    } catch (IllegalArgumentException e) {
      throw new CommandException(Exit.USAGE, e.getMessage(), e);
    }
    return Exit.OK;
  }

  private List<Fleet> fleets(Duration kept) {
    double each = Amounts.parse(instructionsPerSecond);
    List<Fleet> fleets = new ArrayList<>();
    for (GuestCosts.Guest guest : guests) {
      for (TraceMode mode : modes) {
        for (int count : nodes) {
          fleets.add(new Fleet(count, vcpus, each, GuestCosts.of(guest, mode), kept));
        }
      }
    }
    return fleets;
  }

  private static Duration hours(String text) {
    if (!text.matches("\\d{1,6}h")) {
      throw new IllegalArgumentException("--retention " + text + ": give hours, such as 24h.");
    }
    return Duration.ofHours(Long.parseLong(text.substring(0, text.length() - 1)));
  }
}
