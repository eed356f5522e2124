// SPDX-License-Identifier: Apache-2.0
package io.tracefleet.cli.commands;

import io.tracefleet.cli.console.CommandException;
import io.tracefleet.cli.console.Console;
import io.tracefleet.cli.console.Exit;
import io.tracefleet.cli.report.ControlReader;
import io.tracefleet.node.config.ConfigException;
import io.tracefleet.node.config.TraceMode;
import io.tracefleet.node.config.TraceWish;
import io.tracefleet.node.config.TraceWish.AddressRange;
import io.tracefleet.node.config.TraceWish.Window;
import io.tracefleet.schemas.InstructionWindow;
import io.tracefleet.schemas.TraceControl;
import io.tracefleet.schemas.clients.Refusals;
import io.tracefleet.schemas.topics.Topics;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.Producer;
import org.apache.kafka.clients.producer.ProducerConfig;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.KafkaException;
import org.apache.kafka.common.serialization.ByteArraySerializer;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** Says what a node, or all nodes, should trace from now on. */
@Command(
    name = "set",
    description = "Says what a node should trace from now on, its running guests included.",
    footer = {
      "",
      "What is said of a node goes before what is said of '*'. The nodes need no restart, and the",
      "guests are not stopped; each change is kept with the run. --mode as-started takes back what",
      "was said.",
      "",
      "Examples:",
      "  tracefleet control set '*' --mode off",
      "  tracefleet control set node-7 --mode full --address-range 0x401000-0x402000",
      "  tracefleet control set node-7 --mode full --vcpu 0,2 --window-every 1000000/100000000",
      "  tracefleet control set '*' --mode full --budget 20000000"
    })
final class ControlSetCommand implements Callable<Integer> {
  private static final String AS_STARTED = "as-started";
  private static final int ANSWER_SECONDS = 20;
  private static final Pattern RANGE =
      Pattern.compile("(0[xX][0-9a-fA-F]{1,16}|\\d{1,19})-(0[xX][0-9a-fA-F]{1,16}|\\d{1,19})");

  private static final Pattern ONCE = Pattern.compile("(\\d{1,18})\\+(\\d{1,18})");
  private static final Pattern REPEATED = Pattern.compile("(\\d{1,18})/(\\d{1,18})");

  private final Context context;

  @Mixin private OutputOptions output;
  @Mixin private ClusterOptions clusterOptions;

  @Parameters(paramLabel = "NODE", description = "A node's name, or '*' for all that have no own.")
  private String node;

  @Option(
      names = "--mode",
      required = true,
      paramLabel = "MODE",
      description =
          "full: every block and access; count: only counters; off: nothing; as-started: each guest as it was started.")
  private String mode;

  @Option(
      names = "--address-range",
      paramLabel = "BEGIN-END",
      description =
          "Only blocks that begin at these guest virtual addresses, END not included, 0x for hexadecimal; up to 16 times.")
  private List<String> ranges = new ArrayList<>();

  @Option(names = "--vcpu", paramLabel = "N", split = ",", description = "Only these vCPU indices.")
  private List<Integer> vcpus = new ArrayList<>();

  @Option(
      names = "--window",
      paramLabel = "A+B",
      description =
          "Only B instructions from number A on, on each vCPU; the others are counted. Up to 8 windows in all.")
  private List<String> windows = new ArrayList<>();

  @Option(
      names = "--window-every",
      paramLabel = "M/N",
      description =
          "Only the first M of every N instructions of each vCPU; the others are counted.")
  private List<String> repeated = new ArrayList<>();

  @Option(
      names = "--budget",
      paramLabel = "BYTES",
      description =
          "Payload bytes that the node may publish in a second: above it, it steps down from full to count to off, and up again later.")
  private long budget;

  ControlSetCommand(Context context) {
    this.context = context;
  }

  @Override
  public Integer call() throws Exception {
    if (node.isBlank()) {
      throw new CommandException(Exit.USAGE, "No node given: name one, or write '*' for all.");
    }
    TraceControl control = control();
    Console console = context.consoles().apply(output.quiet());
    try (ClusterSession session =
        ClusterSession.open(clusterOptions.resolve(context.environment()))) {
      try (ControlReader reader = session.control()) {
        reader.all(); // tells in one line what is wrong with the broker, before anything is written
      }
      write(
          session,
          session.serdes().valueSerializer(TraceControl.class).serialize(Topics.CONTROL, control));
    }
    console.info(
        control == null ? node + ": as started" : node + ": " + ControlTable.summary(control));
    return Exit.OK;
  }

