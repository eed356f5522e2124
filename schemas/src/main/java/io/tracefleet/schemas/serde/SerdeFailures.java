// SPDX-License-Identifier: Apache-2.0
package io.tracefleet.schemas.serde;

import com.fasterxml.jackson.core.JsonProcessingException;
import io.confluent.kafka.schemaregistry.client.rest.exceptions.RestClientException;
import java.io.InterruptedIOException;
import java.net.SocketException;
import java.net.UnknownHostException;
import javax.net.ssl.SSLException;
import org.apache.kafka.common.errors.AuthenticationException;
import org.apache.kafka.common.errors.AuthorizationException;
import org.apache.kafka.common.errors.RetriableException;
import org.apache.kafka.common.errors.ThrottlingQuotaExceededException;

/** Tells why a serializer or deserializer failed. */
public final class SerdeFailures {
  private static final int CAUSES_LOOKED_AT = 16;

  private SerdeFailures() {}

  /**
   * Whether the same record may go through later: true if the schema registry did not answer,
   * refused the credentials or was in trouble; false if the record itself is broken, its schema id
   * unknown or its schema another one.
   *
   * @param failure what a serializer or deserializer of {@link SerdeFactory} threw
   */
  public static boolean isTemporary(Throwable failure) {
    Throwable cause = failure;
    for (int i = 0; cause != null && i < CAUSES_LOOKED_AT; i++) {
      if (cause instanceof RestClientException answer) {
        return !isAboutTheRecord(answer);
      }
      if (cause instanceof RetriableException
          || cause instanceof AuthenticationException
          || cause instanceof AuthorizationException
          || cause instanceof ThrottlingQuotaExceededException
          || isConnectionFailure(cause)) {
        return true;
      }
      cause = cause.getCause();
    }
    return false;
  }

  /** The registry has answered and would answer the same again: not found, conflict, invalid. */
  static boolean isAboutTheRecord(RestClientException answer) {
    int status = answer.getStatus();
    return status == 404 || status == 409 || status == 422;
  }

  // Not IOException as a whole: a record that is cut off ends in an EOFException.
  private static boolean isConnectionFailure(Throwable cause) {
    return cause instanceof SocketException
        || cause instanceof InterruptedIOException
        || cause instanceof UnknownHostException
        || cause instanceof SSLException
        || cause instanceof JsonProcessingException;
  }
}
