// SPDX-License-Identifier: Apache-2.0
package io.tracefleet.schemas.clients;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.TreeSet;
import org.apache.kafka.common.acl.AccessControlEntry;
import org.apache.kafka.common.acl.AclBinding;
import org.apache.kafka.common.acl.AclOperation;
import org.apache.kafka.common.acl.AclPermissionType;
import org.apache.kafka.common.resource.PatternType;
import org.apache.kafka.common.resource.ResourcePattern;
import org.apache.kafka.common.resource.ResourceType;

/**
 * What a component may do with one resource, or with all whose names begin alike.
 *
 * @param type topic, group or transactional id
 * @param pattern literal or prefixed
 * @param name of the resource, or how its name begins
 * @param operations that are allowed; reading and writing include describing
 */
public record Permission(
    ResourceType type, PatternType pattern, String name, Set<AclOperation> operations) {
  public Permission {
    operations = Set.copyOf(operations);
  }

  /** For Kafka's admin client. */
  public List<AclBinding> bindings(String principal) {
    List<AclBinding> bindings = new ArrayList<>();
    for (AclOperation operation : new TreeSet<>(operations)) {
      bindings.add(
          new AclBinding(
              new ResourcePattern(type, name, pattern),
              new AccessControlEntry(principal, "*", operation, AclPermissionType.ALLOW)));
    }
    return bindings;
  }

  /** For Kafka's kafka-acls, without the address. */
  public String command(String principal) {
    StringBuilder line = new StringBuilder("--add --allow-principal ").append(principal);
    operationNames().forEach(word -> line.append(" --operation ").append(word));
    return line.append(
            switch (type) {
              case GROUP -> " --group ";
              case TRANSACTIONAL_ID -> " --transactional-id ";
              default -> " --topic ";
            })
        .append(name)
        .append(pattern == PatternType.PREFIXED ? " --resource-pattern-type prefixed" : "")
        .toString();
  }

  /** The operations as kafka-acls names them, in Kafka's order. */
  public List<String> operationNames() {
    return new TreeSet<>(operations)
        .stream()
            .map(
                operation ->
                    switch (operation) {
                      case DESCRIBE_CONFIGS -> "DescribeConfigs";
                      default ->
                          operation.name().charAt(0)
                              + operation.name().substring(1).toLowerCase(Locale.ROOT);
                    })
            .toList();
  }

  /** The resource for people: a star stands for what follows a prefix. */
  public String resource() {
    return name + (pattern == PatternType.PREFIXED ? "*" : "");
  }
}
