// SPDX-License-Identifier: Apache-2.0
package io.tracefleet.cli.commands;

import io.tracefleet.cli.console.CommandException;
import io.tracefleet.cli.console.Console;
import io.tracefleet.cli.console.Exit;
import io.tracefleet.schemas.clients.ClientSettings;
import io.tracefleet.schemas.clients.Permission;
import io.tracefleet.schemas.clients.Refusals;
import io.tracefleet.schemas.topics.Component;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.apache.kafka.clients.CommonClientConfigs;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.common.KafkaException;
import org.apache.kafka.common.acl.AclBinding;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** What each part of a fleet must be allowed in Kafka. */
@Command(
    name = "acls",
    description = "Says, or grants, the least that each part of a fleet must be allowed in Kafka.",
    footer = {
      "",
      "Without --apply it prints commands for Kafka's own kafka-acls and changes nothing. More:",
      "docs/security.md.",
      "",
      "Examples:",
      "  tracefleet acls --node User:node --jobs User:jobs",
      "  tracefleet acls --apply --bootstrap broker:9093 --client-config root.properties \\",
      "    --node User:node --jobs User:jobs --archiver User:archiver --reader User:ann"
    })
final class AclsCommand implements Callable<Integer> {
  private static final long LIMIT_SECONDS = 30;

  private final Context context;

  @Mixin private OutputOptions output;

  @Option(
      names = "--node",
      paramLabel = "USER",
      description = "Users of nodes, as User:NAME. This and the next may be given several times.")
  private List<String> nodes = List.of();

  @Option(names = "--jobs", paramLabel = "USER", description = "Users of the stream jobs.")
  private List<String> jobs = List.of();

  @Option(
      names = "--archiver",
      paramLabel = "USER",
      description = "Users of `archive` and of `export` from a cluster.")
  private List<String> archivers = List.of();

  @Option(
      names = "--reader",
      paramLabel = "USER",
      description = "Users of `runs`, `top`, `audit`; whoever uses `trace` is a node, too.")
  private List<String> readers = List.of();

  @Option(
      names = "--controller",
      paramLabel = "USER",
      description = "Users who tell nodes what to trace.")
  private List<String> controllers = List.of();

  @Option(names = "--admin", paramLabel = "USER", description = "Users of `prepare`.")
  private List<String> admins = List.of();

  @Option(
      names = "--application-id",
      paramLabel = "ID",
      defaultValue = "tracefleet-jobs",
      description = "application.id of the stream jobs. Default: ${DEFAULT-VALUE}.")
  private String applicationId;

  @Option(names = "--apply", description = "Grants it; needs --bootstrap and the right to grant.")
  private boolean apply;

  @Option(names = "--bootstrap", paramLabel = "HOST:PORT", description = "Kafka broker.")
  private String bootstrap;

  @Option(
      names = "--client-config",
      paramLabel = "FILE",
      description = "TLS and credentials of whoever grants. Default: $TRACEFLEET_CLIENT_CONFIG.")
  private Path clientConfig;

  AclsCommand(Context context) {
    this.context = context;
  }

  @Override
  public Integer call() throws Exception {
    Console console = context.consoles().apply(output.quiet());
    List<AclBinding> bindings = new ArrayList<>();
    StringBuilder commands = new StringBuilder();
    add(Component.NODE, nodes, bindings, commands);
    add(Component.JOBS, jobs, bindings, commands);
    add(Component.ARCHIVER, archivers, bindings, commands);
    add(Component.READER, readers, bindings, commands);
    add(Component.CONTROLLER, controllers, bindings, commands);
    add(Component.ADMIN, admins, bindings, commands);
    if (bindings.isEmpty()) {
      throw new CommandException(
          Exit.USAGE, "No user given: name one by --node, --jobs, --archiver, --reader or others.");
    }
    if (!apply) {
      console.result(commands.toString());
      return Exit.OK;
    }
    if (bootstrap == null) {
      throw new CommandException(Exit.USAGE, "--apply needs --bootstrap HOST:PORT.");
    }
    grant(bindings);
    console.info("granted " + bindings.size() + " ACLs at " + bootstrap);
    return Exit.OK;
  }

  private void add(
      Component component,
      List<String> principals,
      List<AclBinding> bindings,
      StringBuilder commands)
      throws CommandException {
    for (String principal : principals) {
      if (!principal.matches("User:\\S+")) {
        throw new CommandException(
            Exit.USAGE,
            "--%s %s: expected User:NAME, as Kafka names its users."
                .formatted(component.word(), principal));
      }
      for (Permission permission : component.permissions(applicationId)) {
        bindings.addAll(permission.bindings(principal));
        commands
            .append("kafka-acls --bootstrap-server ")
            .append(bootstrap == null ? "HOST:PORT" : bootstrap)
            .append(clientConfig == null ? "" : " --command-config " + clientConfig)
            .append(' ')
            .append(permission.command("'" + principal + "'"))
            .append('\n');
      }
    }
  }

  private void grant(List<AclBinding> bindings) throws CommandException, InterruptedException {
    Map<String, Object> config = new HashMap<>(clients().kafka());
    config.put(CommonClientConfigs.BOOTSTRAP_SERVERS_CONFIG, bootstrap);
    try (Admin admin = Admin.create(config)) {
      admin.createAcls(bindings).all().get(LIMIT_SECONDS, TimeUnit.SECONDS);
    } catch (ExecutionException | TimeoutException | KafkaException e) {
      Throwable reason = e.getCause() == null ? e : e.getCause();
      throw new CommandException(
          Refusals.is(e) ? Exit.REFUSED : Exit.CLUSTER_UNAVAILABLE,
          Refusals.byKafka(bootstrap, e)
              .orElseGet(
                  () ->
                      "Kafka at %s does not grant: %s"
                          .formatted(
                              bootstrap,
                              reason.getMessage() == null
                                  ? "no answer within " + LIMIT_SECONDS + " s; check the address."
                                  : reason.getMessage())),
          e);
    }
  }

  private ClientSettings clients() throws CommandException {
    try {
      return ClientSettings.of(Optional.ofNullable(clientConfig), context.environment());
    } catch (IllegalArgumentException e) {
      throw new CommandException(Exit.CONFIG, e.getMessage(), e);
    }
  }
}
