// SPDX-License-Identifier: Apache-2.0
package io.tracefleet.node.run;

import static org.assertj.core.api.Assertions.assertThat;

import io.tracefleet.node.publish.TestKafka;
import io.tracefleet.schemas.BlockDetail;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What the code of real guests is called. */
class SymbolsIT {
  private static final String GUEST =
      """
      #include <stdio.h>
      #include <stdlib.h>
      #include <string.h>
      #include <sys/mman.h>
      static volatile long sum;
      __attribute__((noinline)) static void hot_local(long n) { for (long i = 0; i < n; i++) sum += i; }
      __attribute__((noinline)) void hot_global(long n) { for (long i = 0; i < n; i++) sum ^= i; }
      int main(int argc, char **argv) {
        hot_local(1000);
        hot_global(1000);
        if (argc > 1 && !strcmp(argv[1], "jit")) {
          static const unsigned char code[] = {0x8d, 0x47, 0x01, 0xc3}; /* lea 1(%rdi), %eax; ret */
          void *p = mmap(0, 4096, PROT_READ | PROT_WRITE | PROT_EXEC, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
          memcpy(p, code, sizeof code);
          return ((int (*)(int))p)(41) != 42;
        }
        char *text = malloc(100);
        snprintf(text, 100, "%ld", sum);
        puts(text);
        return 0;
      }
      """;

  @TempDir private Path programs;
  private TestKafka kafka;

  private Path compile(String... options) throws Exception {
    return RealGuest.compile(programs, "guest", GUEST, options);
  }

  /** The details of a guest's blocks. */
  private List<BlockDetail> trace(String... command) throws Exception {
    return trace(Map.of(), command);
  }

  private List<BlockDetail> trace(Map<String, String> labels, String... command) throws Exception {
    kafka = new TestKafka(true);
    Path directory = Files.createTempDirectory(Path.of("/dev/shm"), "tracefleet-it-");
    TraceOutcome outcome =
        RealGuest.trace(kafka, directory, List.of(command), labels, Map.of(), (run, process) -> {});
    assertThat(outcome.exitCode()).isZero();
    return kafka.blocks().stream()
        .filter(block -> block.getRunId().equals(outcome.rootRunId()))
        .toList();
  }

