// SPDX-License-Identifier: Apache-2.0
package io.tracefleet.cli.bench;

import io.tracefleet.cli.see.SeeFigure;
import java.util.Locale;
import java.util.Optional;

/** Figures as text, the same in every locale. Stateless. */
final class Show {
  private static final String NOTHING = "-";
  private static final double KILO = 1e3;
  private static final double MEGA = 1e6;
  private static final double GIGA = 1e9;
  private static final double MIB = 1 << 20;

  private Show() {}

  /** 3.14x, 314x. */
  static String ratio(double ratio) {
    return number(ratio) + "x";
  }

  static String ratio(Optional<Spread> ratio) {
    return ratio.map(spread -> ratio(spread.median())).orElse(NOTHING);
  }

  static String range(Optional<Spread> spread) {
    return spread.map(s -> number(s.min()) + ".." + number(s.max())).orElse(NOTHING);
  }

  static String seconds(Optional<Spread> seconds) {
    return seconds.map(spread -> format("%.2f", spread.median())).orElse(NOTHING);
  }

  /** Small figures, such as bytes per instruction. */
  static String fine(Optional<Spread> figure) {
    return figure
        .map(
            spread ->
                spread.median() < 1 ? format("%.4f", spread.median()) : number(spread.median()))
        .orElse(NOTHING);
  }

  static String mebibytes(Optional<Spread> bytes) {
    return bytes.map(spread -> format("%.0f", spread.median() / MIB)).orElse(NOTHING);
  }

  /** 1.23 G, 456 M. */
  static String large(double figure) {
    if (figure >= GIGA) {
      return format("%.2f G", figure / GIGA);
    }
    if (figure >= MEGA) {
      return format("%.0f M", figure / MEGA);
    }
    return figure >= KILO ? format("%.0f k", figure / KILO) : format("%.0f", figure);
  }

  /** A figure of {@code see}. */
  static String figure(SeeFigure.Unit unit, double figure) {
    return switch (unit) {
      case SECONDS -> format("%.2f s", figure);
      case MILLISECONDS -> format("%.1f ms", figure);
      case BYTES -> format("%.0f kB", figure / KILO);
      case COUNT -> format("%,.0f", figure);
      case RATIO -> ratio(figure);
      case RATE -> format("%.0f MB/s", figure / MEGA);
    };
  }

  static String large(Optional<Spread> figure) {
    return figure.map(spread -> large(spread.median())).orElse(NOTHING);
  }

  /** Three digits, at least. */
  static String number(double figure) {
    if (figure < 10) {
      return format("%.2f", figure);
    }
    return figure < 100 ? format("%.1f", figure) : format("%.0f", figure);
  }

  static String format(String format, Object... arguments) {
    return String.format(Locale.ROOT, format, arguments);
  }
}
