package io.guardedjdbc.examples.ratio;

import io.guardedjdbc.GuardedDriver;
import java.io.PrintWriter;
import java.nio.charset.StandardCharsets;
import java.sql.Connection;
import java.sql.Driver;
import java.sql.ResultSet;
import java.sql.ResultSetMetaData;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Objects;
import java.util.Properties;

/**
 * How long a guarded read of all rows takes, against the same read by plain pgjdbc. Measures, and
 * asserts nothing. Each round reads three times over connections that stay open, in an order that
 * rotates: plain, plain again, guarded. So plain against plain tells how much of a ratio is noise.
 *
 * <p>{@code ReadRatio JDBC-URL VIEW ROUNDS [FETCH-SIZE]}, on a database whose store is certified.
 * FETCH-SIZE 0, the default, takes all rows at once; else they come through a cursor.
 */
public final class ReadRatio {
  private static final int WARM_UP = 3;
  private static final String PLAIN = "jdbc:postgresql:";

  private final PrintWriter out = new PrintWriter(System.out, true, StandardCharsets.UTF_8);
  private final String sql;
  private final int fetchSize;
  private long rows;
  private long characters;

  private ReadRatio(String view, int fetchSize) {
    this.sql = "SELECT * FROM " + view;
    this.fetchSize = fetchSize;
  }

  /** Measures; see the class. */
  public static void main(String[] args) throws SQLException {
    String url = args[0];
    String guarded = "jdbc:guarded:postgresql:" + url.substring(PLAIN.length());
    try (Connection first = open(new org.postgresql.Driver(), url);
        Connection second = open(new org.postgresql.Driver(), url);
        Connection third = open(new GuardedDriver(), guarded)) {
      int fetchSize = args.length > 3 ? Integer.parseInt(args[3]) : 0;
      new ReadRatio(args[1], fetchSize)
          .measure(List.of(first, second, third), Integer.parseInt(args[2]));
    }
  }

  private static Connection open(Driver driver, String url) throws SQLException {
    return Objects.requireNonNull(driver.connect(url, new Properties()));
  }

  private void measure(List<Connection> connections, int rounds) throws SQLException {
    List<double[]> perRound = new ArrayList<>();
    for (int round = -WARM_UP; round < rounds; round++) {
      double[] millis = new double[connections.size()];
      for (int turn = 0; turn < millis.length; turn++) {
        int which = Math.floorMod(round + turn, millis.length);
        millis[which] = read(connections.get(which));
      }
      if (round >= 0) {
        perRound.add(millis);
      }
    }
    out.printf(
        Locale.ROOT,
        "%s, fetch size %d: %,d rows, %,d characters, %d rounds after %d of warm-up%n",
        sql,
        fetchSize,
        rows,
        characters,
        rounds,
        WARM_UP);
    out.println("                       lower quartile     median   upper quartile");
    tell("plain, ms", perRound.stream().mapToDouble(millis -> millis[0]).toArray());
    tell("plain again, ms", perRound.stream().mapToDouble(millis -> millis[1]).toArray());
    tell("guarded, ms", perRound.stream().mapToDouble(millis -> millis[2]).toArray());
    tell(
        "plain again / plain",
        perRound.stream().mapToDouble(millis -> millis[1] / millis[0]).toArray());
    tell(
        "guarded / plain",
        perRound.stream().mapToDouble(millis -> millis[2] / millis[0]).toArray());
  }

  /** Reads everything, every column as text, as a loader of training data would. */
  private double read(Connection connection) throws SQLException {
    long begin = System.nanoTime();
    connection.setAutoCommit(fetchSize == 0);
    try (Statement statement = connection.createStatement()) {
      statement.setFetchSize(fetchSize);
      try (ResultSet result = statement.executeQuery(sql)) {
        ResultSetMetaData columns = result.getMetaData();
        int width = columns.getColumnCount();
        rows = 0;
        characters = 0;
        while (result.next()) {
          rows++;
          for (int column = 1; column <= width; column++) {
            String value = result.getString(column);
            characters += value == null ? 0 : value.length();
          }
        }
      }
    }
    if (fetchSize > 0) {
      connection.commit();
    }
    return (System.nanoTime() - begin) / 1e6;
  }

  private void tell(String what, double[] values) {
    Arrays.sort(values);
    out.printf(
        Locale.ROOT,
        "%-22s %14.3f %10.3f %16.3f%n",
        what,
        quantile(values, 0.25),
        quantile(values, 0.5),
        quantile(values, 0.75));
  }

  private static double quantile(double[] sorted, double share) {
    double at = share * (sorted.length - 1);
    int below = (int) Math.floor(at);
    int above = (int) Math.ceil(at);
    return sorted[below] + (sorted[above] - sorted[below]) * (at - below);
  }
}
