// SPDX-License-Identifier: Apache-2.0
package io.tracefleet.node.run;

import java.security.SecureRandom;
import java.util.UUID;

/** UUIDs of version 7: ordered by the time they were made, to the millisecond. */
final class RunIds {
  private final SecureRandom random = new SecureRandom();

  String next(long nowMicros) {
    long millis = nowMicros / 1000;
    long high = millis << 16 | 0x7000 | random.nextInt(1 << 12);
    long low = random.nextLong() & 0x3fffffffffffffffL | 0x8000000000000000L;
    return new UUID(high, low).toString();
  }
}
