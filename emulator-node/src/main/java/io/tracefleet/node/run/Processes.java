// SPDX-License-Identifier: Apache-2.0
package io.tracefleet.node.run;

import io.tracefleet.node.qemu.ProcessIdentity;
import io.tracefleet.node.qemu.Signals;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;

/** The processes of this machine, as a test may give them. */
interface Processes {
  /** The real ones. */
  Processes SYSTEM =
      new Processes() {
        @Override
        public boolean isAlive(ProcessIdentity process) {
          return process.isAlive();
        }

        @Override
        public Optional<Boolean> maps(ProcessIdentity process, Path file) {
          return process.maps(file);
        }

        @Override
        public List<ProcessIdentity> mapping(Path directory) {
          return ProcessIdentity.mapping(directory).toList();
        }

        @Override
        public void kill(ProcessIdentity process) {
          Signals.send(process, Signals.KILL);
        }
      };

  boolean isAlive(ProcessIdentity process);

  /** Whether it has {@code file} mapped; empty if that cannot be told. */
  Optional<Boolean> maps(ProcessIdentity process, Path file);

  /** Processes that have a file below {@code directory} mapped, as far as this user may see. */
  List<ProcessIdentity> mapping(Path directory);

  void kill(ProcessIdentity process);
}
