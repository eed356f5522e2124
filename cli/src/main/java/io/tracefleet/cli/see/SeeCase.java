// SPDX-License-Identifier: Apache-2.0
package io.tracefleet.cli.see;

import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.function.Predicate;

/** What is measured together. */
public enum SeeCase {
  VISIBLE,
  API,
  PAINT,
  SQL,
  ARCHIVE;

  /** The word for it in {@code see/CASE}. */
  public String word() {
    return name().toLowerCase(Locale.ROOT);
  }

  /** As the other cases are named, with {@code see} for the guest. */
  public String path() {
    return "see/" + word();
  }

  /** Those whose {@link #path} is meant. */
  public static List<SeeCase> only(Predicate<String> meant) {
    return Arrays.stream(values()).filter(one -> meant.test(one.path())).toList();
  }

  /** The paths of these cases. */
  public static List<String> names(List<SeeCase> cases) {
    return cases.stream().map(SeeCase::path).toList();
  }
}
