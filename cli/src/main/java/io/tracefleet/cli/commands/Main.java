// SPDX-License-Identifier: Apache-2.0
package io.tracefleet.cli.commands;

import io.tracefleet.cli.console.Console;
import io.tracefleet.cli.console.Exit;
import io.tracefleet.cli.console.Signals;
import java.io.PrintWriter;
import java.nio.charset.StandardCharsets;
import java.util.Map;
import java.util.function.Function;
import picocli.CommandLine;

/** Entry of the {@code tracefleet} command. */
public final class Main {
  private static final long EXIT_LIMIT_MILLIS = 10_000;

  private Main() {}

  /**
   * @param arguments the command line
   */
  public static void main(String[] arguments) {
    Map<String, String> environment = System.getenv();
    Signals signals = Signals.install(number -> Runtime.getRuntime().halt(Exit.signalled(number)));
    Context context =
        new Context(
            environment, quiet -> Console.system(quiet, environment), signals, Installation.find());
    exit(execute(context, arguments));
  }

  /** Errors of the JVM, too, have to end the process: Kafka's threads would keep it alive. */
  @SuppressWarnings("CatchAndPrintStackTrace")
  private static int execute(Context context, String[] arguments) {
    try {
      return commandLine(context)
          .setOut(new PrintWriter(System.out, true, StandardCharsets.UTF_8))
          .setErr(new PrintWriter(System.err, true, StandardCharsets.UTF_8))
          .execute(arguments);
    } catch (Throwable e) {
      System.err.println("tracefleet: Internal error, please report it:");
      e.printStackTrace();
      return Exit.INTERNAL;
    }
  }

  /** Ends the process even if a shutdown hook of a library hangs. */
  private static void exit(int code) {
    Thread halt =
        new Thread(
            () -> {
              try {
                Thread.sleep(EXIT_LIMIT_MILLIS);
              } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
              }
              Runtime.getRuntime().halt(code);
            },
            "halt");
    halt.setDaemon(true);
    halt.start();
    System.exit(code);
  }

  /** The command line, for {@link #main} and for tests. */
  static CommandLine commandLine(Context context) {
    CommandLine line =
        new CommandLine(new TracefleetCommand(), new CommandFactory(context))
            // Guests' arguments may begin with @ and be anything.
            .setExpandAtFiles(false)
            .setCaseInsensitiveEnumValuesAllowed(true)
            .setUsageHelpAutoWidth(true)
            .setParameterExceptionHandler(new UsageErrors())
            .setExecutionExceptionHandler(new CommandErrors());
    line.getSubcommands().get("trace").setStopAtPositional(true);
    return line;
  }

  /** Gives each command its surroundings through its constructor. */
  private static final class CommandFactory implements CommandLine.IFactory {
    private final Context context;
    private final CommandLine.IFactory fallback = CommandLine.defaultFactory();
    private final Map<Class<?>, Function<Context, Object>> commands =
        Map.ofEntries(
            Map.entry(TraceCommand.class, TraceCommand::new),
            Map.entry(NodeCommand.class, NodeCommand::new),
            Map.entry(UpCommand.class, UpCommand::new),
            Map.entry(RunsCommand.class, RunsCommand::new),
            Map.entry(TopCommand.class, TopCommand::new),
            Map.entry(AuditCommand.class, AuditCommand::new),
            Map.entry(ArchiveCommand.class, ArchiveCommand::new),
            Map.entry(SqlCommand.class, SqlCommand::new),
            Map.entry(ExportCommand.class, ExportCommand::new),
            Map.entry(DemoCommand.class, DemoCommand::new),
            Map.entry(PrepareCommand.class, PrepareCommand::new),
            Map.entry(AclsCommand.class, AclsCommand::new),
            Map.entry(BenchCommand.class, BenchCommand::new),
            Map.entry(ControlSetCommand.class, ControlSetCommand::new),
            Map.entry(ControlGetCommand.class, ControlGetCommand::new),
            Map.entry(ControlWatchCommand.class, ControlWatchCommand::new),
            Map.entry(SizeCommand.class, SizeCommand::new),
            Map.entry(VersionCommand.class, VersionCommand::new));

    CommandFactory(Context context) {
      this.context = context;
    }

    @Override
    public <T> T create(Class<T> type) throws Exception {
      Function<Context, Object> constructor = commands.get(type);
      return constructor == null ? fallback.create(type) : type.cast(constructor.apply(context));
    }
  }
}
