// SPDX-License-Identifier: Apache-2.0
package io.tracefleet.cli;

import static com.tngtech.archunit.library.Architectures.layeredArchitecture;

import com.tngtech.archunit.core.importer.ImportOption;
import com.tngtech.archunit.junit.AnalyzeClasses;
import com.tngtech.archunit.junit.ArchTest;
import com.tngtech.archunit.lang.ArchRule;

/**
 * The package graph: commands compose, and cluster, report, bench and size do not know each other.
 */
@AnalyzeClasses(
    packages = "io.tracefleet.cli",
    importOptions = ImportOption.DoNotIncludeTests.class)
final class ArchitectureTest {
  @ArchTest
  static final ArchRule PACKAGES =
      layeredArchitecture()
          .consideringOnlyDependenciesInLayers()
          .layer("console")
          .definedBy("..cli.console..")
          .layer("cluster")
          .definedBy("..cli.cluster..")
          .layer("report")
          .definedBy("..cli.report..")
          .layer("bench")
          .definedBy("..cli.bench..")
          .layer("see")
          .definedBy("..cli.see..")
          .layer("size")
          .definedBy("..cli.size..")
          .layer("commands")
          .definedBy("..cli.commands..")
          .whereLayer("commands")
          .mayNotBeAccessedByAnyLayer()
          .whereLayer("bench")
          .mayOnlyBeAccessedByLayers("commands")
          .whereLayer("size")
          .mayOnlyBeAccessedByLayers("commands")
          .whereLayer("see")
          .mayOnlyBeAccessedByLayers("bench", "commands")
          .whereLayer("report")
          .mayOnlyBeAccessedByLayers("commands")
          .whereLayer("cluster")
          .mayOnlyBeAccessedByLayers("commands")
          .whereLayer("console")
          .mayOnlyBeAccessedByLayers("report", "bench", "see", "size", "commands");
}
