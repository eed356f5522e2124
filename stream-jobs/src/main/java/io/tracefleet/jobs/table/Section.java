// SPDX-License-Identifier: Apache-2.0
package io.tracefleet.jobs.table;

/** A part of a {@link TotalsStore} that keeps its values in memory in a form of its own. */
public interface Section {
  /**
   * Writes everything that differs from the store. Called when the task commits, before the
   * transaction ends.
   */
  void save();

  /** Forgets everything in memory; it will be read from the store again. */
  void drop();

  /** Rows held in memory, to bound them; 0 if it does not count them. */
  default int rows() {
    return 0;
  }

  /**
   * Forgets what was not used for longest, if it is saved and has gone out, until at most so many
   * rows are held or nothing more can be forgotten.
   */
  default void trim(int maxRows) {}
}
