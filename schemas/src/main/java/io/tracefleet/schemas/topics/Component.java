// SPDX-License-Identifier: Apache-2.0
package io.tracefleet.schemas.topics;

import static org.apache.kafka.common.acl.AclOperation.CREATE;
import static org.apache.kafka.common.acl.AclOperation.DESCRIBE;
import static org.apache.kafka.common.acl.AclOperation.DESCRIBE_CONFIGS;
import static org.apache.kafka.common.acl.AclOperation.READ;
import static org.apache.kafka.common.acl.AclOperation.WRITE;

import io.tracefleet.schemas.clients.Permission;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import org.apache.kafka.common.acl.AclOperation;
import org.apache.kafka.common.resource.PatternType;
import org.apache.kafka.common.resource.ResourceType;

/** The parts of Tracefleet that Kafka tells apart by their users, and the least that each needs. */
public enum Component {
  /** {@code tracefleet node} and {@code trace}: publishes what guests do. */
  NODE,
  /** The stream jobs: batches to results, exactly once. */
  JOBS,
  /** {@code tracefleet archive}, {@code export}: reads everything, writes nothing. */
  ARCHIVER,
  /** {@code tracefleet runs}, {@code top}, {@code audit}, the report of {@code trace}. */
  READER,
  /** Whoever tells nodes what to trace. */
  CONTROLLER,
  /** {@code tracefleet prepare}: creates the topics. */
  ADMIN;

  private static final Set<AclOperation> WRITER = Set.of(WRITE, DESCRIBE_CONFIGS);
  private static final Set<AclOperation> READER_OF = Set.of(READ);
  private static final String ALL_TOPICS = "tracefleet.";

  /** The jobs' results, in the order of the flow. */
  static final List<String> RESULTS =
      List.of(
          Topics.HOT_BLOCKS,
          Topics.VCPU_INSTRUCTIONS,
          Topics.HWADDR,
          Topics.SYSCALLS,
          Topics.ACCOUNTING);

  /**
   * All that this component must be allowed; all else may be denied.
   *
   * @param applicationId of the jobs, which names their group, transactions and internal topics
   */
  public List<Permission> permissions(String applicationId) {
    List<Permission> all = new ArrayList<>();
    switch (this) {
      case NODE -> {
        topics(all, WRITER, Topics.RUNS, Topics.BATCHES, Topics.BLOCKS);
        topics(all, READER_OF, Topics.CONTROL);
      }
      case JOBS -> {
        topics(all, Set.of(READ, DESCRIBE_CONFIGS), Topics.RUNS, Topics.BATCHES, Topics.BLOCKS);
        topics(all, WRITER, Topics.DEAD_LETTERS);
        topics(all, WRITER, RESULTS.toArray(String[]::new));
        all.add(
            new Permission(
                ResourceType.TOPIC,
                PatternType.PREFIXED,
                applicationId + "-",
                Set.of(CREATE, READ, WRITE, DESCRIBE_CONFIGS)));
        all.add(
            new Permission(ResourceType.GROUP, PatternType.LITERAL, applicationId, Set.of(READ)));
        all.add(
            new Permission(
                ResourceType.TRANSACTIONAL_ID,
                PatternType.PREFIXED,
                applicationId + "-",
                Set.of(WRITE)));
      }
      case ARCHIVER -> {
        topics(all, READER_OF, Topics.RUNS, Topics.BATCHES, Topics.BLOCKS);
        topics(all, READER_OF, RESULTS.toArray(String[]::new));
      }
      case READER -> {
        topics(all, READER_OF, Topics.RUNS, Topics.BLOCKS);
        topics(all, READER_OF, RESULTS.toArray(String[]::new));
      }
      case CONTROLLER -> {
        topics(all, READER_OF, Topics.RUNS);
        topics(all, Set.of(READ, WRITE), Topics.CONTROL);
      }
      case ADMIN ->
          all.add(
              new Permission(
                  ResourceType.TOPIC,
                  PatternType.PREFIXED,
                  ALL_TOPICS,
                  Set.of(CREATE, DESCRIBE, DESCRIBE_CONFIGS)));
    }
    return all;
  }

  /** As options and documents have it. */
  public String word() {
    return name().toLowerCase(Locale.ROOT);
  }

  private static void topics(List<Permission> all, Set<AclOperation> operations, String... names) {
    for (String name : names) {
      all.add(new Permission(ResourceType.TOPIC, PatternType.LITERAL, name, operations));
    }
  }
}
