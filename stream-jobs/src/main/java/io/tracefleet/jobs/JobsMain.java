// SPDX-License-Identifier: Apache-2.0
package io.tracefleet.jobs;

import io.tracefleet.schemas.clients.ClientSettings;
import io.tracefleet.schemas.clients.Refusals;
import io.tracefleet.schemas.clients.RegistryUrls;
import java.io.PrintStream;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.Map;

/** The jobs as a process of their own: {@code [--config FILE] [SETTING=VALUE ...]}. */
public final class JobsMain {
  static final int OK = 0;
  static final int FAILED = 1;
  static final int USAGE = 64;
  static final int CLUSTER_UNAVAILABLE = 69;
  static final int REFUSED = Refusals.EXIT_CODE;
  static final int CONFIG = 78;

  private JobsMain() {}

  /** Runs until the jobs fail or the process is told to end. */
  public static void main(String[] arguments) throws InterruptedException {
    System.exit(run(arguments, System.err));
  }

  static int run(String[] arguments, PrintStream err) throws InterruptedException {
    StreamJobs jobs;
    try {
      jobs = StreamJobs.start(config(arguments));
    } catch (UsageException e) {
      err.println("tracefleet-jobs: " + e.getMessage());
      return USAGE;
    } catch (JobsException e) {
      err.println("tracefleet-jobs: " + e.getMessage());
      return switch (e.kind()) {
        case CONFIG -> CONFIG;
        case CLUSTER -> Refusals.is(e) ? REFUSED : CLUSTER_UNAVAILABLE;
        case JOBS -> Refusals.is(e) ? REFUSED : FAILED;
      };
    }
    Runtime.getRuntime()
        .addShutdownHook(
            new Thread(
                () -> {
                  boolean asked = jobs.state() != StreamJobs.State.FAILED;
                  jobs.close();
                  if (asked && jobs.failure().isEmpty()) {
                    // A signal asked for it and it was done; without this the exit code would be
                    // the signal's.
                    Runtime.getRuntime().halt(OK);
                  }
                },
                "stop-jobs"));
    StreamJobs.State end = jobs.awaitEnd();
    jobs.failure().ifPresent(line -> err.println("tracefleet-jobs: " + line));
    return end != StreamJobs.State.FAILED ? OK : jobs.refused() ? REFUSED : FAILED;
  }

  /** Settings of the file, overridden by those of the command line. */
  static JobsConfig config(String[] arguments) throws JobsException, UsageException {
    Map<String, String> settings = new HashMap<>();
    Map<String, String> overrides = new HashMap<>();
    for (int i = 0; i < arguments.length; i++) {
      String argument = arguments[i];
      int equals = argument.indexOf('=');
      if (argument.equals("--config")) {
        if (++i == arguments.length) {
          throw new UsageException("--config needs a file");
        }
        settings.putAll(JobsConfig.read(Path.of(arguments[i])));
      } else if (equals > 0 && !argument.startsWith("-")) {
        overrides.put(argument.substring(0, equals), argument.substring(equals + 1));
      } else {
        throw new UsageException(
            "\"%s\" is not understood; usage: tracefleet-jobs [--config FILE] [SETTING=VALUE ...]"
                .formatted(argument));
      }
    }
    try {
      refuseSecrets(overrides);
    } catch (IllegalArgumentException e) {
      throw new UsageException(e.getMessage());
    }
    settings.putAll(overrides);
    String file = System.getenv(ClientSettings.VARIABLE);
    if (file != null && !file.isEmpty()) {
      settings.putIfAbsent(JobsConfig.CLIENT_CONFIG, file);
    }
    return JobsConfig.parse(settings);
  }

  /** Everyone on the machine can read a command line. */
  private static void refuseSecrets(Map<String, String> arguments) {
    ClientSettings.refuseSecrets("kafka.", "", arguments);
    ClientSettings.refuseSecrets("registry.", "schema.registry.", arguments);
    if (RegistryUrls.hasPassword(arguments.getOrDefault("registry", ""))) {
      throw new IllegalArgumentException(
          "registry has a password in its URL, and everyone on this machine can see it there: put it into the client settings.");
    }
  }

  static final class UsageException extends Exception {
    private static final long serialVersionUID = 1L;

    UsageException(String message) {
      super(message);
    }
  }
}
