// SPDX-License-Identifier: Apache-2.0
package io.tracefleet.jobs.decode;

/** Why a batch cannot be used. */
final class Refusal extends Exception {
  private static final long serialVersionUID = 1L;

  /** Where a batch was found to be unusable; the names are those of the dead letters. */
  enum Stage {
    /** Confluent's framing, the schema id, or Avro. */
    WIRE("wire"),
    /** The trace format. */
    PAYLOAD("payload"),
    /** Key, header and payload contradict each other. */
    CONFLICT("conflict");

    private final String word;

    Stage(String word) {
      this.word = word;
    }

    String word() {
      return word;
    }
  }

  private static final int LONGEST_REASON = 1000;

  private final Stage stage;

  Refusal(Stage stage, String reason) {
    // Dead letters are data, not surprises: no stack trace.
    super(oneLine(reason), null, false, false);
    this.stage = stage;
  }

  Stage stage() {
    return stage;
  }

  /** Reasons quote what was read, which may be anything. */
  private static String oneLine(String reason) {
    String line = reason.length() <= LONGEST_REASON ? reason : reason.substring(0, LONGEST_REASON);
    return line.replaceAll("[\\s\\p{Cntrl}]+", " ");
  }
}
