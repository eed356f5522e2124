// SPDX-License-Identifier: Apache-2.0
package io.tracefleet.it;

import static com.microsoft.playwright.assertions.PlaywrightAssertions.assertThat;
import static org.assertj.core.api.Assertions.assertThat;

import com.microsoft.playwright.Download;
import com.microsoft.playwright.Locator;
import com.microsoft.playwright.Page;
import com.microsoft.playwright.options.ColorScheme;
import io.tracefleet.cli.report.RunReport;
import io.tracefleet.node.config.GuestSpec;
import io.tracefleet.node.config.TraceMode;
import io.tracefleet.schemas.VcpuTotals;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

/** The dashboard over real runs, as a browser shows it. */
@ExtendWith(TestCluster.Extension.class)
final class DashboardIT {
  private static Browser browser;
  private static Traces traces;
  private static Traces.Traced system;
  private static Traces.Traced user;

  @BeforeAll
  static void trace(TestCluster cluster) throws Exception {
    traces = Traces.open(cluster);
    system = traces.trace(TraceMode.FULL, BareMetalIT.command("qemu-system-x86_64", 4));
    user =
        traces.trace(
            GuestSpec.of(List.of("qemu-x86_64", Places.guest("loops").toString()))
                .withName("dashboard-loops")
                .withLabels(Map.of("team", "dashboard")));
    traces.good();
    browser = Browser.start();
  }

  @AfterAll
  static void close() throws Exception {
    try {
      if (browser != null) {
        browser.close();
      }
    } finally {
      traces.close();
    }
  }

  @AfterEach
  void nothingWentWrongInThePage(TestCluster cluster) {
    assertThat(browser.wrong()).as("errors of scripts and of the policy").isEmpty();
    assertThat(browser.requests())
        .as("only this server is asked")
        .isNotEmpty()
        .allMatch(url -> url.startsWith(cluster.url() + "/"));
  }

  private static Page at(TestCluster cluster, String path) {
    Page page = browser.open(ColorScheme.LIGHT);
    page.navigate(cluster.url() + path);
    Browser.awaitAnswers(page);
    return page;
  }

  private static String id(Traces.Traced traced) {
    return traced.root().run().runId();
  }

  private static String grouped(long value) {
    return String.format(Locale.ROOT, "%,d", value);
  }

  @Test
  void theFleetLeadsToARunWhoseNumbersAreTheReports(TestCluster cluster) {
    // given
    Page page = at(cluster, "/?label=team%3Ddashboard");
    Locator runs = page.locator("#runs tbody tr");
    assertThat(runs).hasCount(1);
    assertThat(page.locator("#nodes tbody th")).hasText("it");

    // when
    runs.first().locator("a").click();
    Browser.awaitAnswers(page);

    // then
    assertThat(page).hasURL(cluster.url() + "/runs/" + id(user));
    assertThat(page.locator("h1")).hasText("Run dashboard-loops");
    assertThat(page.locator("#audit .audit-ok")).containsText("AUDIT OK");
    RunReport.HotBlockRow hottest =
        user.root().hotBlocks().stream()
            .max(Comparator.comparingLong(b -> b.executions() * b.instructions()))
            .orElseThrow();
    Locator row = page.locator("#blocks tbody tr").first();
    assertThat(row).containsText(hottest.vaddr());
    assertThat(row).containsText(grouped(hottest.executions()));
    assertThat(row).containsText(grouped(hottest.executions() * hottest.instructions()));
    row.locator("summary").click();
    assertThat(row.locator("pre")).containsText(hottest.vaddr());
    List<RunReport.HotFunctionRow> functions = user.root().hotFunctions();
    assertThat(page.locator("#functions tbody tr")).hasCount(Math.min(20, functions.size()));
    Locator function = page.locator("#functions tbody tr").first();
    assertThat(function.locator("th")).hasText(functions.get(0).name());
    assertThat(function).containsText(grouped(functions.get(0).instructions()));
    RunReport.SyscallRow call = user.root().syscalls().get(0);
    assertThat(page.locator("#calls tbody")).containsText(call.name());
    assertThat(page.locator("#vcpus tbody tr"))
        .containsText(grouped(user.root().vcpus().get(0).instructions()));
    assertThat(page.locator("#memory")).containsText("No physical access");
  }

  @Test
  void aSystemHasDevicesAMapOfItsPagesAndALinePerVcpu(TestCluster cluster) {
    // given, when
    Page page = at(cluster, "/runs/" + id(system));

    // then
    assertThat(page.locator("#timeline polyline")).hasCount(4);
    assertThat(page.locator("#timeline .legend li")).hasCount(4);
    page.locator("#timeline summary").click();
    long instructions = system.root().vcpus().stream().mapToLong(v -> v.instructions()).sum();
    assertThat(
            page.locator("#timeline tbody td").allTextContents().stream()
                .mapToLong(text -> Long.parseLong(text.replace(",", "")))
                .sum())
        .as("steps of one second")
        .isEqualTo(instructions);
    long devices =
        system.root().hwaddr().stream().map(r -> r.kind() + r.device()).distinct().count();
    assertThat(page.locator("#memory th[scope=row] bdi")).hasCount((int) devices);
    assertThat(page.locator("#pages rect.heat[y]:has(title)"))
        .hasCount(system.views().get(0).pages().size());
    assertThat(page.locator("#vcpus tbody tr")).hasCount(4);
  }

