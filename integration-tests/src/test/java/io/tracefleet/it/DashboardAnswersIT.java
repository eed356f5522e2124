// SPDX-License-Identifier: Apache-2.0
package io.tracefleet.it;

import static com.microsoft.playwright.assertions.PlaywrightAssertions.assertThat;
import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.microsoft.playwright.Page;
import com.microsoft.playwright.Request;
import com.microsoft.playwright.Route;
import com.microsoft.playwright.options.ColorScheme;
import java.io.UncheckedIOException;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

/**
 * The dashboard over answers that are hard to get from real guests: names that are markup, missing
 * instances, errors. The page and its policy are the server's own, only the answers are replaced.
 */
@ExtendWith(TestCluster.Extension.class)
final class DashboardAnswersIT {
  private static final String RUN = "01a203d9-e26f-7afb-b769-7e54b2532471";
  private static final ObjectMapper JSON = new ObjectMapper();

  private static Browser browser;

  private final List<Request> asked = new ArrayList<>();

  @BeforeAll
  static void start() {
    browser = Browser.start();
  }

  @AfterAll
  static void close() {
    browser.close();
  }

  /** Answers every question by the last part of its path, events by one event. */
  private Page pageWith(Map<String, Object> answers) {
    Page page = browser.open(ColorScheme.LIGHT);
    page.route(
        url -> url.contains("/api/v1/"),
        route -> {
          asked.add(route.request());
          String path = path(route.request());
          json(route, 200, answers.get(path.substring(path.lastIndexOf('/') + 1)));
        });
    return page;
  }

  private static String path(Request request) {
    return request.url().replaceFirst("\\?.*", "");
  }

