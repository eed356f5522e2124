// SPDX-License-Identifier: Apache-2.0
package io.tracefleet.cli.see;

/** How long a page of the dashboard takes in a browser that has never seen it. Stateless. */
final class FirstPaint {
  private static final String PAINT =
      "(() => { const p = performance.getEntriesByName('first-contentful-paint')[0];"
          + " return p ? p.startTime : null; })()";

  /** Nothing is awaited any more, and there is a heading; the time is that of the next look. */
  private static final String WHOLE =
      "document.querySelector('main > div > h1') && !document.querySelector('[aria-busy=true]')"
          + " ? performance.now() : null";

  /** The page and what it loads, without the API's answers. */
  private static final String FILES =
      "performance.getEntriesByType('navigation')[0].encodedBodySize +"
          + " performance.getEntriesByType('resource').filter((r) => !r.name.includes('/api/'))"
          + ".reduce((sum, r) => sum + r.encodedBodySize, 0)";

  private FirstPaint() {}

  /**
   * @param paintSeconds from navigation until there is something to see
   * @param wholeSeconds until everything is shown
   * @param fileBytes what was loaded, without answers of the API
   */
  record Seen(double paintSeconds, double wholeSeconds, double fileBytes) {}

  static Seen measure(Chromium chromium, String url) throws Exception {
    try (Chromium.Page page = chromium.open()) {
      page.navigate(url);
      double whole = page.number(WHOLE) / 1e3;
      return new Seen(page.number(PAINT) / 1e3, whole, page.number(FILES));
    }
  }
}
