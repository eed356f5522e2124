// SPDX-License-Identifier: Apache-2.0
package io.tracefleet.jobs.http;

import io.javalin.http.Context;
import io.tracefleet.jobs.answers.Answered;
import io.tracefleet.jobs.answers.Audit;
import io.tracefleet.jobs.answers.FleetAnswers;
import io.tracefleet.jobs.answers.FleetBlocks;
import io.tracefleet.jobs.answers.FunctionAnswers;
import io.tracefleet.jobs.answers.Page;
import io.tracefleet.jobs.answers.RunAnswers;
import io.tracefleet.jobs.answers.RunFilter;
import io.tracefleet.jobs.answers.Scale;
import io.tracefleet.jobs.answers.Span;
import io.tracefleet.jobs.answers.Timeline;
import io.tracefleet.jobs.query.BlockRows;
import io.tracefleet.jobs.query.View;
import io.tracefleet.schemas.Run;
import io.tracefleet.schemas.RunOrder;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/** The questions, one method each. */
final class Api {
  private static final int LIMIT = 100;
  private static final int MOST = 1_000;
  private static final int MOST_PAGES = 10_000;
  private static final int MOST_BINS = 4_096;
  private static final int MOST_STEPS = 20_000;

  private static final Set<String> FILTERS =
      Set.of("node", "name", "target", "root", "label", "state");
  private static final Set<String> OF_VCPUS = Set.of("vcpu");
  private static final Set<String> OF_TIME = Set.of("from", "to");

  private static final String SCALED = "scaled";
  private static final Set<String> OF_SCALE = Set.of(SCALED);

  private final Services services;
  private final PageCache cache = new PageCache();

  Api(Services services) {
    this.services = services;
  }

  void runs(Context context) {
    Parameters parameters = parameters(context, Parameters.PAGING, FILTERS, OF_TIME);
    Page page = page(context, parameters, FleetAnswers.RUN_ORDERS, LIMIT, MOST);
    RunFilter filter = parameters.filter(parameters.span());
    awaitCatalog();
    send(context, services.fleet().runs(filter, page));
  }

  void run(Context context) {
    parameters(context, Set.of("format"));
    if (wantsCsv(context)) {
      throw ApiException.badRequest("This answer is no table: only format=json is there.");
    }
    send(context, services.runs().details(find(context)));
  }

  void hotBlocks(Context context) {
    Parameters parameters = parameters(context, Parameters.PAGING, OF_VCPUS, OF_TIME, OF_SCALE);
    Page page = page(context, parameters, RunAnswers.BLOCK_ORDERS, LIMIT, MOST);
    Span span = parameters.span();
    Set<Integer> vcpus = parameters.vcpus();
    boolean scaled = scaled(parameters, span);
    Run run = find(context);
    Scale scale = scale(run, scaled);
    View<BlockRows> view = services.runs().blocks(run, span, vcpus, scale);
    if (page.limit() > MOST) {
      send(context, services.runs().hotBlocks(run, view, span, vcpus, scale, page));
      return;
    }
    long version = services.catalog().version(run.getRunId());
    String request = wantsCsv(context) + " " + run.getRunId() + "?" + context.queryString() + scale;
    byte[] known = cache.find(request, view, version).orElse(null);
    if (known == null) {
      Answered answer = services.runs().hotBlocks(run, view, span, vcpus, scale, page);
      known = render(context, answer);
      cache.keep(request, view, version, known);
    }
    head(context, view.missing().isEmpty(), view.nothing());
    Body.send(context, known);
  }

  void hotFunctions(Context context) {
    Parameters parameters = parameters(context, Parameters.PAGING, OF_VCPUS, OF_TIME, OF_SCALE);
    Page page = page(context, parameters, FunctionAnswers.ORDERS, LIMIT, MOST);
    Span span = parameters.span();
    Set<Integer> vcpus = parameters.vcpus();
    boolean scaled = scaled(parameters, span);
    Run run = find(context);
    Scale scale = scale(run, scaled);
    View<BlockRows> view = services.runs().blocks(run, span, vcpus, scale);
    send(context, services.functions().ofRun(run, view, span, vcpus, scale, page));
  }

