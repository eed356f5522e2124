// SPDX-License-Identifier: Apache-2.0
package io.tracefleet.it;

import com.microsoft.playwright.BrowserContext;
import com.microsoft.playwright.BrowserType;
import com.microsoft.playwright.ConsoleMessage;
import com.microsoft.playwright.Page;
import com.microsoft.playwright.Playwright;
import com.microsoft.playwright.assertions.PlaywrightAssertions;
import com.microsoft.playwright.options.ColorScheme;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/** A headless Chromium. What goes wrong in its pages is kept. Used by one thread. */
final class Browser implements AutoCloseable {
  private static final double WAIT_MILLIS = 15_000;

  private final Playwright playwright;
  private final com.microsoft.playwright.Browser chromium;
  private final List<String> wrong = new ArrayList<>();
  private final List<String> requests = new ArrayList<>();

  private Browser(Playwright playwright, com.microsoft.playwright.Browser chromium) {
    this.playwright = playwright;
    this.chromium = chromium;
  }

  static Browser start() {
    PlaywrightAssertions.setDefaultAssertionTimeout(WAIT_MILLIS);
    Playwright playwright =
        Playwright.create(
            new Playwright.CreateOptions().setEnv(Map.of("PLAYWRIGHT_SKIP_BROWSER_DOWNLOAD", "1")));
    try {
      return new Browser(
          playwright,
          playwright
              .chromium()
              .launch(
                  new BrowserType.LaunchOptions()
                      .setExecutablePath(Places.chromium())
                      // Its sandbox refuses root, who the tests may be; the pages are our own.
                      .setArgs(List.of("--no-sandbox"))));
    } catch (RuntimeException | Error e) {
      playwright.close();
      throw e;
    }
  }

  /** A window of its own storage, in the system's light or dark colours. */
  Page open(ColorScheme colors) {
    BrowserContext context =
        chromium.newContext(
            new com.microsoft.playwright.Browser.NewContextOptions()
                .setColorScheme(colors)
                .setViewportSize(1280, 900));
    context.setDefaultTimeout(WAIT_MILLIS);
    Page page = context.newPage();
    page.onPageError(wrong::add);
    page.onConsoleMessage(this::said);
    page.onRequest(request -> requests.add(request.url()));
    return page;
  }

  private void said(ConsoleMessage message) {
    // The browser's own notes on answers that are no 200 are what some tests are about.
    if (message.type().equals("error") && !message.text().startsWith("Failed to load resource")) {
      wrong.add(message.text());
    }
  }

  /** Errors of scripts, and what the content security policy refused, of all pages. */
  List<String> wrong() {
    return List.copyOf(wrong);
  }

  /** Addresses that all pages have asked for. */
  List<String> requests() {
    return List.copyOf(requests);
  }

  /** Waits until all sections of a page show an answer. */
  static void awaitAnswers(Page page) {
    // By locators: the policy forbids the strings that waiting for a function evaluates.
    PlaywrightAssertions.assertThat(page.locator("main > div > h1")).hasCount(1);
    PlaywrightAssertions.assertThat(page.locator("[aria-busy=true]")).hasCount(0);
  }

  @Override
  public void close() {
    try {
      chromium.close();
    } finally {
      playwright.close();
    }
  }
}
