// SPDX-License-Identifier: Apache-2.0
package io.tracefleet.codec;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class PayloadHeaderTest {

  /** Every field with a value of its own, at the offset of the page; 5 bytes before the payload. */
  private static ByteBuffer payload() {
    ByteBuffer bytes =
        ByteBuffer.allocate(5 + PayloadHeader.SIZE + 6).order(ByteOrder.LITTLE_ENDIAN);
    bytes.position(5);
    ByteBuffer payload = bytes.slice().order(ByteOrder.LITTLE_ENDIAN);
    payload.putInt(0, 2).putInt(4, 6).putLong(8, -3).putLong(16, 12).putLong(24, 13);
    payload.putInt(32, 14).putInt(36, 15).putLong(40, 16).putLong(48, 17).putLong(56, 18);
    payload.putLong(64, 19).putLong(72, 20).putInt(80, 1).putInt(84, 2).putInt(108, 3);
    payload.putLong(192 + 8 * 3, 21).putLong(192 + 64 + 8 * 7, 22);
    return payload;
  }

  private static PayloadHeader wrap(ByteBuffer payload) throws TraceFormatException {
    return new PayloadHeader().wrap(payload.array(), payload.arrayOffset(), payload.remaining());
  }

  @Test
  void everyFieldIsWhereThePageSays() throws TraceFormatException {
    PayloadHeader header = wrap(payload());
    assertThat(header.codec()).isEqualTo(2);
    assertThat(header.rescued()).isTrue();
    assertThat(header.systemEmulation()).isTrue();
    assertThat(header.dispatched()).isEqualTo(11);
    assertThat(header.blocks()).isEqualTo(12);
    assertThat(header.accesses()).isEqualTo(13);
    assertThat(header.progress()).isEqualTo(14);
    assertThat(header.blockInstructions()).isEqualTo(15);
    assertThat(header.leading()).isEqualTo(16);
    assertThat(header.idles()).isEqualTo(17);
    assertThat(header.resumes()).isEqualTo(18);
    assertThat(header.syscalls()).isEqualTo(19);
    assertThat(header.syscallReturns()).isEqualTo(20);
    assertThat(header.columnLength(1)).isEqualTo(2);
    assertThat(header.columnOffset(2)).isEqualTo(5 + 320 + 1 + 2);
    assertThat(header.count(0, 3)).isEqualTo(21);
    assertThat(header.count(1, 7)).isEqualTo(22);
    assertThat(header.length()).isEqualTo(326);
    assertThat(header.arrayOffset()).isEqualTo(5);
  }

  @ParameterizedTest(name = "{2}")
  @CsvSource({
    "0, 0, codec 0 is unknown",
    "0, 4, codec 4 is unknown",
    "80, 7, the columns have 12 bytes",
    "84, -1, the columns have",
    "20, 268435457, blocks is",
    "28, -1, accesses is",
    "32, 65536, progress is 65536",
    "36, -1, blockInstructions is 4294967295",
    "40, 65536, leading is",
    "52, -1, idles is",
    "8, -15, instructions + progress is",
  })
  void whatIsBeyondTheLimitsIsRejected(int at, int value, String reason) {
    ByteBuffer payload = payload();
    payload.putInt(at, value);
    assertThatThrownBy(() -> wrap(payload))
        .isInstanceOf(TraceFormatException.class)
        .hasMessageStartingWith("header, byte ")
        .hasMessageContaining(reason);
  }

  @Test
  void fullModeHasAtMostAsManyEventsAsThePageSays() throws TraceFormatException {
    ByteBuffer payload = payload();
    payload
        .putInt(0, 1)
        .putLong(16, PayloadHeader.MAX_EVENTS)
        .putLong(24, PayloadHeader.MAX_EVENTS);
    wrap(payload);
    payload.putLong(24, PayloadHeader.MAX_EVENTS + 1);
    assertThatThrownBy(() -> wrap(payload)).hasMessageContaining("accesses is 4294967296");
  }

  @Test
  void aRangeOutsideOfTheArrayIsTheCallersMistake() {
    assertThatThrownBy(() -> new PayloadHeader().wrap(new byte[400], 100, 320))
        .isInstanceOf(IndexOutOfBoundsException.class);
  }
}
