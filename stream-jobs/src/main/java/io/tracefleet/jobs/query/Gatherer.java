// SPDX-License-Identifier: Apache-2.0
package io.tracefleet.jobs.query;

import java.io.IOException;
import java.net.ConnectException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.net.http.HttpTimeoutException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.function.IntSupplier;
import java.util.function.Supplier;
import org.apache.kafka.streams.state.HostInfo;

/** Asks this instance and those that have the other partitions, each at once. */
public final class Gatherer {
  /** Path of the request that an instance sends to another. */
  public static final String PATH = "/internal/v1/read";

  private static final Duration CONNECT = Duration.ofSeconds(1);
  private static final Duration ANSWER = Duration.ofSeconds(3);

  private final LocalStores local;
  private final HostInfo self;
  private final Supplier<Map<HostInfo, Set<Integer>>> owners;
  private final IntSupplier partitions;
  private final Optional<String> token;
  private final HttpClient http =
      HttpClient.newBuilder().connectTimeout(CONNECT).version(HttpClient.Version.HTTP_1_1).build();

  /**
   * @param self address of this instance, as the others know it
   * @param owners which instance has which partitions, as far as this one knows
   * @param partitions how many there are; 0 if that is not known
   * @param token that the others ask for
   */
  public Gatherer(
      LocalStores local,
      HostInfo self,
      Supplier<Map<HostInfo, Set<Integer>>> owners,
      IntSupplier partitions,
      Optional<String> token) {
    this.local = local;
    this.self = self;
    this.owners = owners;
    this.partitions = partitions;
    this.token = token;
  }

  /** How many partitions there are; 0 if that is not known yet. */
  public int partitions() {
    return partitions.getAsInt();
  }

  /** True if other instances have partitions, so that asking costs more. */
  public boolean hasOthers() {
    return owners.get().keySet().stream().anyMatch(host -> !host.equals(self));
  }

  /** Asks for all partitions. */
  public Gathered gather(List<Ask> asks) {
    Set<Integer> all = new TreeSet<>();
    for (int i = 0; i < partitions.getAsInt(); i++) {
      all.add(i);
    }
    return gather(asks, all);
  }

  /** Asks for these partitions only. */
  public Gathered gather(List<Ask> asks, Set<Integer> wanted) {
    Map<HostInfo, Set<Integer>> known = owners.get();
    Map<Integer, List<Answer>> answers = new TreeMap<>(local.ask(asks));
    answers.keySet().retainAll(wanted);
    List<Missing> missing = new ArrayList<>();
    TreeSet<Integer> open = new TreeSet<>(wanted);
    open.removeAll(answers.keySet());

    Map<HostInfo, CompletableFuture<Map<Integer, List<Answer>>>> others = new HashMap<>();
    known.forEach(
        (host, owned) -> {
          if (!host.equals(self) && owned.stream().anyMatch(open::contains)) {
            others.put(host, ask(host, asks));
          }
        });
    others.forEach(
        (host, future) -> {
          Collection<Integer> owned = new TreeSet<>(known.get(host));
          owned.retainAll(open);
          String reason = "is being given other partitions";
          try {
            Map<Integer, List<Answer>> got = future.join();
            got.keySet().retainAll(open);
            answers.putAll(got);
          } catch (CompletionException e) {
            reason = reason(e.getCause());
          }
          owned.removeAll(answers.keySet());
          if (!owned.isEmpty()) {
            missing.add(new Missing(name(host), List.copyOf(owned), reason));
          }
          open.removeAll(owned);
        });
    open.removeAll(answers.keySet());
    if (!open.isEmpty()) {
      missing.add(
          new Missing(
              null,
              List.copyOf(open),
              "no instance has these partitions now: they are being restored or reassigned"));
    }
    return new Gathered(answers, missing);
  }

  private CompletableFuture<Map<Integer, List<Answer>>> ask(HostInfo host, List<Ask> asks) {
    HttpRequest request;
    try {
      HttpRequest.Builder builder =
          HttpRequest.newBuilder(URI.create("http://" + name(host) + PATH))
              .timeout(ANSWER)
              .header("Content-Type", "application/octet-stream")
              .POST(HttpRequest.BodyPublishers.ofByteArray(Wire.encodeAsks(asks)));
      token.ifPresent(secret -> builder.header("Authorization", "Bearer " + secret));
      request = builder.build();
    } catch (IllegalArgumentException e) {
      return CompletableFuture.failedFuture(new IOException("has no address for questions"));
    }
    return http.sendAsync(request, HttpResponse.BodyHandlers.ofByteArray())
        .thenApply(
            response -> {
              if (response.statusCode() == 401) {
                throw new CompletionException(new IOException("refused this instance's token"));
              }
              if (response.statusCode() != 200) {
                throw new CompletionException(
                    new IOException("answered with status " + response.statusCode()));
              }
              try {
                return Wire.decodeAnswers(response.body(), asks.size());
              } catch (IOException | IllegalArgumentException e) {
                throw new CompletionException(
                    new IOException("answered what cannot be read: " + e.getMessage(), e));
              }
            });
  }

  private static String reason(Throwable failure) {
    if (failure instanceof HttpTimeoutException) {
      return "did not answer within " + ANSWER.toSeconds() + " s";
    }
    if (failure instanceof ConnectException) {
      return "cannot be reached";
    }
    return failure.getMessage() == null ? failure.getClass().getSimpleName() : failure.getMessage();
  }

  static String name(HostInfo host) {
    return host.host().indexOf(':') >= 0
        ? "[" + host.host() + "]:" + host.port()
        : host.host() + ":" + host.port();
  }
}
