// SPDX-License-Identifier: Apache-2.0
package io.tracefleet.cli.cluster;

import java.io.IOException;
import java.nio.file.Path;

/**
 * Another process of the tests: takes a temporary directory, tells its path, keeps it until it is
 * killed.
 */
final class DataDirectoryHolder {
  private DataDirectoryHolder() {}

  public static void main(String[] arguments) throws ClusterException, IOException {
    System.out.println(DataDirectory.temporary(Path.of(arguments[0])).path());
    System.in.read(); // never answered
  }
}
