// SPDX-License-Identifier: Apache-2.0
package io.tracefleet.cli.commands;

import io.tracefleet.cli.console.CommandException;
import io.tracefleet.cli.console.Console;
import io.tracefleet.cli.console.Exit;
import io.tracefleet.schemas.clients.Permission;
import io.tracefleet.schemas.clients.Refusals;
import io.tracefleet.schemas.topics.Component;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.stream.Collectors;
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

  /** What one user may do with one resource. */
  private record Grant(String principal, Permission permission) {}

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
    List<Grant> grants = new ArrayList<>();
    add(Component.NODE, nodes, grants);
    add(Component.JOBS, jobs, grants);
    add(Component.ARCHIVER, archivers, grants);
    add(Component.READER, readers, grants);
    add(Component.CONTROLLER, controllers, grants);
    add(Component.ADMIN, admins, grants);
    if (grants.isEmpty()) {
      throw new CommandException(
          Exit.USAGE, "No user given: name one by --node, --jobs, --archiver, --reader or others.");
    }
    if (!apply) {
      console.result(grants.stream().map(this::command).collect(Collectors.joining()));
      return Exit.OK;
    }
    if (bootstrap == null) {
      throw new CommandException(Exit.USAGE, "--apply needs --bootstrap HOST:PORT.");
    }
    List<AclBinding> bindings =
        grants.stream()
            .flatMap(one -> one.permission().bindings(one.principal()).stream())
            .toList();
    grant(bindings);
    console.info("granted " + bindings.size() + " ACLs at " + bootstrap);
    return Exit.OK;
  }

  private void add(Component component, List<String> principals, List<Grant> grants)
      throws CommandException {
    for (String principal : principals) {
      if (!principal.matches("User:\\S+")) {
        throw new CommandException(
            Exit.USAGE,
            "--%s %s: expected User:NAME, as Kafka names its users."
                .formatted(component.word(), principal));
      }
      for (Permission permission : component.permissions(applicationId)) {
        grants.add(new Grant(principal, permission));
      }
    }
  }

  private String command(Grant grant) {
    return "kafka-acls --bootstrap-server "
        + (bootstrap == null ? "HOST:PORT" : bootstrap)
        + (clientConfig == null ? "" : " --command-config " + clientConfig)
        + " "
        + grant.permission().command("'" + grant.principal() + "'")
        + "\n";
  }

  private void grant(List<AclBinding> bindings) throws CommandException, InterruptedException {
    Map<String, Object> config =
        new HashMap<>(ClusterOptions.clients(clientConfig, context.environment()).kafka());
    config.put(CommonClientConfigs.BOOTSTRAP_SERVERS_CONFIG, bootstrap);
    try (Admin admin = Admin.create(config)) {
      admin.createAcls(bindings).all().get(LIMIT_SECONDS, TimeUnit.SECONDS);
    } catch (ExecutionException | TimeoutException | KafkaException e) {
      Throwable reason = e.getCause() == null ? e : e.getCause();
      throw new CommandException(
          CommandErrors.clusterFailure(e),
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
}
