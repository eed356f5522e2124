// SPDX-License-Identifier: Apache-2.0
package io.tracefleet.cli.bench;

import java.util.ArrayList;
import java.util.List;

/**
 * The slowdowns as a picture: a bar per case, a whisker from the least to the most. It has a
 * background and colours of its own for light and for dark surroundings. Stateless.
 */
public final class BenchSvg {
  private static final int WIDTH = 880;
  private static final int MARGIN = 16;
  private static final int LABELS = 350;
  private static final int NUMBERS = 76;
  private static final int ROW = 22;
  private static final int BAR = 12;
  private static final int TITLE = 34;
  private static final int HEAD = 56;
  private static final int AXIS = 30;

  /** Beyond this a linear scale would leave nothing of the short bars. */
  private static final double LARGEST_LINEAR = 16;

  private static final String STYLE =
      """
      <style>
        svg { font-family: system-ui, sans-serif; font-size: 13px; }
        .back { fill: #ffffff; }
        text { fill: #1f2328; }
        .quiet { fill: #59636e; }
        .grid { stroke: #d1d9e0; stroke-width: 1; }
        .one { stroke: #59636e; stroke-width: 1; }
        .bare { fill: #818b98; }
        .alone { fill: #54aeff; }
        .all { fill: #0969da; }
        .other { fill: #bc4c00; }
        .range { stroke: #1f2328; stroke-width: 1.5; fill: none; }
        @media (prefers-color-scheme: dark) {
          .back { fill: #0d1117; }
          text { fill: #f0f6fc; }
          .quiet { fill: #9198a1; }
          .grid { stroke: #3d444d; }
          .one { stroke: #9198a1; }
          .bare { fill: #9198a1; }
          .alone { fill: #1f6feb; }
          .all { fill: #79c0ff; }
          .other { fill: #f0883e; }
          .range { stroke: #f0f6fc; }
        }
      </style>
      """;

  private final double largest;
  private final boolean logarithmic;
  private final StringBuilder text = new StringBuilder();
  private int y = HEAD;

  private BenchSvg(double largest) {
    this.largest = largest;
    this.logarithmic = largest > LARGEST_LINEAR;
  }

  /** The whole file. */
  public static String render(BenchResult result) {
    double largest = 2;
    for (GuestResult guest : result.guests()) {
      for (CaseResult which : guest.cases()) {
        largest = Math.max(largest, which.wallRatio().map(Spread::max).orElse(0.0));
      }
    }
    return new BenchSvg(largest).picture(result);
  }

  private String picture(BenchResult result) {
    int bodyTop = HEAD;
    for (GuestResult guest : result.guests()) {
      guest(guest);
    }
    int bodyBottom = y;
    String bars = text.toString();
    text.setLength(0);
    int height = bodyBottom + AXIS;
    text.append("<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"")
        .append(WIDTH)
        .append("\" height=\"")
        .append(height)
        .append("\" viewBox=\"0 0 ")
        .append(WIDTH)
        .append(' ')
        .append(height)
        .append("\" role=\"img\" aria-label=\"How much slower guests run than in bare QEMU\">\n")
        .append(STYLE)
        .append("<rect class=\"back\" width=\"100%\" height=\"100%\" rx=\"8\"/>\n");
    label(MARGIN, 26, "start", "", "Time in relation to bare QEMU", true);
    label(
        MARGIN,
        44,
        "start",
        "quiet",
        "median of "
            + result.rounds()
            + " rounds, line from least to most; less is better"
            + (logarithmic ? "; the scale is logarithmic" : ""),
        false);
    for (double tick : ticks()) {
      double x = x(tick);
      text.append(
          Show.format(
              "<line class=\"%s\" x1=\"%.1f\" y1=\"%d\" x2=\"%.1f\" y2=\"%d\"/>\n",
              tick == 1 ? "one" : "grid", x, bodyTop + 4, x, bodyBottom + 4));
      label((int) Math.round(x), bodyBottom + 20, "middle", "quiet", tickText(tick), false);
    }
    return text.append(bars).append("</svg>\n").toString();
  }

  private void guest(GuestResult guest) {
    y += TITLE;
    label(MARGIN, y - 8, "start", "", guest.title(), true);
    for (CaseResult which : guest.cases()) {
      which.wallRatio().ifPresent(ratio -> bar(which, ratio));
    }
  }

  private void bar(CaseResult which, Spread ratio) {
    int middle = y + ROW / 2;
    label(MARGIN + 10, middle + 4, "start", "", which.title(), false);
    double from = x(logarithmic ? 1 : 0);
    double to = Math.max(x(ratio.median()), from + 1);
    text.append(
        Show.format(
            "<rect class=\"%s\" x=\"%.1f\" y=\"%d\" width=\"%.1f\" height=\"%d\" rx=\"2\"/>\n",
            colour(which), from, middle - BAR / 2, to - from, BAR));
    if (ratio.max() > ratio.min()) {
      text.append(
          Show.format(
              "<path class=\"range\" d=\"M%.1f %dH%.1fM%.1f %dv6M%.1f %dv6\"/>\n",
              x(ratio.min()),
              middle,
              x(ratio.max()),
              x(ratio.min()),
              middle - 3,
              x(ratio.max()),
              middle - 3));
    }
    label(WIDTH - MARGIN, middle + 4, "end", "", Show.ratio(ratio.median()), false);
    y += ROW;
  }

  private static String colour(CaseResult which) {
    if (!which.own()) {
      return "other";
    }
    if (which.id().equals(BenchCase.BARE.id())) {
      return "bare";
    }
    return which.hasParts() ? "all" : "alone";
  }

  private double x(double ratio) {
    double width = WIDTH - LABELS - NUMBERS - MARGIN;
    double share =
        logarithmic
            ? Math.log(Math.max(ratio, 1)) / Math.log(largest)
            : Math.min(ratio, largest) / largest;
    return LABELS + share * width;
  }

  private List<Double> ticks() {
    List<Double> ticks = new ArrayList<>();
    if (logarithmic) {
      for (double tick = 1; tick <= largest; tick *= largest > 256 ? 4 : 2) {
        ticks.add(tick);
      }
    } else {
      double step = largest > 8 ? 2 : 1;
      ticks.add(1.0);
      for (double tick = step == 1 ? 2 : step; tick <= largest; tick += step) {
        ticks.add(tick);
      }
    }
    return ticks;
  }

  private static String tickText(double tick) {
    return Show.format("%.0fx", tick);
  }

  private void label(
      int x, int baseline, String anchor, String style, String words, boolean strong) {
    text.append("<text x=\"").append(x).append("\" y=\"").append(baseline).append('"');
    if (!anchor.equals("start")) {
      text.append(" text-anchor=\"").append(anchor).append('"');
    }
    if (!style.isEmpty()) {
      text.append(" class=\"").append(style).append('"');
    }
    if (strong) {
      text.append(" font-weight=\"600\"");
    }
    text.append('>').append(escape(words)).append("</text>\n");
  }

  private static String escape(String words) {
    return words
        .replace("&", "&amp;")
        .replace("<", "&lt;")
        .replace(">", "&gt;")
        .replace("\"", "&quot;");
  }
}
