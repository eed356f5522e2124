// SPDX-License-Identifier: Apache-2.0
package io.tracefleet.cli.commands;

import io.tracefleet.cli.console.CommandException;
import io.tracefleet.cli.console.Console;
import io.tracefleet.cli.console.Exit;
import io.tracefleet.node.config.ClusterAccess;
import io.tracefleet.schemas.clients.Refusals;
import io.tracefleet.schemas.serde.RegistrySettings;
import io.tracefleet.schemas.serde.SchemaRegistry;
import io.tracefleet.schemas.topics.TopicCreator;
import io.tracefleet.schemas.topics.TopicException;
import io.tracefleet.schemas.topics.TopicOptions;
import io.tracefleet.schemas.topics.Topics;
import java.time.Duration;
import java.util.HashMap;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.Callable;
import org.apache.kafka.clients.CommonClientConfigs;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.common.KafkaException;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** Does once what nodes and jobs would otherwise need the right to do. */
@Command(
    name = "prepare",
    description =
        "Creates the topics and registers the schemas that are missing, for fleets whose nodes and jobs may not.",
    footer = {"", "What exists stays as it is. More: docs/security.md."})
final class PrepareCommand implements Callable<Integer> {
  private static final Duration LIMIT = Duration.ofSeconds(30);

  private final Context context;

  @Mixin private OutputOptions output;
  @Mixin private ClusterOptions clusterOptions;

  @Option(
      names = "--partitions",
      paramLabel = "N",
      defaultValue = "4",
      description = "Partitions of new topics, 1 to 1000. Default: ${DEFAULT-VALUE}.")
  private int partitions;

  @Option(
      names = "--replication",
      paramLabel = "N",
      defaultValue = "-1",
      description = "Replicas of new topics. Default: the broker's.")
  private int replication;

  PrepareCommand(Context context) {
    this.context = context;
  }

  @Override
  public Integer call() throws Exception {
    Console console = context.consoles().apply(output.quiet());
    TopicOptions options = options();
    ClusterAccess access = clusterOptions.resolve(context.environment());
    Map<String, Object> config = new HashMap<>(access.clientProperties());
    config.put(CommonClientConfigs.BOOTSTRAP_SERVERS_CONFIG, access.bootstrap());
    try (Admin admin = Admin.create(config)) {
      Set<String> created = new TopicCreator(admin, LIMIT).create(Topics.all(options));
      console.info(
          created.isEmpty() ? "all topics exist" : "created " + String.join(", ", created));
    } catch (TopicException | KafkaException e) {
      throw new CommandException(
          CommandErrors.clusterFailure(e),
          Refusals.byKafka(access.bootstrap(), e).orElseGet(e::getMessage),
          e);
    }
    RegistrySettings settings =
        RegistrySettings.of(access.registry()).withClient(access.registryProperties());
    try (SchemaRegistry registry = SchemaRegistry.connect(settings, LIMIT)) {
      registry.prepare(Topics.subjects());
    }
    console.info("all schemas are registered");
    return Exit.OK;
  }

  private TopicOptions options() throws CommandException {
    try {
      return TopicOptions.DEFAULTS.withPartitions(partitions).withReplication(replication);
    } catch (IllegalArgumentException e) {
      throw new CommandException(Exit.USAGE, e.getMessage(), e);
    }
  }
}
