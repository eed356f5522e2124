// SPDX-License-Identifier: Apache-2.0
package io.tracefleet.metrics;

import static java.util.Objects.requireNonNull;

import java.net.InetAddress;
import java.net.UnknownHostException;
import java.util.Optional;

/**
 * Where a component can be watched. What is shown are sums of a component, never what a guest
 * executed, and there is no token: beyond loopback everybody who can connect can read.
 *
 * @param port 0: any free one; empty: there is no endpoint
 * @param address that it listens on
 */
public record MetricsSettings(Optional<Integer> port, String address) {
  /** Only this machine. */
  public static final String LOOPBACK = "127.0.0.1";

  /** No endpoint. */
  public static final MetricsSettings OFF = new MetricsSettings(Optional.empty(), LOOPBACK);

  /** On loopback, on any free port. */
  public static final MetricsSettings ANY_PORT = OFF.withPort(Optional.of(0));

  private static final String OFF_WORD = "off";
  private static final int LARGEST_PORT = 65_535;

  public MetricsSettings {
    port.ifPresent(
        number -> {
          if (number < 0 || number > LARGEST_PORT) {
            throw wrongPort(number.toString());
          }
        });
    if (requireNonNull(address, "address").isBlank()) {
      throw new IllegalArgumentException("metricsAddress: none given, expected an address");
    }
    try {
      InetAddress.getByName(address);
    } catch (UnknownHostException e) {
      throw new IllegalArgumentException(
          "metricsAddress: \"" + address + "\" is no address of this machine", e);
    }
  }

  /**
   * What users write for a port: a number, 0 for any free one, or {@code off}.
   *
   * @throws IllegalArgumentException if it is something else
   */
  public static Optional<Integer> port(String word) {
    if (word.equals(OFF_WORD)) {
      return Optional.empty();
    }
    if (!word.matches("[0-9]{1,5}") || Integer.parseInt(word) > LARGEST_PORT) {
      throw wrongPort(word);
    }
    return Optional.of(Integer.valueOf(word));
  }

  private static IllegalArgumentException wrongPort(String word) {
    return new IllegalArgumentException(
        "metricsPort: \"" + word + "\" is not off, or 0 (any free port) to " + LARGEST_PORT);
  }

  public MetricsSettings withPort(Optional<Integer> value) {
    return new MetricsSettings(value, address);
  }

  public MetricsSettings withAddress(String value) {
    return new MetricsSettings(port, value);
  }
}
