import static org.junit.platform.engine.discovery.ClassNameFilter.includeClassNamePatterns;
import static org.junit.platform.engine.discovery.DiscoverySelectors.selectClasspathRoots;

import io.guardedjdbc.GuardedPlainUrlDriver;
import io.guardedjdbc.testing.Postgres;
import io.zonky.test.db.postgres.embedded.EmbeddedPostgres;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import org.junit.platform.engine.TestExecutionResult;
import org.junit.platform.launcher.LauncherDiscoveryRequest;
import org.junit.platform.launcher.TestExecutionListener;
import org.junit.platform.launcher.TestIdentifier;
import org.junit.platform.launcher.core.LauncherDiscoveryRequestBuilder;
import org.junit.platform.launcher.core.LauncherFactory;

/**
 * pgjdbc's own tests, by pgjdbc and by the driver for plain URLs in its place, and the difference.
 * The tests get no other URL: only who answers to it is another.
 */
public final class PgjdbcSuite {
  private PgjdbcSuite() {}

  /**
   * {@code run plain|guarded CLASSES PATTERN OUTPUT} or {@code compare PLAIN GUARDED REPORT}; to be
   * run in a JVM each.
   */
  public static void main(String[] arguments) throws Exception {
    if (arguments[0].equals("compare")) {
      compare(Path.of(arguments[1]), Path.of(arguments[2]), Path.of(arguments[3]));
    } else {
      run(arguments[1].equals("guarded"), Path.of(arguments[2]), arguments[3], arguments[4]);
      System.exit(0); // Some tests leave threads behind.
    }
  }

  private static void run(boolean guarded, Path classes, String pattern, String output)
      throws SQLException, IOException {
    try (EmbeddedPostgres server = Postgres.own(18)) {
      prepare(server.getJdbcUrl("postgres", "postgres"), server.getJdbcUrl("postgres", "test"));
      System.setProperty("test.url.PGPORT", String.valueOf(server.getPort()));
      if (guarded) {
        org.postgresql.Driver.deregister();
        DriverManager.registerDriver(new GuardedPlainUrlDriver());
      }
      LauncherDiscoveryRequest request =
          LauncherDiscoveryRequestBuilder.request()
              .selectors(selectClasspathRoots(Set.of(classes)))
              .filters(includeClassNamePatterns(pattern))
              .configurationParameter("junit.jupiter.execution.timeout.default", "60 s")
              .build();
      try (PrintWriter results = new PrintWriter(output, StandardCharsets.UTF_8)) {
        LauncherFactory.create().execute(request, new Results(results));
      }
    }
  }

  private static void prepare(String postgres, String test) throws SQLException {
    execute(postgres, "CREATE ROLE test SUPERUSER LOGIN PASSWORD 'test'");
    execute(postgres, "CREATE DATABASE test OWNER test");
    execute(
        test,
        "CREATE SCHEMA ml; CREATE VIEW ml.store_v AS SELECT 1 AS id; CREATE SCHEMA audit;"
            + " CREATE TABLE audit.t0_cert_registry (entrypoint text PRIMARY KEY, status text,"
            + " certified_at timestamptz DEFAULT now());"
            + " INSERT INTO audit.t0_cert_registry VALUES ('ml.store_v', 'CERTIFIED');"
            + " GRANT USAGE ON SCHEMA audit TO PUBLIC; GRANT SELECT ON audit.t0_cert_registry TO PUBLIC");
  }

  private static void execute(String url, String sql) throws SQLException {
    try (Connection connection = DriverManager.getConnection(url);
        Statement statement = connection.createStatement()) {
      statement.execute(sql);
    }
  }

  /** One line a test: name, outcome, and what was thrown. */
  private record Results(PrintWriter lines) implements TestExecutionListener {

    @Override
    public synchronized void executionFinished(TestIdentifier test, TestExecutionResult result) {
      String thrown = result.getThrowable().map(PgjdbcSuite::text).orElse("");
      if (test.isTest() || !thrown.isEmpty()) {
        write(test.getUniqueId() + "\t" + result.getStatus() + "\t" + thrown);
      }
    }

    @Override
    public synchronized void executionSkipped(TestIdentifier test, String reason) {
      write(test.getUniqueId() + "\tSKIPPED\t");
    }

    private void write(String line) {
      lines.println(line);
      lines.flush();
    }
  }

  private static String text(Throwable thrown) {
    StringBuilder text = new StringBuilder();
    for (Throwable t = thrown; t != null; t = t.getCause()) {
      text.append(t.toString().replaceAll("\\s+", " ")).append(" / ");
      for (StackTraceElement frame : t.getStackTrace()) {
        if (frame.getClassName().startsWith("org.postgresql.test")) {
          text.append(frame).append(" / ");
          break;
        }
      }
    }
    return text.toString();
  }

  // ---- the difference ------------------------------------------------------------------------

  private static void compare(Path plain, Path guarded, Path report) throws IOException {
    Map<String, String[]> before = read(plain);
    Map<String, String[]> after = read(guarded);
    Map<String, List<String>> classes = new TreeMap<>();
    int passed = 0;
    for (Map.Entry<String, String[]> test : before.entrySet()) {
      if (test.getValue()[1].equals("SUCCESSFUL")) {
        passed++;
        String[] now = after.get(test.getKey());
        if (now == null || !now[1].equals("SUCCESSFUL")) {
          String reason = reason(now);
          String line = test.getKey() + ": " + (now == null || now.length < 3 ? "" : now[2]);
          classes.computeIfAbsent(reason, key -> new ArrayList<>()).add(line);
        }
      }
    }
    List<String> lines = new ArrayList<>();
    lines.add("# pgjdbc's own tests through the guarding driver\n");
    lines.add("By pgjdbc: " + before.size() + " tests, " + passed + " passed. Of these, here:\n");
    lines.add("| what | tests |\n| --- | --- |");
    classes.forEach((reason, tests) -> lines.add("| " + reason + " | " + tests.size() + " |"));
    classes.forEach(
        (reason, tests) -> {
          lines.add("\n## " + reason + "\n");
          tests.forEach(test -> lines.add("- `" + test + "`"));
        });
    Files.createDirectories(report.toAbsolutePath().getParent());
    Files.write(report, lines);
  }

  private static String reason(String[] now) {
    if (now == null) {
      return "not run, as its class could not be set up";
    }
    String thrown = now.length < 3 ? "" : now[2];
    if (thrown.contains("ClassCastException") && thrown.contains("Guarded")) {
      return "cast to a class of pgjdbc's";
    }
    if (thrown.contains("RG203")) {
      return "refused: a route that can't be guarded";
    }
    return "failed otherwise";
  }

  private static Map<String, String[]> read(Path results) throws IOException {
    Map<String, String[]> tests = new TreeMap<>();
    for (String line : Files.readAllLines(results)) {
      String[] parts = line.split("\t", -1);
      tests.put(parts[0], parts);
    }
    return tests;
  }
}
