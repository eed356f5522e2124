// SPDX-License-Identifier: Apache-2.0
package io.tracefleet.node.ring;

/** What a process said about its own end, in its ring. */
public enum EndMark {
  /** Nothing: it runs, or it was ended by a signal. */
  NONE,
  /** It called exit_group; the exit code is in the ring. */
  EXIT,
  /** It called execve; taken back if that fails. */
  EXEC,
  /** The plugin was uninstalled; the guest goes on untraced. */
  DETACHED
}