  private static Set<String> functions(List<BlockDetail> blocks, Path image) {
    return blocks.stream()
        .filter(block -> image.toString().equals(block.getImage()))
        .map(BlockDetail::getFunction)
        .filter(Objects::nonNull)
        .collect(Collectors.toCollection(TreeSet::new));
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "-static -no-pie",
        "-static-pie -fPIE",
        "-no-pie",
        "-pie -fPIE",
        "-pie -fPIE -Wl,-z,noseparate-code"
      })
  void everyFunctionIsNamedAtItsBeginning(String options) throws Exception {
    Path program = compile(("-O1 -g " + options).split(" ", -1));

    List<BlockDetail> blocks = trace("qemu-x86_64", program.toString());

    assertThat(functions(blocks, program)).contains("main", "hot_local", "hot_global", "_start");
    assertThat(kafka.warnings).isEmpty();
    assertThat(blocks)
        .filteredOn(block -> "main".equals(block.getFunction()) && block.getFunctionOffset() == 0)
        .hasSize(1)
        .allSatisfy(
            main -> {
              assertThat(main.getSourceFile()).isEqualTo(program + ".c");
              assertThat(main.getSourceLine()).isEqualTo(8);
              assertThat(main.getBuildId()).matches("[0-9a-f]{40}");
            });
    assertThat(blocks)
        .filteredOn(block -> "hot_local".equals(block.getFunction()))
        .isNotEmpty()
        .allSatisfy(
            block -> {
              assertThat(block.getSourceLine()).isEqualTo(6);
              assertThat(block.getFunctionOffset()).isBetween(0L, 64L);
            });
  }

  @Test
  void codeOfASharedLibraryIsNamed() throws Exception {
    Path program = compile("-O1", "-pie", "-fPIE");

    List<BlockDetail> blocks = trace("qemu-x86_64", program.toString());

    assertThat(functions(blocks, Path.of("/usr/lib/x86_64-linux-gnu/libc.so.6")))
        .contains("malloc", "puts");
    assertThat(functions(blocks, Path.of("/usr/lib/x86_64-linux-gnu/ld-linux-x86-64.so.2")))
        .contains("_dl_start");
  }

  @Test
  void whereAnImageIsLoadedMakesNoDifference() throws Exception {
    Path program = compile("-O1", "-pie", "-fPIE");

    List<BlockDetail> one = trace("qemu-x86_64", program.toString());
    List<BlockDetail> two = trace("qemu-x86_64", "/lib64/ld-linux-x86-64.so.2", program.toString());

    assertThat(addresses(one, program))
        .isNotEmpty()
        .doesNotContainAnyElementsOf(addresses(two, program));
    assertThat(places(one, program))
        .anyMatch(place -> place.endsWith(" main+0"))
        .isEqualTo(places(two, program));
  }

  private static Set<Long> addresses(List<BlockDetail> blocks, Path image) {
    return blocks.stream()
        .filter(block -> image.toString().equals(block.getImage()))
        .map(BlockDetail::getVaddr)
        .collect(Collectors.toSet());
  }

  private static Set<String> places(List<BlockDetail> blocks, Path image) {
    return blocks.stream()
        .filter(block -> image.toString().equals(block.getImage()))
        .map(
            block ->
                block.getImageOffset()
                    + " "
                    + block.getBuildId()
                    + " "
                    + block.getFunction()
                    + "+"
                    + block.getFunctionOffset())
        .collect(Collectors.toCollection(TreeSet::new));
  }

  @Test
  void codeThatTheGuestWroteIsOfNoImage() throws Exception {
    Path program = compile("-O1", "-static");

    List<BlockDetail> blocks = trace("qemu-x86_64", program.toString(), "jit");

    assertThat(blocks)
        .filteredOn(block -> code(block).equals("8d4701 c3"))
        .hasSize(1)
        .allSatisfy(
            block -> {
              assertThat(block.getImage()).isNull();
              assertThat(block.getImageOffset()).isNull();
              assertThat(block.getFunction()).isNull();
            });
    assertThat(kafka.warnings).isEmpty();
  }

  private static final String MAPPER =
      """
      #include <fcntl.h>
      #include <sys/mman.h>
      static int call(void *at, const char *file, long offset) {
        void *p = mmap(at, 4096, PROT_READ | PROT_EXEC, MAP_PRIVATE | MAP_FIXED, open(file, O_RDONLY), offset);
        return p == at ? ((int (*)(int))p)(40) : 0;
      }
      int main(int argc, char **argv) {
        void *at = mmap(0, 4096, PROT_READ, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
        return call(at, argv[1], 0) + call(at, argv[2], 4096) != 41 + 42;
      }
      """;

  @Test
  void aFileThatIsMappedWhereAnotherWasIsKnown() throws Exception {
    byte[] code = {(byte) 0x8d, 0x47, 1, (byte) 0xc3}; // lea 1(%rdi), %eax; ret
    Path one = Files.write(programs.resolve("one"), Arrays.copyOf(code, 4096));
    code[2]++;
    byte[] second = new byte[8192];
    System.arraycopy(code, 0, second, 4096, code.length);
    Path two = Files.write(programs.resolve("two (deleted)"), second);
    Path program = RealGuest.compile(programs, "mapper", MAPPER, "-O1", "-static");

    List<BlockDetail> blocks =
        trace("qemu-x86_64", program.toString(), one.toString(), two.toString());

    assertThat(blocks)
        .filteredOn(block -> code(block).matches("8d470[12] c3"))
        .extracting(block -> code(block) + " " + block.getImage() + " " + block.getImageOffset())
        .containsExactlyInAnyOrder("8d4701 c3 " + one + " 0", "8d4702 c3 " + two + " 4096");
    assertThat(kafka.warnings)
        .containsExactlyInAnyOrder(
            "no functions of image " + one + ": it is not an ELF file",
            "no functions of image " + two + ": it is not an ELF file");
  }

  private static String code(BlockDetail block) {
    return block.getInstructions().stream()
        .map(instruction -> HexFormat.of().formatHex(instruction.getCode().array()))
        .collect(Collectors.joining(" "));
  }

  private static final String BARE_METAL =
      """
      __asm__(
          ".long 0x1badb002, 0, -0x1badb002\\n" /* multiboot */
          ".globl _start, spin\\n"
          ".type _start, @function\\n"
          ".type spin, @function\\n"
          "_start: mov $1000, %ecx; call spin; mov $0x2000, %ax; mov $0x604, %dx; out %ax, %dx\\n"
          "halt: cli; hlt; jmp halt\\n"
          "spin: dec %ecx; jnz spin; ret\\n");
      """;

  @Test
  void aKernelThatQemuLoadsNeedsNoOption() throws Exception {
    Path kernel =
        RealGuest.compile(
            programs,
            "kernel",
            BARE_METAL,
            "-m32",
            "-nostdlib",
            "-static",
            "-no-pie",
            "-Wl,-Ttext=0x100000");

    List<BlockDetail> blocks =
        trace(
            "qemu-system-x86_64",
            "-m",
            "64",
            "-nographic",
            "-vga",
            "none",
            "-net",
            "none",
            "-kernel",
            kernel.toString());

    assertThat(blocks)
        .filteredOn(block -> kernel.toString().equals(block.getImage()))
        .extracting(block -> block.getFunction() + "+" + block.getFunctionOffset())
        .contains("_start+0", "spin+0", "spin+3");
    assertThat(blocks)
        .as("the firmware, which has no symbols")
        .anyMatch(block -> block.getImage() == null && block.getFunction() == null);
    assertThat(kafka.warnings).isEmpty();
  }
}
