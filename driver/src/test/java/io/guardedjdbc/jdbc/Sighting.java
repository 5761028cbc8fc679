package io.guardedjdbc.jdbc;

import io.guardedjdbc.error.GuardRefusal;
import io.guardedjdbc.error.GuardState;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.sql.Connection;
import java.sql.SQLException;
import org.jspecify.annotations.Nullable;

/**
 * What an application saw by one route, and what was left behind.
 *
 * @param seen values, texts of errors, warnings of the connection
 * @param refusal null: the guard refused nothing
 * @param traces all that others can read afterwards
 */
record Sighting(String seen, @Nullable GuardState refusal, String traces) {

  /** What is read once the route has been taken. */
  interface Traces {
    String left() throws Exception;
  }

  /** Takes the route, then ends what it left open as an application would that means to keep it. */
  static Sighting of(Route route, Connection connection, Route.Revocation revocation, Traces traces)
      throws Exception {
    StringBuilder seen = new StringBuilder();
    GuardState refusal = null;
    try {
      seen.append(route.read().from(connection, revocation));
    } catch (Exception e) {
      seen.append(text(e));
      refusal = refusal(e);
    }
    try {
      seen.append(connection.getWarnings());
      seen.append(Reading.transcript(connection, "select current_setting('my.x', true)"));
      Reading.transcript(connection, "commit");
    } catch (SQLException e) {
      seen.append(text(e));
    }
    connection.close();
    return new Sighting(seen.toString(), refusal, traces.left());
  }

  boolean leaks() {
    return (seen + traces).contains("LEAK");
  }

  private static @Nullable GuardState refusal(@Nullable Throwable thrown) {
    return thrown == null || thrown instanceof GuardRefusal
        ? thrown == null ? null : ((GuardRefusal) thrown).state()
        : refusal(thrown.getCause());
  }

  /** With causes and what was suppressed. */
  private static String text(Throwable thrown) {
    StringWriter text = new StringWriter();
    thrown.printStackTrace(new PrintWriter(text, true));
    if (thrown instanceof SQLException e) {
      for (SQLException next = e.getNextException(); next != null; next = next.getNextException()) {
        next.printStackTrace(new PrintWriter(text, true));
      }
    }
    return text.toString().replaceAll("(?m)^\\s+(at|\\.\\.\\.) .*\\R", "");
  }
}
