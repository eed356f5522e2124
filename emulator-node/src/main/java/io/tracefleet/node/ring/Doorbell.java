// SPDX-License-Identifier: Apache-2.0
package io.tracefleet.node.ring;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.Duration;

/**
 * How the rings in a directory tell their node that there is something to do, and how the node
 * shows that it is alive.
 *
 * <p>{@link #ring} and {@link #wake} may be called by any thread, the rest by the one that waits.
 */
public final class Doorbell implements AutoCloseable {
  private static final String FILE = "doorbell";

  private final SharedMemory memory;

  private Doorbell(SharedMemory memory) {
    this.memory = memory;
  }

  /** Makes {@code directory}'s doorbell, for the node with {@code pid}. */
  public static Doorbell create(Path directory, long pid, long nowMicros) throws IOException {
    Path file = directory.resolve(FILE);
    try (FileChannel channel =
        FileChannel.open(file, StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE)) {
      // Written, not only made longer: a full file system says so here and does not kill this
      // process at the first touch.
      ByteBuffer zeros = ByteBuffer.allocate(RingLayout.Bell.FILE_SIZE);
      while (zeros.hasRemaining()) {
        channel.write(zeros);
      }
    }
    Doorbell doorbell = new Doorbell(SharedMemory.map(file, RingLayout.Bell.FILE_SIZE));
    doorbell.takeOver(pid, nowMicros);
    doorbell.memory.setLongRelease(RingLayout.Bell.MAGIC, RingLayout.Bell.MAGIC_VALUE);
    return doorbell;
  }

  /** The doorbell that another node made. */
  public static Doorbell open(Path directory) throws IOException, RingException {
    Path file = directory.resolve(FILE);
    try (FileChannel channel = FileChannel.open(file)) {
      if (channel.size() < RingLayout.Bell.FILE_SIZE) {
        throw new RingException(file + ": too short for a doorbell");
      }
    }
    Doorbell doorbell = new Doorbell(SharedMemory.map(file, RingLayout.Bell.FILE_SIZE));
    if (doorbell.memory.getLongAcquire(RingLayout.Bell.MAGIC) != RingLayout.Bell.MAGIC_VALUE) {
      doorbell.close();
      throw new RingException(file + ": not a doorbell");
    }
    return doorbell;
  }

  /** From now on it is the bell of the node with {@code pid}. */
  public void takeOver(long pid, long nowMicros) {
    memory.setIntRelease(RingLayout.Bell.NODE_PID, (int) pid);
    beat(nowMicros);
  }

  /** Shows that the node is alive. */
  public void beat(long nowMicros) {
    memory.setLongRelease(RingLayout.Bell.HEARTBEAT_MICROS, nowMicros);
  }

  /** What {@link #await} compares with; read it before looking for work. */
  public int word() {
    return memory.getIntVolatile(RingLayout.Bell.WORD);
  }

  /** Sleeps until the bell has rung since {@code seen} was read, or for {@code most}. */
  public void await(int seen, Duration most) {
    memory.setIntVolatile(RingLayout.Bell.WAITING, 1);
    if (word() == seen) {
      memory.waitOn(RingLayout.Bell.WORD, seen, most);
    }
    memory.setIntVolatile(RingLayout.Bell.WAITING, 0);
  }

  /** Rings, as the plugin does. */
  public void ring() {
    memory.addInt(RingLayout.Bell.WORD, 1);
    if (memory.getIntVolatile(RingLayout.Bell.WAITING) != 0) {
      memory.wake(RingLayout.Bell.WORD, 1);
    }
  }

  @Override
  public void close() {
    memory.close();
  }
}
