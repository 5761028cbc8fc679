import static org.junit.platform.engine.discovery.ClassNameFilter.includeClassNamePatterns;
import static org.junit.platform.engine.discovery.DiscoverySelectors.selectClasspathRoots;

import io.guardedjdbc.GuardedPlainUrlDriver;
import io.guardedjdbc.testing.Postgres;
import io.zonky.test.db.postgres.embedded.EmbeddedPostgres;
import java.io.IOException;
import java.io.PrintWriter;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Proxy;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.Driver;
import java.sql.DriverManager;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Properties;
import java.util.Set;
import java.util.TreeMap;
import org.junit.platform.engine.TestExecutionResult;
import org.junit.platform.launcher.LauncherDiscoveryRequest;
import org.junit.platform.launcher.TestExecutionListener;
import org.junit.platform.launcher.TestIdentifier;
import org.junit.platform.launcher.core.LauncherDiscoveryRequestBuilder;
import org.junit.platform.launcher.core.LauncherFactory;

/**
 * pgjdbc's own tests, by pgjdbc, by the driver for plain URLs in its place, and by that with {@code
 * guard.unwrap=allow}, and the differences. The tests get no other URL: only who answers to it is
 * another. What passes the third time did not pass the second as it reached for pgjdbc's classes.
 */
public final class PgjdbcSuite {
  private PgjdbcSuite() {}

  /**
   * {@code run plain|guarded|unwrapping CLASSES PATTERN OUTPUT} or {@code compare PLAIN GUARDED
   * UNWRAPPING REPORT}; to be run in a JVM each.
   */
  public static void main(String[] arguments) throws Exception {
    if (arguments[0].equals("compare")) {
      compare(arguments[1], arguments[2], arguments[3], Path.of(arguments[4]));
    } else {
      run(driver(arguments[1]), Path.of(arguments[2]), arguments[3], arguments[4]);
      System.exit(0); // Some tests leave threads behind.
    }
  }

  /** Who answers to pgjdbc's URLs. */
  private static Driver driver(String by) {
    return switch (by) {
      case "plain" -> new org.postgresql.Driver();
      case "guarded" -> new GuardedPlainUrlDriver();
      case "unwrapping" -> unwrapping(new GuardedPlainUrlDriver());
      default -> throw new IllegalArgumentException(by);
    };
  }

  private static Driver unwrapping(Driver guarded) {
    return (Driver)
        Proxy.newProxyInstance(
            PgjdbcSuite.class.getClassLoader(),
            new Class<?>[] {Driver.class},
            (proxy, method, arguments) -> {
              if (method.getName().equals("connect")) {
                Properties more = new Properties((Properties) arguments[1]);
                more.setProperty("guard.unwrap", "allow");
                arguments[1] = more;
              }
              try {
                return method.invoke(guarded, arguments);
              } catch (InvocationTargetException e) {
                throw e.getCause();
              }
            });
  }

  private static void run(Driver driver, Path classes, String pattern, String output)
      throws SQLException, IOException {
    try (EmbeddedPostgres server = Postgres.own(18)) {
      prepare(server.getJdbcUrl("postgres", "postgres"), server.getJdbcUrl("postgres", "test"));
      System.setProperty("test.url.PGPORT", String.valueOf(server.getPort()));
      if (!(driver instanceof org.postgresql.Driver)) {
        org.postgresql.Driver.deregister();
        DriverManager.registerDriver(driver);
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

  private static void compare(String plain, String guarded, String unwrapping, Path report)
      throws IOException {
    Map<String, String[]> passed = read(Path.of(plain));
    passed.values().removeIf(result -> !result[1].equals("SUCCESSFUL"));
    Map<String, String> missed = missed(passed, read(Path.of(guarded)));
    Map<String, String> either = missed(passed, read(Path.of(unwrapping)));
    Map<String, Integer> inside = new TreeMap<>();
    for (String test : missed.keySet()) {
      if (!either.containsKey(test)) {
        inside.merge(test.replaceAll("^.*(class|class-template):|\\].*", ""), 1, Integer::sum);
      }
    }
    List<String> lines = new ArrayList<>();
    lines.add("# pgjdbc's own tests through the guarding driver\n");
    lines.add("| what | tests |\n| --- | --- |");
    lines.add("| passed by pgjdbc | " + passed.size() + " |");
    lines.add("| of these, not passed here | " + missed.size() + " |");
    lines.add("| the same with guard.unwrap=allow | " + either.size() + " |");
    lines.add("\n## Passed once pgjdbc's own classes may be had by unwrap\n");
    inside.forEach((type, tests) -> lines.add("- `" + type + "`: " + tests));
    lines.add("\n## Not passed even then\n");
    either.forEach((test, thrown) -> lines.add("- `" + test + "`: `" + thrown + "`"));
    Files.createDirectories(report.toAbsolutePath().getParent());
    Files.write(report, lines);
  }

  /** What passed before and does not now, with what was thrown. */
  private static Map<String, String> missed(
      Map<String, String[]> before, Map<String, String[]> after) {
    Map<String, String> missed = new TreeMap<>();
    for (String test : before.keySet()) {
      String[] now = after.get(test);
      if (now == null) {
        missed.put(test, "not run, as its class could not be set up");
      } else if (!now[1].equals("SUCCESSFUL")) {
        missed.put(test, now[2]);
      }
    }
    return missed;
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
