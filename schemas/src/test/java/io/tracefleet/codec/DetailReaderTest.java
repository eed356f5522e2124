// SPDX-License-Identifier: Apache-2.0
package io.tracefleet.codec;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
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

  /** A record that tells which file some pages are of. */
  static byte[] image(long firstPage, long pages, String path, long offset) {
    byte[] name = path.getBytes(StandardCharsets.UTF_8);
    return ByteBuffer.allocate(38 + name.length)
        .order(ByteOrder.LITTLE_ENDIAN)
        .putInt(38 + name.length)
        .putLong(firstPage)
        .putLong(0)
        .putLong(pages)
        .putShort((short) name.length)
        .put(name)
        .putLong(offset)
        .array();
  }

  static byte[] block(long vaddr, long page) {
    return record(vaddr, 1, page, "", List.of(new Instruction(new byte[] {(byte) 0xc3}, "")));
  }

  /** Where each block of a payload comes from. */
  static List<String> images(byte[]... records) throws TraceFormatException {
    DetailReader reader = reader(payload(records));
    List<String> images = new ArrayList<>();
    while (reader.next()) {
      images.add(reader.image() == null ? "-" : reader.image() + "+" + reader.imageOffset());
    }
    return images;
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

  /** Blocks of two files and one of none. */
  static byte[] sampleOfImages() {
    return payload(
        image(0x7fff_0000_1L, 2, "/usr/bin/guest", 0x1000),
        block(0x401010, 0x7fff_0000_2L),
        image(0x7ffe_0000_0L, 16, "", 0),
        block(0x500000, 0x7ffe_0000_1L),
        image(0x7ffe_0000_0L, 16, "/usr/lib/lib c.so", 0x26000),
        block(0x500000, 0x7ffe_0000_1L));
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
      if (reader.image() != null) {
        text.append(String.format("of %s 0x%x%n", reader.image(), reader.imageOffset()));
      }
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

  @Test
  void aBlockIsWhereItsPageIsInAFile() throws TraceFormatException {
    assertThat(
            images(
                block(0x401010, 0x500),
                image(0x500, 3, "/bin/guest", 0x1000),
                block(0x401010, 0x500),
                block(0x403fff, 0x502),
                block(0x404000, 0x503),
                block(0x3ff000, 0x4ff)))
        .containsExactly("-", "/bin/guest+4112", "/bin/guest+16383", "-", "-");
  }

  @Test
  void aLaterImageReplacesWhatItOverlaps() throws TraceFormatException {
    assertThat(
            images(
                image(0x500, 4, "/lib/a.so", 0),
                image(0x508, 1, "/lib/c.so", 0),
                image(0x502, 8, "/lib/b.so", 0x7000),
                block(0x1000, 0x500),
                block(0x1000, 0x503),
                block(0x1000, 0x508),
                image(0x502, 8, "", 0),
                block(0x1000, 0x503)))
        .containsExactly("-", "/lib/b.so+32768", "/lib/b.so+53248", "-");
  }

  @Test
  void anImageOfNoPagesIsRejected() {
    for (byte[] record :
        List.of(
            image(0x500, 0, "/a", 0),
            image(-1, 1, "/a", 0),
            image(1L << 51, 1L << 52, "/a", 0),
            image(1, Long.MAX_VALUE, "/a", 0))) {
      assertThatThrownBy(() -> images(record)).hasMessageContaining("pages that there are not");
    }
  }
}
