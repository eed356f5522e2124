// SPDX-License-Identifier: Apache-2.0
package io.tracefleet.node.ring;

import com.sun.jna.LastErrorException;
import com.sun.jna.Library;
import com.sun.jna.Native;
import com.sun.jna.NativeLong;
import com.sun.jna.Platform;
import com.sun.jna.Pointer;
import com.sun.jna.Structure;
import java.io.IOException;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Path;
import java.time.Duration;

/**
 * A file mapped into memory, read and written, until it is closed. Access after {@link #close}
 * throws.
 *
 * <p>Mapped by the C library, not by FileChannel: a mapping has to go when a run ends, not when a
 * garbage collector gets to it, and the futex calls need its address.
 */
final class SharedMemory implements AutoCloseable {
  private static final VarHandle INT =
      MethodHandles.byteBufferViewVarHandle(int[].class, ByteOrder.LITTLE_ENDIAN);
  private static final VarHandle LONG =
      MethodHandles.byteBufferViewVarHandle(long[].class, ByteOrder.LITTLE_ENDIAN);
  private static final int O_RDWR = 2;
  private static final int O_CLOEXEC = 02000000;
  private static final int PROT_READ_WRITE = 3;
  private static final int MAP_SHARED_NORESERVE = 0x4001;
  private static final int FUTEX_WAIT = 0;
  private static final int FUTEX_WAKE = 1;
  private static final NativeLong FUTEX = new NativeLong(futexNumber());

  private static long futexNumber() {
    return switch (Platform.ARCH) {
      case "x86-64" -> 202;
      case "aarch64", "riscv64", "loongarch64" -> 98;
      case "ppc64le" -> 221;
      case "s390x" -> 238;
      default ->
          throw new IllegalStateException(
              "the emulator node does not know how to wait on " + Platform.ARCH);
    };
  }

  private interface LibC extends Library {
    int open(String path, int flags) throws LastErrorException;

    int close(int descriptor);

    Pointer mmap(
        Pointer address,
        NativeLong length,
        int protection,
        int flags,
        int descriptor,
        NativeLong offset)
        throws LastErrorException;

    int munmap(Pointer address, NativeLong length);

    NativeLong syscall(
        NativeLong number,
        Pointer word,
        int operation,
        int value,
        TimeSpec timeout,
        Pointer second,
        int third);
  }

  /** struct timespec. */
  @Structure.FieldOrder({"seconds", "nanos"})
  public static final class TimeSpec extends Structure {
    public NativeLong seconds;
    public NativeLong nanos;

    public TimeSpec(Duration duration) {
      seconds = new NativeLong(duration.getSeconds());
      nanos = new NativeLong(duration.getNano());
    }
  }

  private static final LibC LIBC = Native.load("c", LibC.class);

  private final Pointer address;
  private final long size;
  private ByteBuffer bytes;

  private SharedMemory(Pointer address, long size) {
    this.address = address;
    this.size = size;
    this.bytes = address.getByteBuffer(0, size).order(ByteOrder.LITTLE_ENDIAN);
  }

  /** Maps the first {@code size} bytes of a file that is at least as long. */
  static SharedMemory map(Path file, long size) throws IOException {
    int descriptor = -1;
    try {
      descriptor = LIBC.open(file.toString(), O_RDWR | O_CLOEXEC);
      Pointer address =
          LIBC.mmap(
              Pointer.NULL,
              new NativeLong(size),
              PROT_READ_WRITE,
              MAP_SHARED_NORESERVE,
              descriptor,
              new NativeLong(0));
      return new SharedMemory(address, size);
    } catch (LastErrorException e) {
      throw new IOException(file + ": cannot be mapped: " + e.getMessage(), e);
    } finally {
      if (descriptor >= 0) {
        LIBC.close(descriptor);
      }
    }
  }

  long size() {
    return size;
  }

  int getInt(long offset) {
    return bytes().getInt((int) offset);
  }

  int getIntAcquire(long offset) {
    return (int) INT.getAcquire(bytes(), (int) offset);
  }

  int getIntVolatile(long offset) {
    return (int) INT.getVolatile(bytes(), (int) offset);
  }

  void setIntRelease(long offset, int value) {
    INT.setRelease(bytes(), (int) offset, value);
  }

  void setIntVolatile(long offset, int value) {
    INT.setVolatile(bytes(), (int) offset, value);
  }

  int addInt(long offset, int value) {
    return (int) INT.getAndAdd(bytes(), (int) offset, value);
  }

  long getLong(long offset) {
    return bytes().getLong((int) offset);
  }

  /** Sets {@code value} if it is {@code expected}; returns whether it was. */
  boolean replaceInt(long offset, int expected, int value) {
    return INT.compareAndSet(bytes(), (int) offset, expected, value);
  }

  byte getByte(long offset) {
    return bytes().get((int) offset);
  }

  int getUnsignedShort(long offset) {
    return bytes().getShort((int) offset) & 0xffff;
  }

  void setLong(long offset, long value) {
    bytes().putLong((int) offset, value);
  }

  long getLongAcquire(long offset) {
    return (long) LONG.getAcquire(bytes(), (int) offset);
  }

  void setLongRelease(long offset, long value) {
    LONG.setRelease(bytes(), (int) offset, value);
  }

  void get(long offset, byte[] to, int at, int length) {
    bytes().get((int) offset, to, at, length);
  }

  /** Sleeps while the word at {@code offset} is {@code seen}, until woken or for {@code most}. */
  void waitOn(long offset, int seen, Duration most) {
    bytes();
    LIBC.syscall(
        FUTEX, address.share(offset), FUTEX_WAIT, seen, new TimeSpec(most), Pointer.NULL, 0);
  }

  /** Wakes up to {@code waiters} that sleep on the word at {@code offset}. */
  void wake(long offset, int waiters) {
    bytes();
    LIBC.syscall(FUTEX, address.share(offset), FUTEX_WAKE, waiters, null, Pointer.NULL, 0);
  }

  private ByteBuffer bytes() {
    ByteBuffer mapped = bytes;
    if (mapped == null) {
      throw new IllegalStateException("the file is not mapped any more");
    }
    return mapped;
  }

  @Override
  public void close() {
    if (bytes != null) {
      bytes = null;
      LIBC.munmap(address, new NativeLong(size));
    }
  }
}
