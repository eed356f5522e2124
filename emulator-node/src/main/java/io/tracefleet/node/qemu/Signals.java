// SPDX-License-Identifier: Apache-2.0
package io.tracefleet.node.qemu;

import com.sun.jna.Library;
import com.sun.jna.Native;

/** Numbers of signals, and sending them. */
public final class Signals {
  public static final int HANGUP = 1;
  public static final int INTERRUPT = 2;
  public static final int KILL = 9;
  public static final int TERMINATE = 15;

  /** An exit code above this one is this plus the number of the signal that ended the process. */
  public static final int EXIT_BASE = 128;

  private Signals() {}

  private interface LibC extends Library {
    int kill(int pid, int signal);

    int tcgetpgrp(int descriptor);

    int getpgrp();
  }

  /** Loaded when the first signal is sent. */
  private static final class Holder {
    static final LibC LIBC = Native.load("c", LibC.class);
  }

  /** Sends {@code signal}; a process that is gone is not an error. */
  public static void send(ProcessIdentity process, int signal) {
    if (process.isAlive()) {
      Holder.LIBC.kill((int) process.pid(), signal);
    }
  }

  /**
   * Whether a key on the terminal signals the guests as well as this process: they share its
   * process group.
   */
  public static boolean terminalReachesGuests() {
    for (int descriptor = 0; descriptor <= 2; descriptor++) {
      int foreground = Holder.LIBC.tcgetpgrp(descriptor);
      if (foreground > 0) {
        return foreground == Holder.LIBC.getpgrp();
      }
    }
    return false;
  }
}
