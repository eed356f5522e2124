// SPDX-License-Identifier: Apache-2.0
package io.tracefleet.it;

import static org.assertj.core.api.Assertions.assertThat;

import io.tracefleet.codec.DetailReader;
import io.tracefleet.codec.TraceFormatException;
import io.tracefleet.codec.TraceVisitor;
import io.tracefleet.node.config.TraceMode;
import io.tracefleet.node.ring.RingInfo;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * The functions of QEMU's plugin interface that no other test shows; docs/plugin-api.md has the
 * whole table. Without Kafka.
 */
final class PluginApiIT {
  private static final int END_EXIT = 1;
  private static final int END_DETACHED = 3;
  private static final int DETACH = 1;
  private static final int REINSTRUMENT = 2;
  private static final int OUTER = 5000; // about 120 M instructions

  @TempDir Path directory;

  // ---- install, info, version ----

  @Test
  void theHeaderSaysWhatQemuSaidInUserMode() throws Exception {
    Path guest = TinyGuest.loops(directory, 1);
    try (PluginRun run = PluginRun.of("qemu-x86_64", guest.toString()).run()) {
      RingInfo info = run.ring().info();

      assertThat(info.target()).isEqualTo("x86_64");
      assertThat(info.apiMin()).isZero();
      assertThat(info.apiCurrent()).isEqualTo(1);
      assertThat(info.systemEmulation()).isFalse();
      assertThat(info.smpVcpus()).isZero();
      assertThat(info.maxVcpus()).isZero();
      assertThat(info.image()).contains(guest.toString());
      assertThat(info.startCode()).hasValue(TinyGuest.CODE);
      assertThat(info.entryCode()).hasValue(TinyGuest.CODE);
      assertThat(info.endCode().orElseThrow()).isBetween(TinyGuest.CODE + 1, TinyGuest.CODE + 4096);
      assertThat(run.ring().end()).isEqualTo(END_EXIT);
      assertThat(run.exitCode()).isEqualTo(7);
    }
  }

  @Test
  void theHeaderSaysHowManyVcpusThereAreAndMayBe() throws Exception {
    try (PluginRun run = firmware("qemu-system-x86_64", "2,maxcpus=5", 1).start()) {
      run.await(
          r -> {
            if (!r.rings().isEmpty()) {
              r.kill(); // it would wait for all four
            }
          });
      RingInfo info = run.ring().info();

      assertThat(info.systemEmulation()).isTrue();
      assertThat(info.target()).isEqualTo("x86_64");
      assertThat(info.smpVcpus()).isEqualTo(2);
      assertThat(info.maxVcpus()).isEqualTo(5);
      assertThat(info.image()).isEmpty();
    }
  }

  // ---- reset, vcpu_for_each ----

  @Test
  void attachAfterTracesAllThatFollows() throws Exception {
    long total = TinyGuest.loopInstructions(OUTER);
    try (PluginRun run = loops().plugin("attach-after=1000000").run()) {
      long traced = run.ring().instructions();
      TinyGuest.LoopFollower follower = new TinyGuest.LoopFollower(OUTER, total - traced);
      run.ring().visit(follower);

      assertThat(total - traced).as("instructions that passed").isGreaterThanOrEqualTo(1_000_000);
      assertThat(traced).isGreaterThan(total / 2);
      assertThat(follower.wrong()).isEmpty();
      assertThat(follower.instructions()).isEqualTo(traced);
      assertThat(follower.atEnd()).isTrue();
      assertThat(run.ring().counts().number("syscall 60", "calls")).isEqualTo(1);
      assertThat(run.exitCode()).isEqualTo(7);
      assertEveryBlockHasDetails(run.ring());
    }
  }

  @ParameterizedTest
  @EnumSource(value = TraceMode.class, names = "OFF", mode = EnumSource.Mode.EXCLUDE)
  void attachAfterWorksWithThreads(TraceMode mode) throws Exception {
    try (PluginRun run =
        guest("threads", "200").mode(mode).plugin("attach-after=60000").withOracle().run()) {
      Counts traced = run.ring().counts();
      Counts oracle = run.oracle();
      long passed = oracle.sum("vcpu ", "instructions") - traced.sum("vcpu ", "instructions");

      assertThat(run.exitCode()).as(run.said()).isZero();
      assertThat(passed).isGreaterThanOrEqualTo(60000);
      // Nothing else is traced before either: arch_prctl is among the first system calls.
      assertThat(oracle.number("syscall 158", "calls")).isPositive();
      assertThat(traced.number("syscall 158", "calls")).isZero();
      assertThat(traced.sum("vcpu ", "instructions")).isGreaterThan(100000);
      // Threads that began after the reset are traced from their first instruction to their last.
      long whole =
          traced.lines().entrySet().stream()
              .filter(line -> line.getKey().startsWith("vcpu "))
              .filter(line -> line.getValue().equals(oracle.line(line.getKey())))
              .count();
      assertThat(whole).isGreaterThan(50);
      assertNothingMoreThan(oracle, traced);
      if (mode == TraceMode.FULL) {
        assertEveryBlockHasDetails(run.ring());
      }
    }
  }

