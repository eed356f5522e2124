// SPDX-License-Identifier: Apache-2.0
package io.tracefleet.cli.size;

import java.util.Locale;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** Numbers as people write them, with decimal prefixes: {@code 50M}, {@code 1.5G}. Stateless. */
public final class Amounts {
  private static final String PREFIXES = "kMGTP";
  private static final Pattern NUMBER = Pattern.compile("(\\d{1,9}(?:\\.\\d{1,3})?)([kMGT]?)");

  private Amounts() {}

  /** The number that is written so. */
  public static double parse(String text) {
    Matcher matcher = NUMBER.matcher(text);
    if (!matcher.matches()) {
      throw new IllegalArgumentException(
          "\"" + text + "\" is not a number such as 800k, 50M or 2G");
    }
    int prefix = matcher.group(2).isEmpty() ? 0 : PREFIXES.indexOf(matcher.group(2)) + 1;
    return Double.parseDouble(matcher.group(1)) * Math.pow(1000, prefix);
  }

  /** Two digits at least: 50 M, 5.3 G. */
  static String of(double number) {
    int prefix = -1;
    double left = number;
    while (left >= 999.5 && prefix < PREFIXES.length() - 1) {
      left /= 1000;
      prefix++;
    }
    String digits = String.format(Locale.ROOT, left < 9.95 ? "%.1f" : "%.0f", left);
    return prefix < 0 ? digits : digits + " " + PREFIXES.charAt(prefix);
  }

  static String bytes(double number) {
    String amount = of(number);
    return amount.contains(" ") ? amount + "B" : amount + " B";
  }

  static String percent(double share) {
    return Math.round(share * 100) + " %";
  }

  static String seconds(double seconds) {
    return String.format(Locale.ROOT, "%.1f s", seconds);
  }
}
