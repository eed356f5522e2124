// SPDX-License-Identifier: Apache-2.0
package io.tracefleet.codec;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.Test;

/** Codec 3. */
class DetailReaderTest {

  /** One instruction: its code and its disassembly. */
  record Instruction(byte[] code, String text) {}

  static byte[] record(long vaddr, int hash, long page, String symbol, List<Instruction> list) {
    ByteBuffer record = ByteBuffer.allocate(4096).order(ByteOrder.LITTLE_ENDIAN);
    int bytes = list.stream().mapToInt(i -> i.code().length).sum();
    record.putInt(0).putLong(vaddr).putInt(hash);
    record.putShort((short) list.size()).putShort((short) bytes).putLong(page);
    byte[] name = symbol.getBytes(StandardCharsets.UTF_8);
    record.putShort((short) name.length).put(name);
    for (Instruction instruction : list) {
      byte[] text = instruction.text().getBytes(StandardCharsets.UTF_8);
      record.put((byte) instruction.code().length).put(instruction.code());
      record.put((byte) text.length).put(text);
    }
    record.putInt(0, record.position());
    return Arrays.copyOf(record.array(), record.position());
  }

  static byte[] payload(byte[]... records) {
    byte[] column = new byte[Arrays.stream(records).mapToInt(r -> r.length).sum()];
    int at = 0;
    for (byte[] record : records) {
      System.arraycopy(record, 0, column, at, record.length);
      at += record.length;
    }
    byte[] payload = TestEncoder.payload(new TestEncoder.Counts(0, 0, 0, 0, 0, 0, 0), 0, 0, column);
    payload[0] = PayloadHeader.CODEC_DETAIL;
    return payload;
  }

  /** Two blocks, the first with a symbol. */
  static byte[] sample() {
    return payload(
        record(
            0x401000,
            0x12345678,
            0x7fff_0000_1000L,
            "main",
            List.of(
                new Instruction(new byte[] {0x55}, "pushq %rbp"),
                new Instruction(new byte[] {0x48, (byte) 0x89, (byte) 0xe5}, "movq %rsp, %rbp"))),
        record(-4096, -1, 0, "", List.of(new Instruction(new byte[] {(byte) 0xc3}, ""))));
  }

  private static DetailReader reader(byte[] payload) throws TraceFormatException {
    DetailReader reader = new DetailReader();
    reader.wrap(payload, 0, payload.length);
    return reader;
  }

  /** All that a payload says, a line for each block and instruction. */
  static String text(byte[] payload) throws TraceFormatException {
    DetailReader reader = reader(payload);
    StringBuilder text = new StringBuilder();
    while (reader.next()) {
      text.append(
          String.format(
              "block 0x%016x %08x %d %d page 0x%x %s%n",
              reader.vaddr(),
              reader.codeHash(),
              reader.instructions(),
              reader.bytes(),
              reader.page(),
              reader.symbol()));
      while (reader.nextInstruction()) {
        for (byte code : reader.code()) {
          text.append(String.format("%02x", code));
        }
        text.append(' ').append(reader.disassembly()).append('\n');
      }
    }
    return text.toString();
  }

  @Test
  void readsBlocksAndInstructions() throws TraceFormatException {
    assertThat(text(sample()))
        .isEqualTo(
            "block 0x0000000000401000 12345678 2 4 page 0x7fff00001000 main\n"
                + "55 pushq %rbp\n"
                + "4889e5 movq %rsp, %rbp\n"
                + "block 0xfffffffffffff000 ffffffff 1 1 page 0x0 null\n"
                + "c3 \n");
  }

  @Test
  void instructionsNeedNotBeRead() throws TraceFormatException {
    DetailReader reader = reader(sample());
    assertThat(reader.next()).isTrue();
    assertThat(reader.next()).isTrue();
    assertThat(reader.vaddr()).isEqualTo(-4096);
    assertThat(reader.next()).isFalse();
    assertThat(reader.next()).isFalse();
  }

  @Test
  void everyTruncationIsRejected() {
    byte[] sample = sample();
    for (int length = PayloadHeader.SIZE + 1; length < sample.length; length++) {
      byte[] cut = Arrays.copyOf(sample, length);
      ByteBuffer.wrap(cut).order(ByteOrder.LITTLE_ENDIAN).putInt(80, length - PayloadHeader.SIZE);
      int first =
          record(
                  0,
                  0,
                  0,
                  "main",
                  List.of(
                      new Instruction(new byte[1], "pushq %rbp"),
                      new Instruction(new byte[3], "movq %rsp, %rbp")))
              .length;
      if (length == PayloadHeader.SIZE + first) {
        continue; // exactly the first record
      }
      assertThatThrownBy(() -> text(cut))
          .as("%d bytes", length)
          .isInstanceOf(TraceFormatException.class)
          .hasMessageStartingWith("details, byte ");
    }
  }

  @Test
  void everyFlippedBitIsReadOrRejected() {
    byte[] sample = sample();
    for (int bit = 8 * PayloadHeader.SIZE; bit < 8 * sample.length; bit++) {
      byte[] flipped = sample.clone();
      flipped[bit / 8] ^= (byte) (1 << bit % 8);
      try {
        assertThat(text(flipped)).isNotEmpty();
      } catch (TraceFormatException e) {
        assertThat(e.offset()).isBetween(PayloadHeader.SIZE, sample.length);
      }
    }
  }

  @Test
  void bytesMustAddUp() {
    byte[] sample = sample();
    sample[PayloadHeader.SIZE + 18]++;
    assertThatThrownBy(() -> text(sample)).hasMessageContaining("do not have the block's 5 bytes");
  }

  @Test
  void otherCodecsHaveNoDetails() {
    byte[] payload = CountPayload.of(List.of(), false);
    assertThatThrownBy(() -> reader(payload)).hasMessageContaining("codec 2 has no block details");
  }
}