  @ParameterizedTest(name = "{0}, {1}")
  @CsvSource({"host, FULL", "host, COUNT", "trixie, FULL", "sid, FULL"})
  void attachAfterWorksInSystemEmulation(String release, TraceMode mode) throws Exception {
    try (PluginRun run =
        fourVcpus(release, 500_000).mode(mode).plugin("attach-after=200000").withOracle().run()) {
      Counts traced = run.ring().counts();
      Counts oracle = run.oracle();

      assertThat(run.exitCode()).as(run.said()).isZero();
      for (int vcpu = 0; vcpu < 4; vcpu++) {
        assertThat(traced.number("vcpu " + vcpu + ".0", "instructions")).isPositive();
      }
      assertThat(oracle.sum("vcpu ", "instructions") - traced.sum("vcpu ", "instructions"))
          .isGreaterThanOrEqualTo(200_000);
      assertNothingMoreThan(oracle, traced);
    }
  }

  @ParameterizedTest
  @EnumSource(value = TraceMode.class, names = "OFF", mode = EnumSource.Mode.EXCLUDE)
  void theNodeCanHaveAllCodeInstrumentedAgainAndLosesNothing(TraceMode mode) throws Exception {
    try (PluginRun run = guest("bench").mode(mode).withOracle().start()) {
      int[] asked = {0};
      run.await(
          r -> {
            for (PluginRun.Ring ring : r.rings()) {
              if (ring.control() == 0 && ring.batches() > 2 * asked[0]) {
                ring.control(REINSTRUMENT);
                asked[0]++;
              }
            }
          });

      assertThat(run.exitCode()).as(run.said()).isZero();
      assertThat(asked[0]).isGreaterThan(3);
      // One thread: others could return from system calls unseen meanwhile.
      assertThat(run.ring().flushes()).isGreaterThan(3);
      assertEqual(mode, run);
    }
  }

  // ---- uninstall ----

  @Test
  void detachAfterLeavesAWholeTraceUpToThere() throws Exception {
    try (PluginRun run = loops().plugin("detach-after=1000000").run()) {
      assertDetachedTrace(run, 1_000_000);
    }
  }

  @Test
  void theNodeCanDetachThePlugin() throws Exception {
    try (PluginRun run = loops().start()) {
      run.await(
          r -> {
            if (!r.rings().isEmpty() && r.ring().batches() > 0) {
              r.ring().control(DETACH);
            }
          });

      assertDetachedTrace(run, 1);
    }
  }

  private static void assertDetachedTrace(PluginRun run, long least) throws Exception {
    long traced = run.ring().instructions();
    TinyGuest.LoopFollower follower = new TinyGuest.LoopFollower(OUTER, 0);
    run.ring().visit(follower);

    assertThat(run.ring().end()).as(run.said()).isEqualTo(END_DETACHED);
    assertThat(traced).isBetween(least, TinyGuest.loopInstructions(OUTER) - 1);
    assertThat(follower.wrong()).isEmpty();
    assertThat(follower.instructions()).isEqualTo(traced);
    assertThat(run.ring().counts().number("syscall 60", "calls")).isZero();
    assertThat(run.exitCode()).isEqualTo(7);
  }

