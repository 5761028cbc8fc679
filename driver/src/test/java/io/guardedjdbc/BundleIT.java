package io.guardedjdbc;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.File;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.CodeSource;
import java.util.List;
import java.util.Objects;
import java.util.jar.JarEntry;
import java.util.jar.JarFile;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.slf4j.Logger;

/** The bundle as it is packaged: it alone beside pgjdbc and slf4j-api is enough. */
class BundleIT {
  /** Reads each text through DriverManager; the class path holds nothing of the build's. */
  private static final String PROGRAM =
      """
      import java.sql.*;
      class Program {
        public static void main(String[] arguments) throws Exception {
          try (Connection connection = DriverManager.getConnection(arguments[0]);
              Statement statement = connection.createStatement()) {
            for (int i = 1; i < arguments.length; i++) {
              try (ResultSet rows = statement.executeQuery(arguments[i])) {
                rows.next();
                System.out.println(rows.getString(1) + " by " + connection.getClientInfo("guard.certificates"));
              } catch (SQLException e) {
                System.out.println(e.getSQLState());
              }
            }
          }
        }
      }
      """;

  private final Path bundle = Path.of(Objects.requireNonNull(System.getProperty("bundle.jar")));

  @Test
  void aJvmWithTheBundlePgjdbcAndSlf4jReads(@TempDir Path folder) throws Exception {
    Path program = Files.writeString(folder.resolve("Program.java"), PROGRAM);
    try (CertifiedStore store = new CertifiedStore()) {
      Process java =
          new ProcessBuilder(
                  Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                  "-cp",
                  Stream.of(bundle, jar(org.postgresql.Driver.class), jar(Logger.class))
                      .map(Path::toString)
                      .collect(Collectors.joining(File.pathSeparator)),
                  program.toString(),
                  store.url() + "&guard.validation=always",
                  "SELECT count(*) FROM ml.store_v",
                  "SELECT id FROM ml.store_mv",
                  // Only JSqlParser can tell that this is a name of a column.
                  "SELECT r.id AS store_mv FROM ml.raw r ORDER BY 1")
              .redirectError(ProcessBuilder.Redirect.DISCARD)
              .start();
      String said = new String(java.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
      assertThat(said.lines()).containsExactly("3 by ml.store_v=1", "RG201", "1 by ml.store_v=1");
      assertThat(java.waitFor()).isZero();
    }
  }

  @Test
  void holdsWhatItNeedsUnderNamesOfItsOwn() throws IOException {
    try (JarFile jar = new JarFile(bundle.toFile())) {
      List<String> names = jar.stream().map(JarEntry::getName).toList();
      assertThat(names)
          .contains(
              "META-INF/LICENSE",
              "META-INF/NOTICE",
              "META-INF/services/java.sql.Driver",
              "io/guardedjdbc/shaded/caffeine/cache/Caffeine.class",
              "io/guardedjdbc/shaded/jsqlparser/parser/CCJSqlParser.class")
          .doesNotHaveDuplicates()
          .allMatch(name -> name.startsWith("io/") || name.startsWith("META-INF/"))
          .noneMatch(name -> name.endsWith("module-info.class"))
          .noneMatch(name -> name.endsWith(".class") && !name.startsWith("io/guardedjdbc/"));
      assertThat(jar.getManifest().getMainAttributes().getValue("Automatic-Module-Name"))
          .isEqualTo("io.guardedjdbc");
    }
  }

  @Test
  void theThinJarStaysTheMainArtifact() throws IOException {
    Path thin = Path.of(bundle.toString().replace("-all.jar", ".jar"));
    try (JarFile jar = new JarFile(thin.toFile())) {
      assertThat(jar.stream().map(JarEntry::getName)).noneMatch(name -> name.contains("/shaded/"));
    }
  }

  private static Path jar(Class<?> type) throws Exception {
    CodeSource source = type.getProtectionDomain().getCodeSource();
    return Path.of(source.getLocation().toURI());
  }
}
