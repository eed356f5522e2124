// SPDX-License-Identifier: Apache-2.0
package io.tracefleet.node.symbols;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class SymbolizerTest {
  private static final long KERNEL = 0xffff_ffff_8100_0000L;
  private static final long SLIDE = 0x1a40_0000L;
  private static final int FUNCTION_SIZE = 0x430;

  @TempDir private Path directory;
  private final List<String> warnings = new ArrayList<>();
  private final byte[] text = new byte[6 << 20];
  private Symbolizer symbols = new Symbolizer(Map.of(), List.of(), warnings::add);

  @AfterEach
  void close() {
    symbols.close();
  }

  private Path image(String name) throws IOException {
    new Random(7).nextBytes(text);
    TestElf elf = TestElf.of(KERNEL, text);
    for (int i = 0; i < text.length / FUNCTION_SIZE; i++) {
      elf.function("f" + i, KERNEL + (long) i * FUNCTION_SIZE, FUNCTION_SIZE);
    }
    return elf.write(directory.resolve(name));
  }

  private Code code(long vaddr, int at, String image) {
    byte[] bytes = Arrays.copyOfRange(text, at, at + 12);
    return new Code(vaddr, bytes, image, TestElf.TEXT_OFFSET + at);
  }

  private void kernel(Path file) {
    symbols =
        new Symbolizer(Map.of(Symbolizer.KERNEL_LABEL, file.toString()), List.of(), warnings::add);
  }

  @Test
  void aBlockIsNamedByItsPlaceInTheFile() throws IOException {
    Path image = image("lib.so");

    Place place = symbols.place(false, code(0x7f00_0000_0435L, 0x435, image.toString()));

    assertThat(place)
        .isEqualTo(new Place(image.toString(), 0x1435L, "010203fe", "f1", 5L, null, null));
    assertThat(warnings).isEmpty();
  }

  @Test
  void codeOfNoFileHasNoPlace() {
    assertThat(symbols.place(false, new Code(0x1000, new byte[4], null, 0))).isEqualTo(Place.NONE);
  }

  @Test
  void codeThatTheFileDoesNotHaveIsNotNamed() throws IOException {
    Path image = image("lib.so");
    Code other = new Code(0x1000, new byte[12], image.toString(), 0x1435);

    assertThat(symbols.place(false, other))
        .isEqualTo(Place.inImage(image.toString(), 0x1435, null));
  }

  @Test
  void aFileThatIsBuiltAnewIsReadAgain() throws IOException {
    Path image = image("prog");
    symbols.place(false, code(0, 0, image.toString()));
    Files.delete(image);
    text[0]++;
    TestElf.of(KERNEL, text).function("anew", KERNEL, 100).write(image);

    assertThat(symbols.place(false, code(0, 0, image.toString())).function()).isEqualTo("anew");
  }

  @Test
  void aFileThatCannotBeReadIsOneWarning() throws IOException {
    Path broken = Files.write(directory.resolve("bro\nken"), new byte[100]);
    String mapped = broken.toString().replace("\n", "\\012");

    for (int i = 0; i < 3; i++) {
      assertThat(symbols.place(false, new Code(0, new byte[4], mapped, 0x10)).image())
          .isEqualTo(broken.toString());
      symbols.place(false, new Code(0, new byte[4], "/no/such/file (deleted)", 0x10));
    }

    assertThat(warnings)
        .containsExactly(
            "no functions of image " + directory + "/bro?ken: it is not an ELF file",
            "no functions of image /no/such/file: there is no such file");
  }

  /** Some blocks of the kernel, moved. */
  private List<Code> blocks(int count, boolean functionsOnly) {
    Random random = new Random(3);
    List<Code> blocks = new ArrayList<>();
    for (int i = 0; i < count; i++) {
      int function = random.nextInt(text.length / FUNCTION_SIZE) * FUNCTION_SIZE;
      int at = function + (functionsOnly || i % 4 == 0 ? 0 : random.nextInt(FUNCTION_SIZE - 12));
      blocks.add(code(KERNEL + SLIDE + at, at, null));
    }
    return blocks;
  }

  @Test
  void aKernelThatMovedIsFoundByItsCode() throws IOException {
    kernel(image("vmlinux"));
    Code patched = new Code(KERNEL + SLIDE + FUNCTION_SIZE, new byte[12], null, 0);
    assertThat(symbols.place(true, patched)).isEqualTo(Place.NONE);
    assertThat(symbols.isUndecided(true, patched)).isTrue();

    symbols.learn(true, blocks(20, false));

    assertThat(symbols.isUndecided(true, patched)).isFalse();
    assertThat(symbols.place(true, patched).function()).isEqualTo("f1");
    assertThat(symbols.place(true, patched).imageOffset()).isEqualTo(0x1000 + FUNCTION_SIZE);
    assertThat(symbols.place(true, new Code(0x400000, new byte[12], null, 0)))
        .isEqualTo(Place.NONE);
  }

  @Test
  void aKernelThatDidNotMoveNeedsNoVotes() throws IOException {
    kernel(image("vmlinux"));

    assertThat(symbols.place(true, code(KERNEL + 0x500, 0x500, null)).function()).isEqualTo("f1");
    assertThat(symbols.place(true, code(KERNEL + 0x500 & 0x7fffffff, 0x500, null)).function())
        .as("before it has mapped itself")
        .isEqualTo("f1");
  }

  private Path systemMap() throws IOException {
    StringBuilder map = new StringBuilder();
    map.append("0000000000000000 A fixed_percpu_data\n");
    for (int i = 0; i < text.length / FUNCTION_SIZE; i++) {
      map.append(Long.toHexString(KERNEL + (long) i * FUNCTION_SIZE)).append(" T f" + i + "\n");
    }
    map.append(Long.toHexString(KERNEL + text.length)).append(" D data\n");
    return Files.writeString(directory.resolve("System.map"), map);
  }

  @Test
  void aKernelThatMovedIsFoundByWhereItsBlocksBegin() throws IOException {
    image("vmlinux");
    kernel(systemMap());

    symbols.learn(true, blocks(200, false));

    assertThat(symbols.place(true, code(KERNEL + SLIDE + 0x435, 0, null)))
        .isEqualTo(
            new Place(
                directory.resolve("System.map").toString(), 0x435L, null, "f1", 5L, null, null));
    assertThat(symbols.place(true, code(KERNEL + SLIDE + text.length, 0, null)))
        .isEqualTo(Place.NONE);
  }

  @Test
  void blocksOfAnotherKernelDecideNothing() throws IOException {
    image("vmlinux");
    kernel(systemMap());
    Random random = new Random(11);
    List<Code> blocks = new ArrayList<>();
    for (int i = 0; i < 30_000; i++) {
      blocks.add(new Code(KERNEL + random.nextInt(1 << 30), new byte[12], null, 0));
    }

    symbols.learn(true, blocks);

    assertThat(symbols.place(true, blocks.get(0))).isEqualTo(Place.NONE);
    assertThat(warnings).hasSize(1).first().asString().contains("is it another kernel's file?");
  }

  @Test
  void filesThatAreNoSymbolsAreOneLine() throws IOException {
    for (String content :
        List.of(
            "ffffffffffffffff B The real System.map is in the linux-image-1-dbg package\n",
            "0000000000000000 T f\n",
            "hello\n",
            "zz T f\n")) {
      kernel(Files.writeString(directory.resolve("System.map"), content));
      symbols.place(true, new Code(KERNEL, new byte[12], null, 0));
      symbols.place(true, new Code(KERNEL, new byte[12], null, 0));
      symbols.close();
    }

    String prefix = "kernel symbols " + directory.resolve("System.map") + ": ";
    assertThat(warnings)
        .containsExactly(
            prefix + "it has no functions; Debian's is in linux-image-…-dbg",
            prefix + "all its addresses are 0; take it as root with kptr_restrict=0",
            prefix + "line 1 is not \"address type name\"",
            prefix + "line 1 does not begin with an address");
  }

  @Test
  void whatQemuLoadsIsTriedWithoutAWordIfItHasNoSymbols() throws IOException {
    Path image = image("bare.elf");
    symbols = new Symbolizer(Map.of(), List.of("qemu", "-kernel", image.toString()), warnings::add);
    assertThat(symbols.place(true, code(KERNEL, 0, null)).function()).isEqualTo("f0");

    Path packed = Files.write(directory.resolve("vmlinuz"), new byte[100]);
    symbols =
        new Symbolizer(Map.of(), List.of("qemu", "-kernel", packed.toString()), warnings::add);
    assertThat(symbols.place(true, code(KERNEL, 0, null))).isEqualTo(Place.NONE);
    assertThat(warnings).isEmpty();
  }
}
