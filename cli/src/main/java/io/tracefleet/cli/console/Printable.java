// SPDX-License-Identifier: Apache-2.0
package io.tracefleet.cli.console;

/**
 * Makes text that a guest controls (symbols, device names, disassembly, command lines) safe for a
 * terminal: control, format and other invisible characters are written as escapes, and the length
 * is bounded. Stateless.
 */
public final class Printable {
  private static final String ELLIPSIS = "…";

  private Printable() {}

  /**
   * @param text any text
   * @param limit largest number of characters in the answer, at least 1; a longer text ends in an
   *     ellipsis
   */
  public static String of(String text, int limit) {
    StringBuilder safe = new StringBuilder(Math.min(text.length(), limit) + 8);
    int index = 0;
    while (index < text.length() && safe.length() <= limit) {
      int point = text.codePointAt(index);
      index += Character.charCount(point);
      append(safe, point);
    }
    if (safe.length() <= limit && index == text.length()) {
      return safe.toString();
    }
    int end = limit - 1;
    if (end > 0 && Character.isHighSurrogate(safe.charAt(end - 1))) {
      end--;
    }
    return safe.substring(0, end) + ELLIPSIS;
  }

  private static void append(StringBuilder safe, int point) {
    if (point == '\t') {
      safe.append(' ');
    } else if (isVisible(point)) {
      safe.appendCodePoint(point);
    } else if (point <= 0xff) {
      safe.append(String.format("\\x%02x", point));
    } else {
      safe.append(String.format("\\u{%x}", point));
    }
  }

  private static boolean isVisible(int point) {
    return switch (Character.getType(point)) {
      case Character.CONTROL,
          Character.FORMAT,
          Character.SURROGATE,
          Character.PRIVATE_USE,
          Character.UNASSIGNED,
          Character.LINE_SEPARATOR,
          Character.PARAGRAPH_SEPARATOR,
          // Combining marks could be piled up over neighbouring lines.
          Character.NON_SPACING_MARK,
          Character.ENCLOSING_MARK ->
          false;
      default -> true;
    };
  }
}
