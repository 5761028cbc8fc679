package io.guardedjdbc.refresher.run;

import static io.guardedjdbc.refresher.run.Intercepted.call;
import static io.guardedjdbc.refresher.run.Intercepted.proxy;

import io.guardedjdbc.refresher.testing.Shop;
import java.lang.reflect.Method;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import org.jspecify.annotations.Nullable;

/**
 * Connections of a run to which something happens at one of its points. Points are the statements
 * that write, and the commits; each is counted, and named for messages. A commit has a second
 * point, at which its answer is lost, where anything depends on the answer.
 */
final class BreakingConnector implements Connector {
  /** What happens at the point. */
  @FunctionalInterface
  interface Mishap {
    void happen(String point) throws SQLException;
  }

  private static final List<String> POINTS =
      List.of(
          "REFRESH",
          "DELETE",
          "SELECT audit.begin_run",
          "audit.revoke",
          "audit.publish_certificate",
          "audit.finish_run");

  private final Connector real;
  private final int stopAt;
  private final Mishap mishap;
  private final List<String> passed = new ArrayList<>();

  /**
   * For one run.
   *
   * @param stopAt number of the point, from 0; -1 for none
   */
  BreakingConnector(Connector real, int stopAt, Mishap mishap) {
    this.real = real;
    this.stopAt = stopAt;
    this.mishap = mishap;
  }

  /** The server ends the connections of the run whose names end so; all of them for "". */
  static Mishap terminated(Shop shop, String suffix) {
    String backends =
        " FROM pg_stat_activity WHERE application_name LIKE 'guarded-jdbc refresher%"
            + suffix
            + "' AND datname = current_database()";
    return point -> {
      shop.sql("SELECT pg_terminate_backend(pid)" + backends);
      while (!shop.ask("SELECT count(*)" + backends).equals("0")) {
        LockSupport.parkNanos(TimeUnit.MILLISECONDS.toNanos(2));
      }
    };
  }

  /** The points that the run came to, in order; the last is where it was stopped. */
  synchronized List<String> passed() {
    return List.copyOf(passed);
  }

  @Override
  public Connection open(String applicationName) {
    Connection connection = real.open(applicationName);
    return proxy(
        Connection.class,
        (method, args) -> {
          switch (method.getName()) {
            case "commit" -> {
              point("commit");
              connection.commit();
              if (!applicationName.endsWith(" worker") && point("answer to commit")) {
                throw new SQLException("the answer is lost", "08006");
              }
              return null;
            }
            case "prepareStatement" -> {
              String sql = (String) args[0];
              Statement statement =
                  (Statement) Objects.requireNonNull(call(connection, method, args));
              return proxy(
                  java.sql.PreparedStatement.class,
                  (inner, more) -> sent(sql, statement, inner, more));
            }
            case "createStatement" -> {
              Statement statement = connection.createStatement();
              return proxy(
                  Statement.class,
                  (inner, more) ->
                      sent(
                          inner.getName().startsWith("execute") ? (String) more[0] : "",
                          statement,
                          inner,
                          more));
            }
            default -> {
              return call(connection, method, args);
            }
          }
        });
  }

  private @Nullable Object sent(String sql, Statement statement, Method method, Object[] args)
      throws Throwable {
    if (method.getName().startsWith("execute")) {
      for (String name : POINTS) {
        if (sql.contains(name)) {
          point(name);
        }
      }
    }
    return call(statement, method, args);
  }

  private synchronized boolean point(String name) throws SQLException {
    passed.add(name);
    boolean stop = passed.size() - 1 == stopAt;
    if (stop) {
      mishap.happen(name);
    }
    return stop;
  }
}
