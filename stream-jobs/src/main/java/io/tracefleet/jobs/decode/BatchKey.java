// SPDX-License-Identifier: Apache-2.0
package io.tracefleet.jobs.decode;

import io.tracefleet.jobs.table.Group;
import java.nio.charset.StandardCharsets;
import java.util.UUID;

/** The key of a record of {@code tracefleet.batches}: {@code runId/vcpu}. */
final class BatchKey {
  private static final int RUN_ID_LENGTH = 36;
  private static final int LONGEST = RUN_ID_LENGTH + 1 + 10;

  private BatchKey() {}

  /** Whose batches have this key, or null if it is not such a key. */
  static Group parse(byte[] key) {
    if (key == null || key.length <= RUN_ID_LENGTH + 1 || key.length > LONGEST) {
      return null;
    }
    String text = new String(key, StandardCharsets.ISO_8859_1);
    String runId = text.substring(0, RUN_ID_LENGTH);
    String vcpu = text.substring(RUN_ID_LENGTH + 1);
    if (text.charAt(RUN_ID_LENGTH) != '/' || !isRunId(runId) || !vcpu.matches("0|[1-9][0-9]*")) {
      return null;
    }
    long number = Long.parseLong(vcpu);
    return number > Integer.MAX_VALUE ? null : Group.wholeRun(runId, (int) number);
  }

  /** True for a UUID in its canonical form. */
  private static boolean isRunId(String text) {
    try {
      return UUID.fromString(text).toString().equals(text);
    } catch (IllegalArgumentException e) {
      return false;
    }
  }
}
