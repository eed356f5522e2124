// SPDX-License-Identifier: Apache-2.0
package io.tracefleet.node.symbols;

import java.io.IOException;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;

/**
 * Tells what the code of one guest is called. For one thread. Takes as long as reading the guest's
 * files takes, and as asking tools about them takes, which is bounded per file.
 */
public final class Symbolizer implements AutoCloseable {
  /** Label of a guest in system emulation: its kernel's vmlinux or System.map. */
  public static final String KERNEL_LABEL = "kernel-symbols";

  private static final Duration LINES_MOST = Duration.ofSeconds(60);

  private final Tools tools;
  private final Images images;
  private final String asked;
  private final String loaded;
  private Kernel kernel;
  private boolean kernelOpened;

  /**
   * @param labels of the guest
   * @param command QEMU and its arguments: without the label, {@code -kernel} is tried
   * @param warnings told of each file that cannot be used, one line, once
   */
  public Symbolizer(Map<String, String> labels, List<String> command, Consumer<String> warnings) {
    this.tools = new Tools(new Demangler(), new TimeBudget(LINES_MOST, null), warnings);
    this.images = new Images(tools);
    this.asked = labels.get(KERNEL_LABEL);
    int option = command.indexOf("-kernel");
    this.loaded = option > 0 && option + 1 < command.size() ? command.get(option + 1) : null;
  }

  /** Looks at what ran, before any of it is placed. */
  public void learn(boolean systemEmulation, List<Code> blocks) {
    if (systemEmulation && kernel() != null) {
      kernel.learn(blocks);
    }
  }

  /** Where a block is from. */
  public Place place(boolean systemEmulation, Code code) {
    if (systemEmulation) {
      return kernel() == null ? Place.NONE : kernel.place(code);
    }
    return images.place(code);
  }

  /** Whether {@link #place} may know more of this block when more has been learnt. */
  public boolean isUndecided(boolean systemEmulation, Code code) {
    return systemEmulation && kernel() != null && kernel.isUndecided(code);
  }

  private Kernel kernel() {
    if (!kernelOpened) {
      kernelOpened = true;
      kernel = openKernel();
    }
    return kernel;
  }

  private Kernel openKernel() {
    String file = asked != null ? asked : loaded;
    if (file == null) {
      return null;
    }
    try {
      Path path = Path.of(file);
      // Most kernels that QEMU loads are packed, and that is no mistake.
      return asked == null && !Kernel.isElf(path) ? null : Kernel.open(path, tools);
    } catch (IOException | InvalidPathException e) {
      if (asked != null) {
        tools.warnings().accept("kernel symbols " + Names.printable(file) + ": " + e.getMessage());
      }
      return null;
    }
  }

  @Override
  public void close() {
    if (kernel != null) {
      kernel.close();
    }
    images.close();
    tools.demangler().close();
  }
}
