// SPDX-License-Identifier: Apache-2.0
package io.tracefleet.cli.cluster;

import java.io.IOException;
import java.lang.reflect.InvocationTargetException;

/**
 * Main class of the registry's child JVM. It ends the JVM when standard input closes, which the
 * kernel does even if the parent is killed with SIGKILL.
 */
public final class RegistryMain {
  /** Quarkus' generated entry of the registry's runner jar; it is not on the compile class path. */
  private static final String QUARKUS_MAIN = "io.quarkus.runner.GeneratedMain";

  private static final int HALT_AFTER_MILLIS = 3_000;

  private RegistryMain() {}

  /**
   * @param arguments handed on to the registry
   */
  public static void main(String[] arguments) throws ReflectiveOperationException {
    startDaemon("parent-watch", RegistryMain::exitWithParent);
    try {
      Class.forName(QUARKUS_MAIN)
          .getMethod("main", String[].class)
          .invoke(null, (Object) arguments);
    } catch (InvocationTargetException e) {
      e.getCause().printStackTrace();
      Runtime.getRuntime().halt(1);
    }
  }

  private static void exitWithParent() {
    try {
      while (System.in.read() >= 0) {
        // nothing is ever sent
      }
    } catch (IOException e) {
      // the same as the end of the stream
    }
    startDaemon("halt", RegistryMain::haltSoon);
    System.exit(0);
  }

  private static void haltSoon() {
    try {
      Thread.sleep(HALT_AFTER_MILLIS);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
    Runtime.getRuntime().halt(1);
  }

  private static void startDaemon(String name, Runnable body) {
    Thread thread = new Thread(body, name);
    thread.setDaemon(true);
    thread.start();
  }
}