  @ParameterizedTest(name = "{0}, {1}")
  @CsvSource({"host, FULL", "host, COUNT", "trixie, FULL", "sid, FULL"})
  void detachAfterWorksInSystemEmulation(String release, TraceMode mode) throws Exception {
    int rounds = 10_000_000;
    try (PluginRun run =
        fourVcpus(release, rounds).mode(mode).plugin("detach-after=100000").run()) {
      assertThat(run.exitCode()).as(run.said()).isZero();
      assertThat(run.ring().end()).isEqualTo(END_DETACHED);
      assertThat(run.ring().instructions()).isBetween(100_000L, 4 * 3L * rounds);
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"threads 1000", "atomics 5000", "workers 4000"})
  void detachAfterLeavesThreadsAlone(String guest) throws Exception {
    String[] words = guest.split(" ", -1);
    try (PluginRun run =
        guest(words[0], List.of(words).subList(1, words.length).toArray(String[]::new))
            .plugin("detach-after=30000", "ring-buffers=2")
            .withOracle()
            .run()) {
      assertThat(run.exitCode()).as(run.said()).isZero();
      assertThat(run.ring().end()).isEqualTo(END_DETACHED);
      assertThat(run.ring().instructions()).isGreaterThanOrEqualTo(30000);
      assertNothingMoreThan(run.oracle(), run.ring().counts());
    }
  }

  // ---- flush ----

  @Test
  void definitionsStayBoundedWhenAGuestNeverStopsMakingCode() throws Exception {
    int blocks = 220_000;
    try (PluginRun run =
        guest("jit", Integer.toString(blocks)).plugin("disas=off").withOracle().run()) {
      assertThat(run.exitCode()).as(run.said()).isZero();
      assertEqual(TraceMode.FULL, run);
      assertThat(run.ring().translations()).isGreaterThan(blocks);
      assertThat(run.ring().flushes()).isPositive();
      // 16 MiB of definitions, of 86 bytes and more.
      assertThat(run.ring().mostDefinitions()).isBetween(10_000L, 195_000L);
      assertThat(run.ring().definitions()).isLessThan(195_000);
    }
  }

  // ---- inline operations ----

  @ParameterizedTest
  @EnumSource(value = TraceMode.class, names = "OFF", mode = EnumSource.Mode.EXCLUDE)
  void inlineTotalsAreThoseOfTheCallbacks(TraceMode mode) throws Exception {
    Path guest = TinyGuest.loops(directory, 20);
    try (PluginRun run =
        PluginRun.of("qemu-x86_64", guest.toString()).mode(mode).plugin("inline=on").run()) {
      assertThat(run.ring().instructions()).isEqualTo(TinyGuest.loopInstructions(20));
      assertThat(run.ring().inline()).isEqualTo(totals(run.ring().counts()));
    }
  }

  @Test
  void inlineTotalsOfAForkedChildAreItsOwn() throws Exception {
    try (PluginRun run = guest("processes", "fork").plugin("inline=on").run()) {
      assertThat(run.exitCode()).as(run.said()).isZero();
      assertThat(run.rings()).hasSize(2);
      for (PluginRun.Ring ring : run.rings()) {
        assertThat(ring.end()).isEqualTo(END_EXIT);
        assertThat(ring.inline()).isEqualTo(totals(ring.counts()));
      }
    }
  }

  @Test
  void inlineIsOffUnlessAskedFor() throws Exception {
    try (PluginRun run =
        PluginRun.of("qemu-x86_64", TinyGuest.loops(directory, 1).toString()).run()) {
      assertThat(run.ring().inline()).containsExactly(0L, 0L, 0L);
    }
  }

  /** From QEMU 9.0 on each vCPU has a place of its own in a scoreboard, so no count is lost. */
  @ParameterizedTest(name = "{0}")
  @CsvSource({"trixie, 2, 4", "sid, 7, 7"})
  void inlineTotalsAreExactWithSeveralVcpusOnAScoreboard(String release, int min, int current)
      throws Exception {
    try (PluginRun run = fourVcpus(release, 500_000).plugin("inline=on").run()) {
      assertThat(run.exitCode()).as(run.said()).isZero();
      assertThat(run.ring().info().apiMin()).isEqualTo(min);
      assertThat(run.ring().info().apiCurrent()).isEqualTo(current);
      for (int vcpu = 0; vcpu < 4; vcpu++) {
        assertThat(run.ring().counts().number("vcpu " + vcpu + ".0", "instructions"))
            .isGreaterThan(1_500_000);
      }
      assertThat(run.ring().inline()).isEqualTo(totals(run.ring().counts()));
    }
  }

  private static List<Long> totals(Counts counts) {
    return List.of(
        counts.sum("vcpu ", "blocks"),
        counts.sum("vcpu ", "instructions"),
        counts.sum("vcpu ", "loads") + counts.sum("vcpu ", "stores"));
  }

  // ---- atexit, outs ----

