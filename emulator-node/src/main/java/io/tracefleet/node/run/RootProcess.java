// SPDX-License-Identifier: Apache-2.0
package io.tracefleet.node.run;

import io.tracefleet.node.qemu.GuestProcess;
import io.tracefleet.node.qemu.ProcessIdentity;
import java.util.OptionalInt;

/** The process that a node started for a guest, as far as this node has it in its hands. */
interface RootProcess {
  /** A dead node's: it is known by its ring only, like those that it forked. */
  RootProcess OF_ANOTHER_NODE =
      new RootProcess() {
        @Override
        public OptionalInt exitCode() {
          return OptionalInt.empty();
        }

        @Override
        public void signal(int number) {}

        @Override
        public boolean is(ProcessIdentity process) {
          return false;
        }
      };

  /** One that this node started. */
  static RootProcess of(GuestProcess process) {
    return new RootProcess() {
      @Override
      public OptionalInt exitCode() {
        return process.exitCode();
      }

      @Override
      public void signal(int number) {
        process.signal(number);
      }

      @Override
      public boolean is(ProcessIdentity other) {
        return process.identity().equals(other);
      }
    };
  }

  /** Its exit code, 128 + n if signal n ended it; empty while it runs or if nobody can tell. */
  OptionalInt exitCode();

  void signal(int number);

  boolean is(ProcessIdentity process);
}
