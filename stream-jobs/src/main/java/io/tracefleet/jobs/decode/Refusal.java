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

  private final Stage stage;

  Refusal(Stage stage, String reason) {
    // Dead letters are data, not surprises: no stack trace.
    super(reason, null, false, false);
    this.stage = stage;
  }

  Stage stage() {
    return stage;
  }
}