  @Test
  void theFilesHaveAllRows(TestCluster cluster) throws Exception {
    // given: tables of one page of several
    Page page = at(cluster, "/runs/" + id(system) + "?blocks.offset=20&functions.sort=-name");
    int blocks = system.root().hotBlocks().size();
    List<RunReport.HotFunctionRow> functions = system.root().hotFunctions();
    assertThat(blocks).isGreaterThan(40);

    // when, then
    assertThat(csv(page, "blocks")).hasSize(1 + blocks).doesNotHaveDuplicates();
    List<String> lines = csv(page, "functions");
    assertThat(lines).hasSize(1 + functions.size());
    assertThat(lines.get(0))
        .isEqualTo("name,function,image,buildId,instructions,executions,blocks");
    assertThat(lines.get(1))
        .startsWith(
            functions.stream()
                    .map(RunReport.HotFunctionRow::name)
                    .sorted()
                    .reduce((a, b) -> b)
                    .orElseThrow()
                + ",");
  }

  @Test
  void aRunInWindowsShowsItsWeightAndAnEstimateOnlyIfAsked(TestCluster cluster) throws Exception {
    // given
    Traces.Traced windowed =
        InWindows.trace(
            cluster,
            traces,
            "dashboard-windows",
            InWindows.uniform(traces.directory()),
            6_000,
            600_000);
    VcpuTotals totals = windowed.outcome().root().getTotals().get(0);
    String weight =
        String.format(Locale.ROOT, "%.3f", (double) totals.getExecuted() / totals.getEncoded());

    // when
    Page page = at(cluster, "/runs/" + id(windowed));

    // then: what was recorded, and what it stands for
    assertThat(page.locator(".weights"))
        .containsText(
            "%s on vCPU 0 (%s recorded, %s passed over)"
                .formatted(weight, grouped(totals.getEncoded()), grouped(totals.getPassed())));
    assertThat(page.locator(".counts a[aria-current]")).hasText("as recorded");
    assertThat(page.locator("#vcpus tbody")).containsText(grouped(totals.getEncoded()));
    assertThat(page.locator(".estimate, .estimated")).hasCount(0);

    // when
    page.locator(".counts a:has-text('estimate (scaled by windows)')").click();
    page.locator("#vcpus .estimate").waitFor();
    Browser.awaitAnswers(page);

    // then: what was executed, and each table says that it is an estimate
    assertThat(page).hasURL(Pattern.compile("scaled=true"));
    assertThat(page.locator(".counts a[aria-current]")).hasText("estimate (scaled by windows)");
    assertThat(page.locator("#vcpus tbody")).containsText(grouped(totals.getExecuted()));
    for (String section : List.of("functions", "blocks", "vcpus")) {
      assertThat(page.locator("#" + section + " .estimate")).containsText("not exact");
      assertThat(page.locator("#" + section + " caption")).containsText("Estimate: ");
    }
    assertThat(page.locator("#calls .estimate")).hasCount(0);
    assertThat(
            page.locator("#vcpus tbody td.estimated")
                .first()
                .evaluate("cell => getComputedStyle(cell, '::before').content"))
        .isEqualTo("\"≈ \"");
    assertThat(page.locator("#vcpus tbody td.number:not(.estimated)"))
        .hasCount(2); // idles, resumes
    List<String> lines = csv(page, "vcpus");
    assertThat(lines.get(0)).endsWith(",scaled");
    assertThat(lines.get(1)).contains("," + totals.getExecuted() + ",").endsWith(",true");

    // when: of some times only
    page.locator("input[name=from]").fill("2020-01-01T00:00:00Z");
    page.locator(".filters button[type=submit]").click();
    page.locator(".weights strong").waitFor();
    Browser.awaitAnswers(page);

    // then
    assertThat(page.locator("#vcpus tbody")).containsText(grouped(totals.getEncoded()));
    assertThat(page.locator(".estimate, .estimated")).hasCount(0);
    Page other = at(cluster, "/runs/" + id(user) + "?scaled=true");
    assertThat(other.locator("#vcpus tbody"))
        .containsText(grouped(user.root().vcpus().get(0).instructions()));
    assertThat(other.locator(".estimate, .estimated, .counts")).hasCount(0);
  }

  private static List<String> csv(Page page, String section) throws Exception {
    Download download =
        page.waitForDownload(
            () -> page.locator("#" + section + " .pager a:has-text('CSV')").click());
    return Files.readAllLines(download.path());
  }

