// SPDX-License-Identifier: Apache-2.0
package io.tracefleet.schemas.clients;

import io.confluent.kafka.schemaregistry.client.rest.exceptions.RestClientException;
import java.util.Optional;
import java.util.TreeSet;
import javax.net.ssl.SSLException;
import org.apache.kafka.common.errors.AuthorizationException;
import org.apache.kafka.common.errors.ClusterAuthorizationException;
import org.apache.kafka.common.errors.GroupAuthorizationException;
import org.apache.kafka.common.errors.SaslAuthenticationException;
import org.apache.kafka.common.errors.SslAuthenticationException;
import org.apache.kafka.common.errors.TopicAuthorizationException;
import org.apache.kafka.common.errors.TransactionalIdAuthorizationException;

/**
 * Tells whether a failure means that a server does not let this client in, or is not one that it
 * trusts. Trying again does not help then; all commands exit with {@link #EXIT_CODE}.
 */
public final class Refusals {
  /** EX_NOPERM of sysexits.h. */
  public static final int EXIT_CODE = 77;

  private static final int CAUSES_LOOKED_AT = 16;
  private static final int LONGEST = 300;

  private Refusals() {}

  /** True for a refusal by Kafka or the schema registry, at any depth of the causes. */
  public static boolean is(Throwable failure) {
    Throwable cause = failure;
    for (int i = 0; cause != null && i < CAUSES_LOOKED_AT; i++) {
      if (cause instanceof RestClientException answer
              && (answer.getStatus() == 401 || answer.getStatus() == 403)
          || cause instanceof SSLException
          || isKafkas(cause)) {
        return true;
      }
      cause = cause.getCause();
    }
    return false;
  }

  /**
   * What to tell the user about a refusal by Kafka: what, where, what to do, without a secret.
   *
   * @param bootstrap the brokers' addresses
   * @return one line; empty if it is no refusal by Kafka
   */
  public static Optional<String> byKafka(String bootstrap, Throwable failure) {
    Throwable cause = failure;
    for (int i = 0; cause != null && i < CAUSES_LOOKED_AT && !isKafkas(cause); i++) {
      cause = cause.getCause();
    }
    return cause == null || !isKafkas(cause)
        ? Optional.empty()
        : Optional.of("Kafka at %s %s".formatted(bootstrap, words(cause)));
  }

  private static boolean isKafkas(Throwable cause) {
    return cause instanceof SaslAuthenticationException
        || cause instanceof SslAuthenticationException
        || cause instanceof AuthorizationException;
  }

  private static String words(Throwable cause) {
    if (cause instanceof SaslAuthenticationException) {
      return "refuses the credentials: %s. Check user, password or token, and sasl.mechanism in the client settings."
          .formatted(oneLine(cause));
    }
    if (cause instanceof SslAuthenticationException) {
      return "and this client do not agree on TLS: %s. Check ssl.truststore.* and ssl.keystore.* in the client settings, security.protocol, and the address."
          .formatted(oneLine(deepest(cause)));
    }
    return "does not permit this user %s. `tracefleet acls` says what each part needs."
        .formatted(denied(cause));
  }

  private static String denied(Throwable cause) {
    if (cause instanceof TopicAuthorizationException topics
        && !topics.unauthorizedTopics().isEmpty()) {
      return "to use topic " + String.join(", ", new TreeSet<>(topics.unauthorizedTopics()));
    }
    if (cause instanceof GroupAuthorizationException group && group.groupId() != null) {
      return "to use group " + group.groupId();
    }
    if (cause instanceof TransactionalIdAuthorizationException) {
      return "to use its transactional ids";
    }
    if (cause instanceof ClusterAuthorizationException) {
      return "to do this to the cluster";
    }
    return "to do this: " + oneLine(cause);
  }

  private static Throwable deepest(Throwable failure) {
    Throwable deepest = failure;
    for (int i = 0; deepest.getCause() != null && i < CAUSES_LOOKED_AT; i++) {
      deepest = deepest.getCause();
    }
    return deepest;
  }

  private static String oneLine(Throwable failure) {
    String message = failure.getMessage() == null ? failure.toString() : failure.getMessage();
    String line =
        message.replaceAll("\\s+", " ").replaceAll("(\\w+\\.)+\\w+Exception: ", "").strip();
    line = line.length() <= LONGEST ? line : line.substring(0, LONGEST) + "...";
    return line.endsWith(".") ? line.substring(0, line.length() - 1) : line;
  }
}
