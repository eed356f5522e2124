// SPDX-License-Identifier: Apache-2.0
package io.tracefleet.node.qemu;

import io.tracefleet.node.config.ExitCode;
import io.tracefleet.node.config.NodeException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;

/**
 * The command line that loads the plugin.
 *
 * @param arguments QEMU and its arguments
 * @param environment what has to be added to the environment
 */
public record QemuCommand(List<String> arguments, Map<String, String> environment) {
  /** Tells the plugin which API version to claim where it cannot find out itself. */
  static final String API_VARIABLE = "TRACEFLEET_PLUGIN_API";

  private static final int FIRST_WITH_VARIABLE = 6;

  public QemuCommand {
    arguments = List.copyOf(arguments);
    environment = Map.copyOf(environment);
  }

  /**
   * Puts {@code -plugin} after the first word of {@code command}.
   *
   * @param options of the plugin, in order
   */
  public static QemuCommand withPlugin(
      QemuInfo qemu, List<String> command, Path library, Map<String, String> options)
      throws NodeException {
    refuseOtherAccelerators(qemu, command);
    // The form for all values, "arg=name=value", went out of use in 6.2; values hold commas doubled
    // in both.
    boolean old = isBefore(qemu.version(), 6, 2);
    String plugin =
        options.entrySet().stream()
            .map(option -> (old ? "arg=" : "") + escape(option.getKey() + "=" + option.getValue()))
            .collect(Collectors.joining(",", escape(library.toString()) + ",", ""));
    List<String> arguments = new ArrayList<>();
    arguments.add(qemu.executable().toString());
    arguments.add("-plugin");
    arguments.add(plugin);
    Map<String, String> environment = Map.of();
    if (qemu.claim() >= FIRST_WITH_VARIABLE) {
      environment = Map.of(API_VARIABLE, Integer.toString(qemu.claim()));
      if (!qemu.systemEmulation()) {
        // The guest's environment is part of what it executes: keep ours out of it.
        arguments.add("-U");
        arguments.add(API_VARIABLE);
      }
    }
    arguments.addAll(command.subList(1, command.size()));
    return new QemuCommand(arguments, environment);
  }

  private static String escape(String value) {
    return value.replace(",", ",,");
  }

  private static boolean isBefore(String version, int major, int minor) {
    String[] numbers = version.split("\\.");
    int theirs = Integer.parseInt(numbers[0]);
    return theirs < major || theirs == major && Integer.parseInt(numbers[1]) < minor;
  }

  /** Guests in KVM or Xen run beside QEMU's translator: a trace would be silently empty. */
  private static void refuseOtherAccelerators(QemuInfo qemu, List<String> command)
      throws NodeException {
    if (!qemu.systemEmulation()) {
      return;
    }
    for (int i = 1; i < command.size(); i++) {
      String option =
          command.get(i).startsWith("--") ? command.get(i).substring(1) : command.get(i);
      String value = i + 1 < command.size() ? command.get(i + 1) : "";
      boolean other =
          switch (option) {
            case "-enable-kvm" -> true;
            case "-accel" -> !isTcg(value.split(",", 2)[0].replaceFirst("^accel=", ""));
            case "-machine", "-M" -> machineAccelerator(value);
            default -> false;
          };
      if (other) {
        throw new NodeException(
            ExitCode.QEMU_UNUSABLE,
            option
                + (option.equals("-enable-kvm") ? "" : " " + value)
                + ": only guests on QEMU's own translator can be traced; use -accel tcg");
      }
    }
  }

  private static boolean machineAccelerator(String value) {
    for (String part : value.split(",", -1)) {
      if (part.startsWith("accel=") && !isTcg(part.substring("accel=".length()).split(":", 2)[0])) {
        return true;
      }
    }
    return false;
  }

  private static boolean isTcg(String accelerator) {
    return accelerator.equals("tcg") || accelerator.equals("help") || accelerator.equals("?");
  }
}