  @Test
  void functionsOfTheFleetAreAddedUpAsTheCommandLineDoes(TestCluster cluster) {
    // given
    Page page = at(cluster, "/?label=team%3Ddashboard&functions.sort=-blocks");

    // then
    RunReport.HotFunctionRow most =
        user.root().hotFunctions().stream()
            .max(Comparator.comparingInt(RunReport.HotFunctionRow::blocks))
            .orElseThrow();
    Locator row = page.locator("#functions tbody tr").first();
    assertThat(row).containsText(grouped(most.blocks()));
    assertThat(page.locator("#functions .pager"))
        .containsText("of " + grouped(user.root().hotFunctions().size()));
    assertThat(page.locator("#functions th[aria-sort=descending]")).hasText("Blocks");
  }

  @Test
  void aLinkShowsTheSameOrderWindowAndPage(TestCluster cluster) {
    // given: sorted by the keyboard alone
    Page page = at(cluster, "/runs/" + id(system) + "?vcpu=1");
    page.locator("#blocks th:has-text('Executions') a").focus();
    page.keyboard().press("Enter");
    assertThat(page.locator("#blocks th[aria-sort=descending]")).hasText("Executions");
    page.locator("#blocks .pager a:has-text('CSV')").waitFor();

    // when
    Page other = browser.open(ColorScheme.DARK);
    other.navigate(page.url());
    Browser.awaitAnswers(other);

    // then
    assertThat(page).hasURL(Pattern.compile("blocks\\.sort=-executions"));
    assertThat(other.locator("#blocks th[aria-sort=descending]")).hasText("Executions");
    assertThat(other.locator("input[name=vcpu]")).hasValue("1");
    assertThat(other.locator("#vcpus tbody tr")).hasCount(1);
    assertThat(other.locator("#blocks tbody").innerText())
        .isEqualTo(page.locator("#blocks tbody").innerText());
    other.locator("button[data-clear]").click();
    assertThat(other.locator("#vcpus tbody tr")).hasCount(4);
    other.goBack();
    assertThat(other.locator("#vcpus tbody tr")).hasCount(1);
    assertThat(other.locator("input[name=vcpu]")).hasValue("1");
  }

  @Test
  void aRunShowsWithoutAReloadAndWhatWasOpenedStaysOpen(TestCluster cluster) throws Exception {
    // given
    Page page = at(cluster, "/");
    assertThat(page.locator("#live")).hasText("live");
    page.evaluate("window.loaded = true");
    Locator code = page.locator("#hot tbody details").first();
    code.locator("summary").click();
    code.locator("summary").focus();

    // when
    Traces.Traced traced =
        traces.trace(
            GuestSpec.of(List.of("qemu-x86_64", TinyGuest.loops(traces.directory(), 3).toString()))
                .withName("came-later"));

    // then
    Locator link = page.locator("#runs a[href='/runs/" + id(traced) + "']");
    assertThat(link).hasText("came-later");
    assertThat(page.locator("#announce")).containsText("instructions per second");
    assertThat(page.evaluate("window.loaded")).isEqualTo(true);
    assertThat(page.locator("#hot tbody details[open]")).hasCount(1);
    assertThat(page.evaluate("document.activeElement.tagName")).isEqualTo("SUMMARY");
  }

  @Test
  void theKeyboardReachesTheContentAndColoursAreRemembered(TestCluster cluster) {
    // given
    Page page = at(cluster, "/");

    // when
    page.keyboard().press("Tab");
    assertThat(page.locator("a.skip")).isFocused();
    page.keyboard().press("Enter");

    // then
    assertThat(page.locator("main")).isFocused();
    Object light = page.evaluate("getComputedStyle(document.body).backgroundColor");
    page.locator("#theme").press("Enter");
    page.reload();
    assertThat(page.locator("html")).hasAttribute("data-theme", "dark");
    assertThat(page.evaluate("getComputedStyle(document.body).backgroundColor"))
        .isNotEqualTo(light);
    assertThat(page.locator("#theme")).hasText("Light colours");
  }

  @Test
  void everyPageIsNamedForScreenReadersAndReadable(TestCluster cluster) {
    for (ColorScheme colors : List.of(ColorScheme.LIGHT, ColorScheme.DARK)) {
      for (String path : List.of("/", "/runs/" + id(system), "/runs/" + id(user), "/runs/none")) {
        // given
        Page page = browser.open(colors);
        page.navigate(cluster.url() + path);
        Browser.awaitAnswers(page);

        // when
        page.evaluate("document.querySelectorAll('details').forEach((d) => { d.open = true; })");

        // then
        assertThat((List<?>) page.evaluate(Accessibility.PROBLEMS))
            .as(path + " in " + colors)
            .isEmpty();
        page.setViewportSize(390, 800);
        assertThat(page.evaluate("document.documentElement.scrollWidth <= innerWidth"))
            .as(path + " fits a narrow window")
            .isEqualTo(true);
        page.context().close();
      }
    }
  }

  @Test
  void theFilesAreSmall() throws Exception {
    // given
    Path files = Places.module().resolve("../stream-jobs/src/main/resources/dashboard");

    // when
    long bytes;
    try (Stream<Path> all = Files.walk(files)) {
      bytes = all.filter(Files::isRegularFile).mapToLong(file -> file.toFile().length()).sum();
    }

    // then
    assertThat(bytes).isBetween(10_000L, 1_000_000L);
  }
}
