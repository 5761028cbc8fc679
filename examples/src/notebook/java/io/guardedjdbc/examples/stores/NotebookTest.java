package io.guardedjdbc.examples.stores;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.File;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.SQLException;
import java.util.Objects;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A Python process reads a store into pandas frames over JPype, by the bundle jar. */
class NotebookTest {
  private static final String FEATURES = "SELECT * FROM \"Ward 7\".\"Features @T0\"";

  @TempDir private Path directory;

  @SuppressWarnings("NullAway.Init")
  private ConfiguredStore store;

  @BeforeEach
  void certify() throws SQLException, IOException {
    store = new ConfiguredStore("ward");
    store.sql("1_create.sql");
    assertThat(store.init(directory, store.text("ward.yaml")).code()).isZero();
    assertThat(store.approveBaselines("ward_7").code()).isZero();
    assertThat(store.refresher("run", "ward_7").code()).isZero();
  }

  @AfterEach
  void close() throws SQLException {
    store.close();
  }

  @Test
  void readsFramesThatNameTheirCertificate() throws Exception {
    assertThat(
            python(
                """
                frame = guarded_frame.read(url, sql)
                print(*frame.shape, frame.attrs)
                print(sorted(set(frame["Bed"]))[:2], frame["pulse"].dtype, frame["Taken at"].dtype)
                print(guarded_frame.read(url, "SELECT 1 AS one").attrs)
                """))
        .containsExactly(
            "4800 9 {'certificates': ['\"Ward 7\".\"Features @T0\"=1'], 'leased': True}",
            "['bed 1', 'bed 10'] float64 datetime64[ns]",
            "{'certificates': [], 'leased': False}");
  }

  @Test
  void raisesRefusalsWithTheirStateAndErrorsAsTheyAre() throws Exception {
    store.plainly("UPDATE audit.t0_cert_registry SET status = 'FAILED'");
    assertThat(
            python(
                """
                for text in [sql, 'TABLE icu."Scores"', "SELECT 1/0"]:
                    try:
                        guarded_frame.read(url, text)
                        print("not refused")
                    except guarded_frame.Refused as refused:
                        print(refused.state, refused.retryable, str(refused)[:12])
                    except Exception as error:
                        print("division by zero" in str(error))
                """))
        .containsExactly("RG101 False Read refused", "RG201 False Read refused", "True");
  }

  /** The lines that a script prints, once the JVM in its process has the driver. */
  private Stream<String> python(String script) throws IOException, InterruptedException {
    Path examples = Path.of("").toAbsolutePath();
    Process process =
        new ProcessBuilder(
                property("notebook.python"),
                "-c",
                """
                import sys, warnings
                sys.path.insert(0, "notebook")
                import guarded_frame
                jars, url, sql = sys.argv[1:]
                guarded_frame.start(jars.split(":"))
                """
                    + script,
                jars(examples.resolve("..")),
                store.url().replaceFirst("^jdbc:", "jdbc:guarded:"),
                FEATURES)
            .directory(examples.toFile())
            .redirectErrorStream(true)
            .start();
    process.getOutputStream().close();
    String answer = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    assertThat(process.waitFor()).as(answer).isZero();
    return answer.lines().filter(line -> !line.startsWith("SLF4J"));
  }

  /** The bundle, what it needs besides, and what the Python installation asks for. */
  private static String jars(Path root) throws IOException {
    try (Stream<Path> built = Files.list(root.resolve("driver/target"))) {
      Stream<String> bundle = built.map(Path::toString).filter(name -> name.endsWith("-all.jar"));
      Stream<String> besides =
          Stream.of(property("surefire.test.class.path").split(File.pathSeparator))
              .filter(name -> name.matches(".*/(postgresql|slf4j-api)-[0-9.]+\\.jar"));
      return Stream.of(bundle, besides, Stream.of(property("notebook.jars")))
          .flatMap(names -> names)
          .filter(name -> !name.isEmpty())
          .collect(Collectors.joining(":"));
    }
  }

  private static String property(String name) {
    return Objects.requireNonNull(System.getProperty(name), name);
  }
}
