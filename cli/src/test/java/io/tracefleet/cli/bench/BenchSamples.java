// SPDX-License-Identifier: Apache-2.0
package io.tracefleet.cli.bench;

import io.tracefleet.cli.see.SeeCase;
import io.tracefleet.cli.see.SeeFigure;
import io.tracefleet.cli.see.SeeResult;
import java.time.Instant;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;

/** A result that was never measured. */
final class BenchSamples {
  private BenchSamples() {}

  static Sample alone(double wall, double cpu, long peakMib) {
    return new Sample(
        wall,
        wall,
        Map.of(Part.GUEST, cpu),
        OptionalLong.of(peakMib << 20),
        OptionalLong.empty(),
        OptionalLong.empty(),
        OptionalLong.empty(),
        Optional.empty());
  }

  static Sample traced(double wall, double guest) {
    return new Sample(
        wall,
        guest,
        Map.of(
            Part.GUEST, guest,
            Part.NODE, 0.5,
            Part.BROKER, 0.25,
            Part.JOBS, 0.75,
            Part.JVM, 0.1,
            Part.REGISTRY, 0.01),
        OptionalLong.of(84L << 20),
        OptionalLong.of(400L << 20),
        OptionalLong.of(320_000_000),
        OptionalLong.of(45_000_000),
        Optional.of(new Events(1_000_000_000, 300_000_000, 400_000_000)));
  }

  static CaseResult one(BenchCase which, Sample bare, Sample... samples) {
    return new CaseResult(
        which.id(),
        which.title(),
        true,
        Arrays.stream(samples).map(s -> new CaseResult.Round(s, bare)).toList(),
        Optional.empty());
  }

  static BenchResult result() {
    Sample bare = alone(2.0, 1.0, 20);
    GuestResult bench =
        new GuestResult(
            "bench",
            "sort, hash, copy",
            "qemu-x86_64 bench 20",
            1,
            List.of(
                one(BenchCase.BARE, bare, bare, bare, bare),
                one(
                    BenchCase.FULL_ALONE,
                    bare,
                    alone(4.0, 3.0, 60),
                    alone(6.0, 2.0, 60),
                    alone(5.0, 4.0, 60)),
                one(BenchCase.FULL, bare, traced(8.0, 3.5), traced(7.0, 3.0), traced(7.5, 3.25))));
    Sample bareLinux = alone(10.0, 10.0, 100);
    CaseResult peer =
        new CaseResult(
            "hwprofile",
            "QEMU's hwprofile: counts <accesses> & devices",
            false,
            List.of(new CaseResult.Round(alone(370.0, 360.0, 101), bareLinux)),
            Optional.of("linux/hwprofile ended with exit code 1: no device"));
    GuestResult linux =
        new GuestResult(
            "linux",
            "Linux boot, 2 vCPUs",
            "qemu-system-x86_64 -smp 2",
            2,
            List.of(one(BenchCase.BARE, bareLinux, bareLinux), peer));
    return new BenchResult(
        new Machine(
            "Example CPU | 3 GHz",
            2,
            8L << 30,
            "6.1.0",
            List.of("qemu-x86_64 7.2.22", "qemu-system-x86_64 7.2.22"),
            "OpenJDK 64-Bit Server VM 17.0.15",
            Instant.parse("2025-01-02T03:04:05Z"),
            0.25,
            1.5),
        "./tracefleet bench --jmh",
        false,
        3,
        321,
        List.of(bench, linux),
        List.of(
            new JavaResult(
                "aggregator",
                "aggregator, sort, hash, copy",
                new Spread(1.2e9, 1.1e9, 1.3e9),
                0,
                12.25),
            new JavaResult(
                "cursor",
                "event cursor, sort, hash, copy",
                new Spread(250e6, 240e6, 260e6),
                0,
                30)),
        new SeeResult(
            Map.of(
                SeeFigure.VISIBLE, List.of(0.5, 0.25, 1.0),
                SeeFigure.API_STILL, List.of(40.25, 61.5, 55.0),
                SeeFigure.API_STILL_RATE, List.of(2345.6),
                SeeFigure.API_BYTES, List.of(22_000.0),
                SeeFigure.ARCHIVE, List.of(1.5),
                SeeFigure.ARCHIVE_RATE, List.of(123e6)),
            Map.of(SeeCase.PAINT, "no Chromium is installed")));
  }
}
