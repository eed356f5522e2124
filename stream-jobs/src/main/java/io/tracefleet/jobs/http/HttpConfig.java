// SPDX-License-Identifier: Apache-2.0
package io.tracefleet.jobs.http;

import static java.util.Objects.requireNonNull;

import java.net.InetAddress;
import java.net.UnknownHostException;
import java.nio.file.Path;
import java.util.Optional;

/**
 * Settings of the HTTP interface.
 *
 * @param port 0: any free one; empty: there is no HTTP interface
 * @param address that it listens on
 * @param advertised {@code host:port} by which the other instances reach this one; empty: the
 *     address and the port
 * @param tokenFile file with the token that users and instances must give; needed beyond loopback
 * @param eventClients most event streams at once, 1 to 10000
 */
public record HttpConfig(
    Optional<Integer> port,
    String address,
    Optional<String> advertised,
    Optional<Path> tokenFile,
    int eventClients) {
  /** No HTTP interface. */
  public static final HttpConfig OFF =
      new HttpConfig(Optional.empty(), "127.0.0.1", Optional.empty(), Optional.empty(), 64);

  public HttpConfig {
    port.ifPresent(
        number ->
            check(number >= 0 && number <= 65_535, "http.port", number, "off, or 0 to 65535"));
    check(!requireNonNull(address, "address").isBlank(), "http.address", address, "an address");
    advertised.ifPresent(
        value ->
            check(
                value.matches("(\\[[0-9a-fA-F:.]+]|[A-Za-z0-9._-]+):[1-9][0-9]{0,4}"),
                "http.advertised",
                value,
                "host:port"));
    check(
        eventClients >= 1 && eventClients <= 10_000,
        "http.event.clients",
        eventClients,
        "1 to 10000");
    if (port.isPresent() && !isLoopback(address)) {
      check(
          tokenFile.isPresent(),
          "http.address",
          address,
          "an address of this machine only, such as 127.0.0.1, or a token by http.token.file");
      check(
          advertised.isPresent() || !isAny(address),
          "http.address",
          address,
          "the address by which other instances reach this one, too, by http.advertised");
    }
  }

  /** On loopback, on this port. */
  public static HttpConfig local(int port) {
    return new HttpConfig(
        Optional.of(port), OFF.address, OFF.advertised, OFF.tokenFile, OFF.eventClients);
  }

  /** True if only this machine can connect. */
  boolean loopbackOnly() {
    return isLoopback(address);
  }

  private static boolean isLoopback(String address) {
    try {
      return InetAddress.getByName(address).isLoopbackAddress();
    } catch (UnknownHostException e) {
      throw new IllegalArgumentException(
          "Setting http.address is \"%s\", which is no address of this machine.".formatted(address),
          e);
    }
  }

  private static boolean isAny(String address) {
    try {
      return InetAddress.getByName(address).isAnyLocalAddress();
    } catch (UnknownHostException e) {
      return false; // was looked up before
    }
  }

  private static void check(boolean good, String key, Object value, String allowed) {
    if (!good) {
      throw new IllegalArgumentException(
          "Setting %s is \"%s\": give %s.".formatted(key, value, allowed));
    }
  }
}
