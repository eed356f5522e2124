// SPDX-License-Identifier: Apache-2.0
package io.tracefleet.jobs;

/** Where the jobs keep their totals. Either way they are logged to Kafka and survive. */
public enum StateKind {
  /** In the heap, read back from Kafka at each start: for few and short runs. */
  MEMORY("memory"),
  /** In RocksDB under the state directory: for many and long runs. */
  DISK("disk");

  private final String word;

  StateKind(String word) {
    this.word = word;
  }

  /** The word for it in settings. */
  public String word() {
    return word;
  }
}