  @ParameterizedTest
  @ValueSource(booleans = {false, true})
  void qemusLogHasASummary(boolean system) throws Exception {
    Path log = directory.resolve("log");
    PluginRun.Setup setup = system ? fourVcpus("host", 500_000) : guest("atomics");
    try (PluginRun run = setup.qemu("-d", "plugin", "-D", log.toString()).run()) {
      assertThat(Files.readAllLines(log))
          .singleElement()
          .satisfies(
              line -> {
                Matcher numbers =
                    Pattern.compile(
                            "tracefleet: (\\d+) translations of (\\d+) blocks, (\\d+) flushes, held (\\d+) ns")
                        .matcher(line);
                assertThat(numbers.matches()).as(line).isTrue();
                assertThat(numbers.group(1)).isEqualTo("" + run.ring().translations());
                assertThat(numbers.group(2)).isEqualTo("" + run.ring().definitions());
                assertThat(numbers.group(3)).isEqualTo("" + run.ring().flushes());
              });
      assertThat(run.ring().translations()).isPositive();
    }
  }

  // ---- insn_data, insn_size, insn_disas, insn_symbol, insn_haddr ----

  @Test
  void detailsHaveCodeAndDisassembly() throws Exception {
    Path guest = TinyGuest.loops(directory, 1);
    List<String> block = new ArrayList<>();
    try (PluginRun run = PluginRun.of("qemu-x86_64", guest.toString()).run()) {
      run.ring()
          .details(
              detail -> {
                if (detail.vaddr() == TinyGuest.CODE) {
                  assertThat(detail.instructions()).isEqualTo(8);
                  assertThat(detail.bytes()).isEqualTo(45);
                  each(
                      detail,
                      () ->
                          block.add(
                              HexFormat.of().formatHex(detail.code())
                                  + " "
                                  + detail.disassembly().replaceAll("\\s+", " ")));
                }
              });
    }
    assertThat(block)
        .containsExactly(
            "bb01000000 movl $1, %ebx",
            "b900100000 movl $0x1000, %ecx",
            "890c8d00006000 movl %ecx, 0x600000(, %rcx, 4)",
            "4863048d00006000 movslq 0x600000(, %rcx, 4), %rax",
            "0fbe148d00006000 movsbl 0x600000(, %rcx, 4), %edx",
            "0fb7148d00006000 movzwl 0x600000(, %rcx, 4), %edx",
            "ffc9 decl %ecx",
            "75dd jne 0x40000a");
  }

  @Test
  void disassemblyCanBeLeftOut() throws Exception {
    Path guest = TinyGuest.loops(directory, 1);
    Set<String> texts = new HashSet<>();
    try (PluginRun run = PluginRun.of("qemu-x86_64", guest.toString()).plugin("disas=off").run()) {
      run.ring().details(detail -> each(detail, () -> texts.add(detail.disassembly())));
    }
    assertThat(texts).containsExactly("");
  }

  @Test
  void detailsNameTheSymbolAndThePage() throws Exception {
    Set<String> symbols = new HashSet<>();
    Map<Long, Long> pages = new HashMap<>(); // guest page to host page
    Set<Long> hosts = new HashSet<>();
    try (PluginRun run = guest("chase", "1000").run()) {
      run.ring()
          .details(
              detail -> {
                symbols.add(detail.symbol());
                assertThat(detail.page()).as("host page of a block").isNotZero();
                Long other = pages.put(detail.vaddr() >> 12, detail.page());
                assertThat(other == null || other == detail.page())
                    .as("one guest page lies in one host page")
                    .isTrue();
                hosts.add(detail.page());
              });
    }
    assertThat(symbols).contains("main");
    assertThat(pages.size()).isGreaterThan(5);
    assertThat(hosts).as("other guest pages lie in other host pages").hasSize(pages.size());
  }

  @Test
  void aBlockIsDescribedOnceHoweverOftenItIsTranslated() throws Exception {
    try (PluginRun run = guest("atomics").run()) {
      List<String> blocks = new ArrayList<>();
      run.ring()
          .details(
              detail -> blocks.add(Long.toHexString(detail.vaddr()) + "/" + detail.codeHash()));

      assertThat(run.ring().translations()).isGreaterThan(run.ring().definitions());
      assertThat(blocks).doesNotHaveDuplicates();
      assertThat(blocks).hasSize((int) run.ring().definitions());
    }
  }

  private static void each(DetailReader detail, Runnable action) {
    try {
      while (detail.nextInstruction()) {
        action.run();
      }
    } catch (TraceFormatException e) {
      throw new AssertionError(e);
    }
  }

