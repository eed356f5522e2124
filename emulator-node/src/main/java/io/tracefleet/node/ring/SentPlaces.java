// SPDX-License-Identifier: Apache-2.0
package io.tracefleet.node.ring;

/**
 * Two places that hold what was sent of something, a tag and then sums: tag s + 1 says what is sent
 * with the batch of sequence s. The place with the higher tag counts, unless its batch was never
 * finished; the other one is written next.
 *
 * @param at of the first place
 * @param size of a place, bytes
 */
record SentPlaces(SharedMemory memory, long at, int size) {
  /** The place that tells what batches below {@code sequence} have sent. */
  private long before(long sequence) {
    long first = memory.getLong(at);
    long second = memory.getLong(at + size);
    if (second > sequence) {
      return at;
    }
    return first > sequence || second > first ? at + size : at;
  }

  /** Sum {@code index}, from 0, of what batches below {@code sequence} have sent. */
  long sum(long sequence, int index) {
    return memory.getLong(before(sequence) + 8L * (index + 1));
  }

  /** Notes sums that are sent with the batch of this sequence. */
  void note(long sequence, long... sums) {
    long place = at + size - (before(sequence) - at);
    for (int i = 0; i < sums.length; i++) {
      memory.setLong(place + 8L * (i + 1), sums[i]);
    }
    memory.setLongRelease(place, sequence + 1);
  }
}
