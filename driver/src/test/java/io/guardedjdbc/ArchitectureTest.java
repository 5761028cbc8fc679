package io.guardedjdbc;

import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;
import static com.tngtech.archunit.library.Architectures.layeredArchitecture;

import com.tngtech.archunit.core.importer.ImportOption;
import com.tngtech.archunit.junit.AnalyzeClasses;
import com.tngtech.archunit.junit.ArchTest;
import com.tngtech.archunit.lang.ArchRule;

/** The folder tree reads as the path of a statement: its arrows go one way. */
@AnalyzeClasses(packages = "io.guardedjdbc", importOptions = ImportOption.DoNotIncludeTests.class)
class ArchitectureTest {
  @ArchTest
  static final ArchRule arrows =
      layeredArchitecture()
          .consideringOnlyDependenciesInLayers()
          .layer("jdbc")
          .definedBy("io.guardedjdbc.jdbc..")
          .layer("guard")
          .definedBy("io.guardedjdbc.guard..")
          .layer("analysis")
          .definedBy("io.guardedjdbc.analysis..")
          .layer("catalog")
          .definedBy("io.guardedjdbc.catalog..")
          .layer("registry")
          .definedBy("io.guardedjdbc.registry..")
          .layer("root")
          .definedBy("io.guardedjdbc")
          .whereLayer("jdbc")
          .mayOnlyBeAccessedByLayers("root")
          .whereLayer("guard")
          .mayOnlyBeAccessedByLayers("jdbc", "root")
          .whereLayer("catalog")
          .mayOnlyBeAccessedByLayers("guard", "root")
          .whereLayer("registry")
          .mayOnlyBeAccessedByLayers("guard", "root")
          .whereLayer("analysis")
          .mayOnlyBeAccessedByLayers("guard", "catalog");

  @ArchTest
  static final ArchRule errorsKnowNobody =
      noClasses()
          .that()
          .resideInAPackage("io.guardedjdbc.error..")
          .should()
          .dependOnClassesThat()
          .resideInAnyPackage(
              "io.guardedjdbc",
              "io.guardedjdbc.jdbc..",
              "io.guardedjdbc.guard..",
              "io.guardedjdbc.analysis..",
              "io.guardedjdbc.catalog..",
              "io.guardedjdbc.registry..");

  @ArchTest
  static final ArchRule oneClassImportsJsqlparser =
      noClasses()
          .that()
          .resideOutsideOfPackage("io.guardedjdbc.analysis..")
          .should()
          .dependOnClassesThat()
          .resideInAPackage("net.sf.jsqlparser..");

  @ArchTest
  static final ArchRule onlyJdbcAndGuardKnowPgjdbc =
      noClasses()
          .that()
          .resideInAnyPackage("io.guardedjdbc.analysis..", "io.guardedjdbc.catalog..")
          .should()
          .dependOnClassesThat()
          .resideInAPackage("org.postgresql..");
}