  void vcpus(Context context) {
    Parameters parameters = parameters(context, Parameters.PAGING, OF_VCPUS, OF_TIME, OF_SCALE);
    Page page = page(context, parameters, RunAnswers.VCPU_COLUMNS, LIMIT, MOST);
    Span span = parameters.span();
    Set<Integer> vcpus = parameters.vcpus();
    boolean scaled = scaled(parameters, span);
    Run run = find(context);
    send(context, services.runs().vcpus(run, span, vcpus, scale(run, scaled), page));
  }

  void hwaddr(Context context) {
    Parameters parameters =
        parameters(context, Parameters.PAGING, OF_VCPUS, OF_TIME, OF_SCALE, Set.of("by"));
    Page page = page(context, parameters, RunAnswers.HWADDR_COLUMNS, LIMIT, MOST);
    Span span = parameters.span();
    Set<Integer> vcpus = parameters.vcpus();
    boolean perVcpu = parameters.word("by", "vcpu", List.of("vcpu", "device")).equals("vcpu");
    boolean scaled = scaled(parameters, span);
    Run run = find(context);
    send(context, services.runs().hwaddr(run, span, vcpus, perVcpu, scale(run, scaled), page));
  }

  void pages(Context context) {
    Parameters parameters =
        parameters(context, Parameters.PAGING, OF_VCPUS, OF_SCALE, Set.of("bins"));
    int bins = parameters.number("bins", 0, 1, MOST_BINS);
    Page page =
        page(context, parameters, RunAnswers.PAGE_ORDERS, bins > 0 ? MOST_BINS : LIMIT, MOST_PAGES);
    Set<Integer> vcpus = parameters.vcpus();
    boolean scaled = scaled(parameters, Span.WHOLE);
    Run run = find(context);
    send(context, services.runs().pages(run, vcpus, bins, scale(run, scaled), page));
  }

  void syscalls(Context context) {
    Parameters parameters = parameters(context, Parameters.PAGING, OF_VCPUS, OF_TIME);
    Page page = page(context, parameters, RunAnswers.SYSCALL_COLUMNS, LIMIT, MOST);
    Span span = parameters.span();
    Set<Integer> vcpus = parameters.vcpus();
    send(context, services.runs().syscalls(find(context), span, vcpus, page));
  }

  void timeline(Context context) {
    Parameters parameters =
        parameters(
            context, Set.of("offset", "limit", "format"), OF_VCPUS, OF_TIME, Set.of("by", "step"));
    Page page = page(context, parameters, List.of(), MOST_STEPS, MOST_STEPS);
    Span span = parameters.span();
    Set<Integer> vcpus = parameters.vcpus();
    boolean perVcpu = parameters.word("by", "vcpu", List.of("vcpu", "run")).equals("vcpu");
    List<String> steps = new ArrayList<>(List.of("auto"));
    Timeline.STEPS.forEach(step -> steps.add(step.toString()));
    String step = parameters.word("step", "auto", steps);
    send(
        context,
        services
            .timeline()
            .of(
                find(context),
                span,
                vcpus,
                step.equals("auto") ? Timeline.AUTO : Integer.parseInt(step),
                perVcpu,
                page));
  }

  void audit(Context context) {
    Parameters parameters = parameters(context, Parameters.PAGING, Set.of("tree"));
    Page page = page(context, parameters, Audit.COLUMNS, LIMIT, MOST);
    boolean tree = parameters.word("tree", "false", List.of("true", "false")).equals("true");
    Run run = find(context);
    List<Run> runs =
        tree
            ? services.catalog().runs().stream()
                .filter(other -> other.getRootRunId().equals(run.getRootRunId()))
                .sorted(RunOrder.BY_START)
                .toList()
            : List.of(run);
    send(context, services.audit().of(runs, page));
  }

  void fleetBlocks(Context context) {
    Parameters parameters = parameters(context, Parameters.PAGING, FILTERS, OF_TIME, OF_SCALE);
    Page page = page(context, parameters, FleetBlocks.ORDERS, LIMIT, MOST);
    Span span = parameters.span();
    boolean scaled = scaled(parameters, span);
    RunFilter filter = parameters.filter(Span.WHOLE);
    awaitCatalog();
    send(context, services.fleetBlocks().of(services.fleet().select(filter), span, scaled, page));
  }

