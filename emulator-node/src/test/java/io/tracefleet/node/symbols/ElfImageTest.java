// SPDX-License-Identifier: Apache-2.0
package io.tracefleet.node.symbols;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Random;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class ElfImageTest {
  private static final byte[] TEXT = new byte[256];

  @TempDir private Path directory;

  private ElfImage open(byte[] bytes) throws IOException {
    return ElfImage.open(Files.write(directory.resolve("image"), bytes));
  }

  private static TestElf elf() {
    return TestElf.of(0x401000, TEXT)
        .function("first", 0x401000, 0x20)
        .function("second", 0x401020, 0x40);
  }

  private static String find(ElfImage image, long address) {
    SymbolTable functions = image.functions();
    int index = functions.find(address);
    return index < 0 ? null : functions.name(index) + "+" + (address - functions.begin(index));
  }

  @ParameterizedTest
  @CsvSource({"true, false", "true, true", "false, false", "false, true"})
  void readsEveryClassAndByteOrder(boolean wide, boolean big) throws IOException {
    ByteOrder order = big ? ByteOrder.BIG_ENDIAN : ByteOrder.LITTLE_ENDIAN;
    TestElf elf =
        new TestElf(wide, order, 0x401000, TEXT)
            .function("first", 0x401000, 0x20)
            .function("second", 0x401020, 0x40);

    try (ElfImage image = open(elf.bytes())) {
      assertThat(image.buildId()).isEqualTo("010203fe");
      assertThat(image.hasLines()).isFalse();
      assertThat(image.hasFullSymbols()).isTrue();
      assertThat(find(image, 0x400fff)).isNull();
      assertThat(find(image, 0x401000)).isEqualTo("first+0");
      assertThat(find(image, 0x40101f)).isEqualTo("first+31");
      assertThat(find(image, 0x401020)).isEqualTo("second+0");
      assertThat(find(image, 0x401060)).isNull();
      assertThat(image.segmentAt(0x1004).address()).isEqualTo(0x401000);
      assertThat(image.segmentAt(0x1100)).isNull();
      assertThat(image.has(new byte[16], 0x1000)).isTrue();
      assertThat(image.has(new byte[] {1}, 0x1000)).isFalse();
      assertThat(image.has(new byte[16], Long.MAX_VALUE)).isFalse();
      assertThat(image.has(new byte[16], -1)).isFalse();
    }
  }

  @Test
  void whatIsNoFunctionIsLeftOut() throws IOException {
    TestElf elf =
        elf()
            .symbol("data", 0x401010, 0x10, 0x11)
            .symbol("$x", 0x401004, 0, 0)
            .symbol(".Lloop", 0x401008, 0, 0)
            .symbol("label in first", 0x401008, 0, 0)
            .function("elsewhere", 0x501000, 0x10)
            .symbol("assembly", 0x401080, 0, 0x10)
            .symbol("next", 0x4010a0, 0, 0x10);

    try (ElfImage image = open(elf.bytes())) {
      assertThat(find(image, 0x401008)).isEqualTo("first+8");
      assertThat(find(image, 0x401010)).isEqualTo("first+16");
      assertThat(find(image, 0x501000)).isNull();
      assertThat(find(image, 0x40109f)).isEqualTo("assembly+31");
      assertThat(find(image, 0x4010ff)).isEqualTo("next+95");
      assertThat(find(image, 0x401100)).isNull();
    }
  }

  @Test
  void ofTwoNamesTheProgrammersIsChosen() throws IOException {
    TestElf elf =
        TestElf.of(0x401000, TEXT)
            .symbol("__GI_puts", 0x401000, 0x20, 0x02)
            .symbol("_IO_puts", 0x401000, 0x20, 0x12)
            .symbol("puts@@V_2", 0x401000, 0x20, 0x22)
            .symbol("zputs", 0x401000, 0x20, 0x12);

    try (ElfImage image = open(elf.bytes())) {
      assertThat(find(image, 0x401000)).isEqualTo("puts+0");
    }
  }

  @Test
  void hostileNamesAreBoundedData() throws IOException {
    String longName = "x".repeat(100_000);
    TestElf elf =
        TestElf.of(0x401000, TEXT)
            .function(longName, 0x401000, 1)
            .function("<script>\033[31m\n\"", 0x401001, 1)
            .function("é".repeat(300), 0x401002, 1);

    try (ElfImage image = open(elf.bytes())) {
      assertThat(find(image, 0x401000)).isEqualTo("x".repeat(255) + "+0");
      assertThat(find(image, 0x401001)).isEqualTo("<script>\033[31m\n\"+0");
      assertThat(find(image, 0x401002)).isEqualTo("é".repeat(255) + "+0");
    }
  }

  @Test
  void aFileThatIsNoneIsOneLine() throws IOException {
    assertThatThrownBy(() -> ElfImage.open(directory.resolve("nothing")))
        .hasMessage("there is no such file");
    assertThatThrownBy(() -> ElfImage.open(directory)).hasMessage("it is not a regular file");
    assertThatThrownBy(() -> open(new byte[0])).hasMessage("it is not an ELF file");
    assertThatThrownBy(() -> open(new byte[4096])).hasMessage("it is not an ELF file");
  }

  @Test
  void sizesBeyondTheFileAllocateNothing() throws IOException {
    byte[] bytes = elf().bytes();
    ByteBuffer file = ByteBuffer.wrap(bytes).order(ByteOrder.LITTLE_ENDIAN);
    int symbols = (int) file.getLong(40) + 2 * 64;
    file.putLong(symbols + 32, 24L << 18);

    assertThatThrownBy(() -> open(bytes)).hasMessage("a table of it lies outside of the file");

    file.putLong(symbols + 32, 24L << 40);
    assertThatThrownBy(() -> open(bytes)).hasMessageContaining("larger than");
  }

  @Test
  @Timeout(value = 60, unit = TimeUnit.SECONDS)
  void everyTruncationIsReadOrRefused() throws IOException {
    byte[] bytes = elf().bytes();
    for (int length = 0; length < bytes.length; length += length < 256 ? 1 : 61) {
      try (ElfImage image = open(Arrays.copyOf(bytes, length))) {
        find(image, 0x401000);
      } catch (IOException e) {
        assertThat(e.getMessage()).isNotBlank();
      }
    }
  }

  @Test
  @Timeout(value = 60, unit = TimeUnit.SECONDS)
  void everyBrokenFileIsReadOrRefused() throws IOException {
    byte[] bytes = elf().bytes();
    long seed = 42;
    Random random = new Random(seed);
    int interesting = 200;
    for (int round = 0; round < 3000; round++) {
      byte[] broken = bytes.clone();
      for (int i = random.nextInt(4); i >= 0; i--) {
        int at = random.nextInt(2 * interesting);
        int place = at < interesting ? at : bytes.length - 1 - (at - interesting) % 400;
        broken[place] = (byte) (random.nextBoolean() ? 0xff : random.nextInt());
      }
      try (ElfImage image = open(broken)) {
        find(image, 0x401000);
        image.segmentAt(0x1000);
        image.has(new byte[8], 0x1000);
      } catch (IOException e) {
        assertThat(e.getMessage()).as("seed %d, round %d", seed, round).isNotBlank();
      }
    }
  }
}
