// SPDX-License-Identifier: Apache-2.0
package io.tracefleet.codec.bench;

import java.nio.file.Path;
import java.util.Arrays;
import org.openjdk.jmh.profile.GCProfiler;
import org.openjdk.jmh.results.format.ResultFormatType;
import org.openjdk.jmh.runner.Runner;
import org.openjdk.jmh.runner.options.OptionsBuilder;
import org.openjdk.jmh.runner.options.TimeValue;

/** Runs the benchmarks in a JVM of their own each. */
public final class BenchmarkMain {
  private static final int WARMUPS = 3;

  private BenchmarkMain() {}

  /**
   * @param arguments the file for the results as JSON, the number of measurements of one second
   *     each, and directories with payloads
   */
  public static void main(String[] arguments) throws Exception {
    if (arguments.length < 3) {
      throw new IllegalArgumentException("usage: RESULT.json MEASUREMENTS DIRECTORY...");
    }
    String[] directories = Arrays.copyOfRange(arguments, 2, arguments.length);
    new Runner(
            new OptionsBuilder()
                .include(CodecBenchmark.class.getName() + "\\..*")
                .param(
                    "payloads",
                    Arrays.stream(directories)
                        .map(name -> Path.of(name).toAbsolutePath().toString())
                        .toArray(String[]::new))
                .forks(1)
                .threads(1)
                .jvmArgs("-Xms512m", "-Xmx512m", "-XX:+UseSerialGC")
                .warmupIterations(WARMUPS)
                .warmupTime(TimeValue.seconds(1))
                .measurementIterations(Integer.parseInt(arguments[1]))
                .measurementTime(TimeValue.seconds(1))
                .timeout(TimeValue.minutes(2))
                .addProfiler(GCProfiler.class)
                .resultFormat(ResultFormatType.JSON)
                .result(arguments[0])
                .shouldFailOnError(true)
                .build())
        .run();
  }
}