  // ---- mem_size_shift, mem_is_sign_extended, mem_is_big_endian, mem_is_store ----

  @Test
  void everyAccessHasItsSizeSignAndDirection() throws Exception {
    try (PluginRun run =
        PluginRun.of("qemu-x86_64", TinyGuest.loops(directory, 3).toString()).run()) {
      TinyGuest.LoopFollower follower = new TinyGuest.LoopFollower(3, 0);
      run.ring().visit(follower);

      assertThat(follower.wrong()).isEmpty();
      assertThat(follower.atEnd()).isTrue();
      assertThat(follower.instructions()).isEqualTo(TinyGuest.loopInstructions(3));
    }
  }

  @Test
  void aBigEndianGuestsAccessesAreBigEndian() throws Exception {
    try (PluginRun run =
        PluginRun.of("qemu-s390x", TinyGuest.bigEndian(directory).toString()).withOracle().run()) {
      List<Integer> accesses = new ArrayList<>();
      run.ring()
          .visit(
              new TraceVisitor() {
                @Override
                public void access(
                    int index, int number, int info, long vaddr, int device, long physical) {
                  accesses.add(info);
                }
              });

      assertThat(run.exitCode()).as(run.said()).isEqualTo(5);
      assertThat(run.ring().end()).isEqualTo(END_EXIT);
      assertThat(run.ring().info().target()).isEqualTo("s390x");
      assertThat(accesses).isEqualTo(TinyGuest.bigEndianAccesses());
      assertEqual(TraceMode.FULL, run);
    }
  }

  // ---- common ----

  private PluginRun.Setup loops() throws Exception {
    return PluginRun.of("qemu-x86_64", TinyGuest.loops(directory, OUTER).toString());
  }

  private static PluginRun.Setup guest(String name, String... arguments) {
    List<String> command = new ArrayList<>(List.of("qemu-x86_64", Places.guest(name).toString()));
    command.addAll(List.of(arguments));
    return PluginRun.of(command);
  }

  /** Four vCPUs, in this machine's QEMU or that of a Debian release. */
  private PluginRun.Setup fourVcpus(String release, int rounds) throws Exception {
    boolean host = release.equals("host");
    PluginRun.Setup setup =
        firmware(host ? "qemu-system-x86_64" : Places.foreignQemu(release).toString(), "4", rounds);
    return release.equals("sid") ? setup.environment("TRACEFLEET_PLUGIN_API", "7") : setup;
  }

  private PluginRun.Setup firmware(String qemu, String smp, int rounds) throws Exception {
    return PluginRun.of(
        qemu,
        "-bios",
        TinyGuest.fourVcpus(directory, rounds).toString(),
        "-smp",
        smp,
        "-m",
        "64",
        "-display",
        "none",
        "-vga",
        "none",
        "-net",
        "none",
        "-no-reboot");
  }

  private static void assertEqual(TraceMode mode, PluginRun run) throws Exception {
    Counts oracle = run.oracle();
    assertThat(
            Counts.differences(
                mode == TraceMode.COUNT ? oracle.without("dispatched ") : oracle,
                run.ring().counts()))
        .isEmpty();
  }

  /** A part of a run cannot have more of anything than the whole. */
  private static void assertNothingMoreThan(Counts oracle, Counts traced) {
    Pattern number = Pattern.compile("\\d+");
    traced
        .without("dispatched ")
        .lines()
        .forEach(
            (key, value) -> {
              assertThat(oracle.line(key)).as(key).isNotNull();
              Matcher part = number.matcher(value);
              Matcher whole = number.matcher(oracle.line(key));
              while (part.find() && whole.find()) {
                assertThat(Long.parseLong(part.group()))
                    .as(key + ": " + value + ", of " + oracle.line(key))
                    .isLessThanOrEqualTo(Long.parseLong(whole.group()));
              }
            });
  }

  private static void assertEveryBlockHasDetails(PluginRun.Ring ring) throws Exception {
    Set<String> described = new HashSet<>();
    ring.details(detail -> described.add(detail.vaddr() + "/" + detail.codeHash()));
    Set<String> executed = new HashSet<>();
    ring.visit(
        new TraceVisitor() {
          @Override
          public void definition(int index, long vaddr, int size, int bytes, int codeHash) {
            executed.add(vaddr + "/" + codeHash);
          }
        });
    assertThat(executed).isNotEmpty();
    assertThat(described).containsAll(executed);
  }
}
