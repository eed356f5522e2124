// SPDX-License-Identifier: Apache-2.0
package io.tracefleet.cli.bench;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.StreamWriteFeature;
import com.fasterxml.jackson.core.util.DefaultIndenter;
import com.fasterxml.jackson.core.util.DefaultPrettyPrinter;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.math.BigDecimal;
import java.math.MathContext;
import java.util.Locale;
import java.util.Optional;
import java.util.OptionalLong;

/**
 * The result as JSON: every round as it was measured, and what was made of it. Times are seconds,
 * sizes are bytes, ratios are to bare QEMU in the same round. What was not measured is not there.
 */
public final class BenchJson {
  private static final MathContext DIGITS = new MathContext(6);

  private final JsonMapper mapper =
      JsonMapper.builder().enable(StreamWriteFeature.WRITE_BIGDECIMAL_AS_PLAIN).build();

  /** Makes a writer. */
  public BenchJson() {}

  /** The whole file. */
  public String render(BenchResult result) {
    ObjectNode root = mapper.createObjectNode();
    root.put("command", result.command());
    root.put("quick", result.quick());
    root.put("rounds", result.rounds());
    root.put("seconds", result.seconds());
    machine(root.putObject("machine"), result.machine());
    ArrayNode guests = root.putArray("guests");
    result.guests().forEach(guest -> guest(guests.addObject(), guest));
    ArrayNode java = root.putArray("java");
    for (JavaResult one : result.java()) {
      ObjectNode node = java.addObject();
      node.put("id", one.id());
      node.put("title", one.title());
      spread(node, "instructionsPerSecond", Optional.of(one.instructionsPerSecond()));
      number(node, "allocatedBytes", one.allocatedBytes());
      number(node, "profiledBytesPerPayload", one.profiledPerPayload());
    }
    see(root.putArray("see"), result);
    DefaultPrettyPrinter printer =
        new DefaultPrettyPrinter()
            .withObjectIndenter(new DefaultIndenter("  ", "\n"))
            .withArrayIndenter(new DefaultIndenter("  ", "\n"));
    try {
      return mapper.writer(printer).writeValueAsString(root) + "\n";
    } catch (JsonProcessingException e) {
      throw new IllegalStateException("a tree of plain values cannot be written", e);
    }
  }

  private static void see(ArrayNode to, BenchResult result) {
    result
        .see()
        .samples()
        .forEach(
            (figure, samples) -> {
              ObjectNode node = to.addObject();
              node.put("id", figure.id());
              node.put("case", figure.group().word());
              node.put("title", figure.title());
              node.put("unit", figure.unit().name().toLowerCase(Locale.ROOT));
              figure.limit().ifPresent(limit -> number(node, "reach", limit));
              spread(node, "figure", result.see(figure));
              ArrayNode measured = node.putArray("measured");
              samples.forEach(one -> measured.add(rounded(one)));
            });
    result
        .see()
        .problems()
        .forEach((group, line) -> to.addObject().put("case", group.word()).put("problem", line));
  }

  private static void machine(ObjectNode node, Machine machine) {
    node.put("cpu", machine.cpu());
    node.put("cpus", machine.cpus());
    node.put("memoryBytes", machine.memoryBytes());
    node.put("kernel", machine.kernel());
    ArrayNode qemu = node.putArray("qemu");
    machine.qemu().forEach(qemu::add);
    node.put("java", machine.java());
    node.put("date", machine.date().toString());
    number(node, "loadBefore", machine.loadBefore());
    number(node, "loadAfter", machine.loadAfter());
  }

  private static void guest(ObjectNode node, GuestResult guest) {
    node.put("id", guest.id());
    node.put("title", guest.title());
    node.put("command", guest.command());
    node.put("vcpus", guest.vcpus());
    guest.events().ifPresent(events -> events(node, events));
    ArrayNode cases = node.putArray("cases");
    guest.cases().forEach(which -> one(cases.addObject(), which, guest.events()));
  }

  private static void one(ObjectNode node, CaseResult which, Optional<Events> events) {
    node.put("id", which.id());
    node.put("title", which.title());
    node.put("own", which.own());
    spread(node, "wallRatio", which.wallRatio());
    spread(node, "cpuRatio", which.cpuRatio());
    spread(node, "wallSeconds", which.wallSeconds());
    spread(node, "guestSeconds", which.guestSeconds());
    spread(node, "cpuSeconds", which.cpuSeconds());
    ObjectNode parts = node.putObject("cpuSecondsByPart");
    which.cpuByPart().forEach((part, seconds) -> spread(parts, name(part), Optional.of(seconds)));
    spread(node, "outputBytesPerInstruction", which.outputPerInstruction(events));
    spread(node, "wireBytesPerInstruction", which.wirePerInstruction(events));
    spread(node, "eventsPerSecond", which.eventsPerSecond(events));
    spread(node, "qemuPeakBytes", which.guestPeakBytes());
    spread(node, "jvmPeakBytes", which.jvmPeakBytes());
    which.problem().ifPresent(problem -> node.put("problem", problem));
    ArrayNode rounds = node.putArray("measured");
    which.rounds().forEach(round -> sample(rounds.addObject(), round.sample()));
  }

  private static void sample(ObjectNode node, Sample sample) {
    number(node, "wallSeconds", sample.wallSeconds());
    number(node, "guestSeconds", sample.guestSeconds());
    ObjectNode parts = node.putObject("cpuSecondsByPart");
    for (Part part : Part.values()) {
      Double seconds = sample.cpuSeconds().get(part);
      if (seconds != null) {
        number(parts, name(part), seconds);
      }
    }
    put(node, "qemuPeakBytes", sample.guestPeakBytes());
    put(node, "jvmPeakBytes", sample.jvmPeakBytes());
    put(node, "outputBytes", sample.outputBytes());
    put(node, "wireBytes", sample.wireBytes());
    sample.events().ifPresent(events -> events(node, events));
  }

  private static void events(ObjectNode node, Events events) {
    node.put("instructions", events.instructions());
    node.put("blocks", events.blocks());
    node.put("accesses", events.accesses());
  }

  private static String name(Part part) {
    return part == Part.JVM ? "jvm" : part.word();
  }

  private static void spread(ObjectNode node, String name, Optional<Spread> spread) {
    spread.ifPresent(
        figures -> {
          ObjectNode object = node.putObject(name);
          number(object, "median", figures.median());
          number(object, "min", figures.min());
          number(object, "max", figures.max());
        });
  }

  private static void put(ObjectNode node, String name, OptionalLong value) {
    value.ifPresent(bytes -> node.put(name, bytes));
  }

  private static void number(ObjectNode node, String name, double value) {
    node.put(name, rounded(value));
  }

  private static BigDecimal rounded(double value) {
    return new BigDecimal(value).round(DIGITS);
  }
}
