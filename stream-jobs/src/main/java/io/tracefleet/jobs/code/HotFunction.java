// SPDX-License-Identifier: Apache-2.0
package io.tracefleet.jobs.code;

import java.util.Collections;
import java.util.Comparator;
import java.util.HashSet;
import java.util.Set;

/**
 * What was executed in one function of one image, or in all code of an image of which the function
 * is not known.
 */
public final class HotFunction {
  /** Orders names of functions and images: what has none comes last. */
  public static final Comparator<String> NAMES = Comparator.nullsLast(Comparator.naturalOrder());

  private static final String UNKNOWN = "[unknown]";

  private final String function;
  private final String buildId;
  private final Set<String> runs = new HashSet<>(2);
  private final Set<String> nodes = new HashSet<>(2);
  private String target;
  private String image;
  private long instructions;
  private long executions;
  private int blocks;

  HotFunction(String target, CodePlace place) {
    this.target = target;
    this.function = place.functionName();
    this.buildId = place.image() == null ? null : place.buildId();
    this.image = place.image();
  }

  void add(
      String itsTarget,
      CodePlace place,
      long itsInstructions,
      long itsExecutions,
      Set<String> itsRuns,
      Set<String> itsNodes) {
    if (image != null && place.image().compareTo(image) < 0) {
      image = place.image(); // of two paths of one image the first in the alphabet stays
    }
    if (itsTarget.compareTo(target) < 0) {
      target = itsTarget;
    }
    instructions += itsInstructions;
    executions += itsExecutions;
    blocks++;
    runs.addAll(itsRuns);
    nodes.addAll(itsNodes);
  }

  /** Never null: the function; where it is not known the image's file name, or unknown, in []. */
  public String name() {
    if (function != null) {
      return function;
    }
    return image == null ? UNKNOWN : "[" + image.substring(image.lastIndexOf('/') + 1) + "]";
  }

  /** QEMU's target name. */
  public String target() {
    return target;
  }

  /** By the image's symbols, or else by QEMU; null if neither knows. */
  public String function() {
    return function;
  }

  /** File that the code is from, or null. */
  public String image() {
    return image;
  }

  /** Of the image, or null. */
  public String buildId() {
    return buildId;
  }

  /** Instructions executed in it: executions times instructions of its blocks, added up. */
  public long instructions() {
    return instructions;
  }

  /** Of its blocks; calls are not counted. */
  public long executions() {
    return executions;
  }

  /** That were executed. */
  public int blocks() {
    return blocks;
  }

  /** Ids of those that executed it. */
  public Set<String> runs() {
    return Collections.unmodifiableSet(runs);
  }

  /** Names of those that these ran on. */
  public Set<String> nodes() {
    return Collections.unmodifiableSet(nodes);
  }
}
