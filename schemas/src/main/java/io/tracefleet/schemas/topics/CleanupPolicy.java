// SPDX-License-Identifier: Apache-2.0
package io.tracefleet.schemas.topics;

/** What a broker removes from a topic. */
public enum CleanupPolicy {
  /** All but the latest value of each key. */
  COMPACT("compact"),
  /** Segments past the retention time or size. */
  DELETE("delete");

  private final String kafkaName;

  CleanupPolicy(String kafkaName) {
    this.kafkaName = kafkaName;
  }

  /** The value of {@code cleanup.policy}. */
  public String kafkaName() {
    return kafkaName;
  }
}
