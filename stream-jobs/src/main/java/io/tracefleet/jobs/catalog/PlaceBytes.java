// SPDX-License-Identifier: Apache-2.0
package io.tracefleet.jobs.catalog;

import io.tracefleet.jobs.code.CodePlace;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.stream.Stream;

/**
 * Places as bytes. One that decodes many in the order of addresses makes most strings once, because
 * neighbours are of one function.
 *
 * <pre>
 * u8 1 if the offset is known | i64 offset | image, build-id, function, symbol: i32 length, UTF-8; length -1: not known
 * </pre>
 */
final class PlaceBytes {
  private static final int NAMES = 9;

  private byte[] names = new byte[0];
  private CodePlace last = CodePlace.UNKNOWN;

  static byte[] encode(CodePlace place) {
    byte[][] texts =
        Stream.of(place.image(), place.buildId(), place.function(), place.symbol())
            .map(text -> text == null ? null : text.getBytes(StandardCharsets.UTF_8))
            .toArray(byte[][]::new);
    int size = NAMES;
    for (byte[] text : texts) {
      size += 4 + (text == null ? 0 : text.length);
    }
    ByteBuffer out = ByteBuffer.allocate(size);
    out.put((byte) (place.imageOffset() == null ? 0 : 1));
    out.putLong(place.imageOffset() == null ? 0 : place.imageOffset());
    for (byte[] text : texts) {
      out.putInt(text == null ? -1 : text.length);
      if (text != null) {
        out.put(text);
      }
    }
    return out.array();
  }

  CodePlace decode(byte[] value) {
    ByteBuffer in = ByteBuffer.wrap(value);
    boolean known = in.get() == 1;
    long offset = in.getLong();
    if (!Arrays.equals(value, NAMES, value.length, names, 0, names.length)) {
      names = Arrays.copyOfRange(value, NAMES, value.length);
      last = new CodePlace(text(in), null, text(in), text(in), text(in));
    }
    return new CodePlace(
        last.image(), known ? offset : null, last.buildId(), last.function(), last.symbol());
  }

  private static String text(ByteBuffer in) {
    int length = in.getInt();
    if (length < 0) {
      return null;
    }
    String text = new String(in.array(), in.position(), length, StandardCharsets.UTF_8);
    in.position(in.position() + length);
    return text;
  }
}
