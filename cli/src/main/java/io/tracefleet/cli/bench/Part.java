// SPDX-License-Identifier: Apache-2.0
package io.tracefleet.cli.bench;

/** Who spent the CPU time. Broker, jobs and node are threads of one JVM. */
public enum Part {
  /** QEMU with the guest and, if there is one, the plugin; or the tool that replaces QEMU. */
  GUEST("guest", "QEMU with the guest and the plugin"),
  /** Reads the ring and publishes. */
  NODE("node", "emulator node: reads the ring, compresses, publishes"),
  /** Kafka's broker. */
  BROKER("broker", "Kafka broker"),
  /** Decodes and adds up. */
  JOBS("jobs", "stream jobs: decode, add up, publish results"),
  /** What the JVM did beside running the parts' threads. */
  JVM("JVM", "compiler and garbage collector of the JVM that holds node, broker and jobs"),
  /** The schema registry's JVM. */
  REGISTRY("registry", "schema registry, a JVM of its own");

  private final String word;
  private final String meaning;

  Part(String word, String meaning) {
    this.word = word;
    this.meaning = meaning;
  }

  /** Short name, for headings. */
  public String word() {
    return word;
  }

  /** What it is, for people. */
  public String meaning() {
    return meaning;
  }
}