  void fleetFunctions(Context context) {
    Parameters parameters = parameters(context, Parameters.PAGING, FILTERS, OF_TIME, OF_SCALE);
    Page page = page(context, parameters, FunctionAnswers.FLEET_ORDERS, LIMIT, MOST);
    Span span = parameters.span();
    boolean scaled = scaled(parameters, span);
    RunFilter filter = parameters.filter(Span.WHOLE);
    awaitCatalog();
    send(
        context, services.functions().ofFleet(services.fleet().select(filter), span, scaled, page));
  }

  void nodes(Context context) {
    Parameters parameters = parameters(context, Parameters.PAGING, Set.of("node", "label"));
    Page page = page(context, parameters, FleetAnswers.NODE_COLUMNS, LIMIT, MOST);
    RunFilter filter = parameters.filter(Span.WHOLE);
    awaitCatalog();
    send(context, services.fleet().nodes(filter, page));
  }

  /** Whether an estimate is asked for. Weights are of whole runs, so it is one of a whole run. */
  private static boolean scaled(Parameters parameters, Span span) {
    boolean scaled = parameters.word(SCALED, "false", List.of("true", "false")).equals("true");
    if (scaled && !span.equals(Span.WHOLE)) {
      throw ApiException.badRequest(
          "Parameter scaled goes without from and to: weights are of whole runs.");
    }
    return scaled;
  }

  private Scale scale(Run run, boolean scaled) {
    return scaled ? services.runs().scale(run) : Scale.NONE;
  }

  /** The run that the path names. */
  Run find(Context context) {
    String id = context.pathParam("id");
    if (!id.equals("latest") && !Parameters.isRunId(id)) {
      throw ApiException.badRequest(
          "\"%s\" is no run's id: give its 36 characters, or latest."
              .formatted(Parameters.shown(id)));
    }
    return (id.equals("latest")
            ? services.catalog().runs().stream().max(RunOrder.BY_START)
            : services.catalog().run(id))
        .orElseThrow(
            () -> {
              awaitCatalog();
              return new ApiException(
                  404,
                  id.equals("latest")
                      ? "There is no run yet."
                      : "No run " + id + ": GET /api/v1/runs lists those that there are.");
            });
  }

  private void awaitCatalog() {
    if (!services.catalog().caughtUp()) {
      throw ApiException.unavailable("The runs are still being read: try again in a second.");
    }
  }

  @SafeVarargs
  static Parameters parameters(Context context, Set<String>... known) {
    Set<String> all = new HashSet<>();
    for (Set<String> some : known) {
      all.addAll(some);
    }
    Map<String, List<String>> given = context.queryParamMap();
    return new Parameters(given, all);
  }

  /**
   * Which rows are wanted. CSV is for programs: it has all rows unless told otherwise.
   *
   * @param limit rows of JSON if none is given
   * @param most rows of JSON
   */
  private static Page page(
      Context context, Parameters parameters, List<String> orders, int limit, int most) {
    return wantsCsv(context)
        ? parameters.page(orders, Integer.MAX_VALUE, Integer.MAX_VALUE)
        : parameters.page(orders, limit, most);
  }

  private static boolean wantsCsv(Context context) {
    String format = context.queryParam("format");
    if (format != null && !format.equals("json") && !format.equals("csv")) {
      throw ApiException.badRequest(
          "Parameter format is \"%s\": give json or csv.".formatted(Parameters.shown(format)));
    }
    String accept = context.header("Accept");
    return format != null ? format.equals("csv") : accept != null && accept.startsWith("text/csv");
  }

  private static byte[] render(Context context, Answered answer) {
    return wantsCsv(context) ? Rendering.csv(answer) : Rendering.json(answer);
  }

  private static void send(Context context, Answered answer) {
    head(context, answer.missing().isEmpty(), answer.nothing());
    if (wantsCsv(context)) {
      LongAnswer.send(context, out -> Rendering.csv(answer, out));
    } else {
      Body.send(context, Rendering.json(answer));
    }
  }

  private static void head(Context context, boolean complete, boolean nothing) {
    if (nothing) {
      throw ApiException.unavailable(
          "No instance has what was asked for now: the jobs are starting, or partitions are being"
              + " reassigned.");
    }
    context.header("X-Tracefleet-Complete", Boolean.toString(complete));
    context.contentType(
        wantsCsv(context) ? "text/csv; charset=utf-8; header=present" : "application/json");
  }
}