  /** Null takes back what was said. */
  private TraceControl control() throws CommandException {
    if (mode.equals(AS_STARTED)) {
      if (!ranges.isEmpty()
          || !vcpus.isEmpty()
          || !windows.isEmpty()
          || !repeated.isEmpty()
          || budget != 0) {
        throw new CommandException(Exit.USAGE, "--mode as-started goes with no other option.");
      }
      return null;
    }
    List<AddressRange> parsed = new ArrayList<>();
    for (String range : ranges) {
      parsed.add(range(range));
    }
    try {
      List<Window> wanted = new ArrayList<>();
      for (String window : windows) {
        long[] numbers = numbers("--window", ONCE, window, "A+B, for example 1000000+5000");
        wanted.add(new Window(numbers[0], numbers[1], 0));
      }
      for (String window : repeated) {
        long[] numbers =
            numbers("--window-every", REPEATED, window, "M/N, for example 1000/1000000");
        wanted.add(new Window(0, numbers[0], numbers[1]));
      }
      TraceWish wish =
          new TraceWish(TraceMode.parse(mode), parsed, vcpus, wanted, budget, askedBy());
      return TraceControl.newBuilder()
          .setMode(wish.mode().word())
          .setAddressFilters(
              wish.ranges().stream()
                  .map(r -> new io.tracefleet.schemas.AddressRange(r.begin(), r.end()))
                  .toList())
          .setVcpus(wish.vcpus())
          .setWindows(
              wish.windows().stream()
                  .map(w -> new InstructionWindow(w.from(), w.count(), w.every()))
                  .toList())
          .setBudget(wish.budget())
          .setUpdatedBy(wish.askedBy())
          .setUpdatedAt(Instant.now().truncatedTo(ChronoUnit.MICROS))
          .build();
    } catch (ConfigException e) {
      throw new CommandException(Exit.USAGE, "--mode " + e.getMessage() + ", as-started.", e);
    } catch (IllegalArgumentException e) {
      throw new CommandException(
          Exit.USAGE, "control set " + node + ": " + e.getMessage() + ".", e);
    }
  }

  private static long[] numbers(String option, Pattern form, String text, String expected)
      throws CommandException {
    Matcher matcher = form.matcher(text);
    if (!matcher.matches()) {
      throw new CommandException(Exit.USAGE, option + " \"" + text + "\" is not " + expected + ".");
    }
    return new long[] {Long.parseLong(matcher.group(1)), Long.parseLong(matcher.group(2))};
  }

  private static AddressRange range(String text) throws CommandException {
    Matcher matcher = RANGE.matcher(text);
    if (!matcher.matches()) {
      throw new CommandException(
          Exit.USAGE,
          "--address-range \"" + text + "\" is not BEGIN-END, for example 0x401000-0x402000.");
    }
    try {
      return new AddressRange(address(matcher.group(1)), address(matcher.group(2)));
    } catch (IllegalArgumentException e) {
      throw new CommandException(Exit.USAGE, "--address-range: " + e.getMessage() + ".", e);
    }
  }

  private static long address(String text) {
    return text.startsWith("0x") || text.startsWith("0X")
        ? Long.parseUnsignedLong(text.substring(2), 16)
        : Long.parseUnsignedLong(text);
  }

  private String askedBy() {
    String host = context.environment().getOrDefault("HOSTNAME", "");
    String user = System.getProperty("user.name", "unknown");
    return host.isEmpty() ? user : user + "@" + host;
  }

  private void write(ClusterSession session, byte[] value)
      throws CommandException, InterruptedException {
    Map<String, Object> config = new HashMap<>(session.access().clientProperties());
    config.put(ProducerConfig.BOOTSTRAP_SERVERS_CONFIG, session.access().bootstrap());
    config.put(ProducerConfig.ACKS_CONFIG, "all");
    config.put(ProducerConfig.MAX_BLOCK_MS_CONFIG, ANSWER_SECONDS * 1000);
    try (Producer<byte[], byte[]> producer =
        new KafkaProducer<>(config, new ByteArraySerializer(), new ByteArraySerializer())) {
      producer
          .send(
              new ProducerRecord<>(Topics.CONTROL, 0, node.getBytes(StandardCharsets.UTF_8), value))
          .get(ANSWER_SECONDS, TimeUnit.SECONDS);
    } catch (ExecutionException | TimeoutException | KafkaException e) {
      Throwable reason = e instanceof ExecutionException ? e.getCause() : e;
      throw new CommandException(
          CommandErrors.clusterFailure(e),
          Refusals.byKafka(session.access().bootstrap(), e)
              .orElseGet(() -> "Topic " + Topics.CONTROL + ": " + reason + "."),
          e);
    }
  }
}