  private static void json(Route route, int status, Object answer) {
    try {
      boolean events = path(route.request()).endsWith("/events");
      String text = JSON.writeValueAsString(answer);
      route.fulfill(
          new Route.FulfillOptions()
              .setStatus(status)
              .setContentType(events && status == 200 ? "text/event-stream" : "application/json")
              .setBody(
                  events && status == 200
                      ? "event: progress\nid: 1\ndata: " + text + "\n\n"
                      : text));
    } catch (com.fasterxml.jackson.core.JsonProcessingException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static Map<String, Object> error(int status, String message) {
    return Map.of("error", Map.of("status", status, "message", message));
  }

  @Test
  void namesThatAreMarkupStayText(TestCluster cluster) {
    for (String path : List.of("/", "/runs/" + RUN)) {
      // given
      Page page = pageWith(Answers.of(RUN, Answers.MARKUP));

      // when
      page.navigate(cluster.url() + path);
      Browser.awaitAnswers(page);
      page.evaluate("document.querySelectorAll('details').forEach((d) => { d.open = true; })");

      // then
      assertThat(page.locator("img, b, iframe, main script, [onerror]")).hasCount(0);
      assertThat(page.evaluate("window.hit === undefined")).isEqualTo(true);
      List<String> places =
          path.equals("/")
              ? List.of(
                  "#nodes tbody",
                  "#runs tbody",
                  "#functions .function",
                  "#functions .where",
                  "#hot .where",
                  "#hot pre",
                  ".warning")
              : List.of(
                  "h1",
                  ".facts",
                  "#audit .audit",
                  "#audit .failures",
                  "#functions tbody th >> nth=0",
                  "#functions tbody th",
                  "#functions tbody .where >> nth=0",
                  "#functions tbody .where",
                  "#blocks .symbol",
                  "#blocks .source",
                  "#blocks .image",
                  "#blocks pre",
                  "#blocks summary",
                  "#memory tbody th",
                  "#calls tbody",
                  "#pages .warning");
      for (String place : places) {
        String one = place.contains("nth=") ? place : place + " >> nth=-1";
        assertThat(page.locator(one)).containsText(Answers.MARKUP_SHOWN);
      }
      assertThat(page.title()).doesNotContain("\u202e");
    }
    assertThat(browser.wrong()).isEmpty();
  }

  @Test
  void aFileThatCannotBeHadIsSaid(TestCluster cluster) {
    // given
    Page page = pageWith(Answers.of(RUN, "harmless"));
    page.route(
        url -> url.contains("format=csv"),
        route -> json(route, 503, error(503, "The jobs are starting: try again in a second.")));
    page.navigate(cluster.url() + "/runs/" + RUN + "?functions.offset=20&functions.sort=blocks");
    Browser.awaitAnswers(page);

    // when
    page.locator("#functions .pager a:has-text('CSV')").click();

    // then
    assertThat(page.locator("#functions .pager .bad"))
        .hasText("The file could not be had: The jobs are starting: try again in a second.");
    assertThat(asked.stream().map(Request::url))
        .anyMatch(url -> url.endsWith("/hot-functions?sort=blocks&offset=20&limit=20"));
  }

  @Test
  void missingInstancesAreNamed(TestCluster cluster) {
    // given
    Page page = pageWith(Answers.of(RUN, "harmless"));

    // when
    page.navigate(cluster.url() + "/runs/" + RUN);
    Browser.awaitAnswers(page);

    // then
    assertThat(page.locator("#blocks .warning"))
        .containsText("Answers of these instances are missing");
    assertThat(page.locator("#blocks .warning")).containsText("jobs-2:8470 (partitions 0, 2:");
    assertThat(page.locator("#audit .audit-failed")).isVisible();
  }

  @Test
  void aTokenIsAskedForKeptAndGiven(TestCluster cluster) {
    // given
    Map<String, Object> answers = Answers.of(RUN, "harmless");
    Page page = pageWith(answers);
    page.route(
        url -> url.contains("/api/v1/"),
        route -> {
          if ("Bearer open sesame".equals(route.request().headers().get("authorization"))) {
            route.fallback();
          } else {
            json(route, 401, error(401, "A token is needed."));
          }
        });
    page.navigate(cluster.url() + "/");
    assertThat(page.locator("dialog")).isVisible();

    // when
    page.locator("dialog input").fill("wrong one");
    page.keyboard().press("Enter");
    assertThat(page.locator("dialog")).containsText("not accepted");
    page.locator("dialog input").fill("open sesame");
    page.keyboard().press("Enter");

    // then
    assertThat(page.locator("dialog")).isHidden();
    assertThat(page.locator("#runs tbody tr")).hasCount(1);
    page.reload();
    assertThat(page.locator("#runs tbody tr")).hasCount(1);
    assertThat(asked.stream().map(DashboardAnswersIT::path))
        .anyMatch(path -> path.endsWith("/events"));
    assertThat(page.evaluate("localStorage.length + document.cookie.length")).isEqualTo(0);
  }

  @Test
  void anotherTryFollowsWhenNobodyAnswersYet(TestCluster cluster) {
    // given
    Page page = pageWith(Answers.of(RUN, "harmless"));
    Map<String, Integer> tries = new HashMap<>();
    page.route(
        url -> url.contains("/api/v1/"),
        route -> {
          if (tries.merge(path(route.request()), 1, Integer::sum) == 1) {
            json(route, 503, error(503, "The jobs are starting: try again in a second."));
          } else {
            route.fallback();
          }
        });

    // when
    page.navigate(cluster.url() + "/");

    // then
    assertThat(page.locator("#runs .error"))
        .hasText("The jobs are starting: try again in a second.");
    assertThat(page.locator("#live")).hasText("reconnecting");
    assertThat(page.locator("#runs tbody tr")).hasCount(1);
    assertThat(page.locator(".error")).hasCount(0);
    assertThat(page.locator("#announce")).containsText("1 running");
  }

  @Test
  void nothingTracedYetIsSaid(TestCluster cluster) {
    // given
    Page page = pageWith(Answers.empty());

    // when
    page.navigate(cluster.url() + "/");
    Browser.awaitAnswers(page);

    // then
    assertThat(page.locator("#runs")).containsText("Nothing has been traced yet.");
    assertThat(page.locator("#nodes")).containsText("No node has traced anything yet.");
    page.locator("input[name=node]").fill("n7");
    page.locator("input[name=label]").fill("team=a, tier=1");
    page.keyboard().press("Enter");
    assertThat(page.locator("#runs")).containsText("No run matches the filter.");
    assertThat(asked.stream().map(Request::url))
        .anyMatch(
            url -> url.contains("/runs?") && url.contains("node=n7&label=team%3Da&label=tier%3D1"));
  }
}
