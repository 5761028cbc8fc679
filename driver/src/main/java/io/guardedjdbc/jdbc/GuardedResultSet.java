package io.guardedjdbc.jdbc;

import io.guardedjdbc.Lineage;
import io.guardedjdbc.guard.PreparedFacts;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.SQLWarning;
import java.sql.Statement;
import java.util.Map;
import java.util.StringTokenizer;
import org.jspecify.annotations.Nullable;

/**
 * Rows that have been released. Getters forward; what makes pgjdbc send SQL of its own is decided
 * anew: the refresh and the writing of a row, and the fetch of a cursor that a column holds.
 */
final class GuardedResultSet extends DelegatingResultSet {
  private static final String UPDATE_ADVICE = "Write by a statement of its own";

  private final GuardedConnection connection;
  private final @Nullable PreparedFacts facts;
  private Lineage lineage;

  /** Rows that come before pgjdbc fetches further ones; negative: it fetches none. */
  private int ahead = -1;

  private @Nullable RefCursors cursors;
  private @Nullable GuardedStatement statement;

  /**
   * @param statement the application's statement; null: pgjdbc made one of its own
   * @param facts of the text that gave the rows; null: they can't be refreshed or updated
   */
  GuardedResultSet(
      GuardedConnection connection,
      @Nullable GuardedStatement statement,
      ResultSet delegate,
      @Nullable PreparedFacts facts,
      Lineage lineage) {
    super(delegate);
    this.connection = connection;
    this.statement = statement;
    this.facts = facts;
    this.lineage = lineage;
  }

  // ---- further rows ------------------------------------------------------------------------

  /** To be called once, before anything else: the fetch size is still the one of the execution. */
  GuardedResultSet opened() throws SQLException {
    if (delegate.getFetchSize() > 0
        && delegate.getType() == TYPE_FORWARD_ONLY
        && !connection.delegate.getAutoCommit()) {
      ahead = fetchSize();
    }
    return this;
  }

  /** How many rows the last fetch asked for: where fewer came, they were the last. */
  private int fetchSize() throws SQLException {
    int size = delegate.getFetchSize();
    return size == 0 ? -1 : size;
  }

  @Override
  public boolean next() throws SQLException {
    if (ahead < 0) {
      return delegate.next();
    }
    boolean fetches = ahead == 0;
    if (fetches) {
      decideFetch();
    }
    boolean more = delegate.next();
    ahead = (fetches ? fetchSize() : ahead) - 1;
    return more;
  }

  /** At the last row that is here, pgjdbc fetches to find out. */
  @Override
  public boolean isLast() throws SQLException {
    if (ahead != 0) {
      return delegate.isLast();
    }
    decideFetch();
    boolean last = delegate.isLast();
    ahead = fetchSize();
    return last;
  }

  private void decideFetch() throws SQLException {
    try {
      if (facts != null) {
        lineage = connection.guard.fetching(facts, lineage, this::warned);
      }
    } catch (SQLException e) {
      Quietly.run(delegate::close);
      throw e;
    }
  }

  private void warned(SQLWarning warning) {
    if (statement != null) {
      statement.warned(warning);
    }
  }

  // ---- values ------------------------------------------------------------------------------

  @Override
  public @Nullable Statement getStatement() throws SQLException {
    Statement own = delegate.getStatement();
    if (own == null) {
      return null;
    }
    if (statement == null) {
      statement = new GuardedStatement(connection, own);
    }
    return statement;
  }

  @Override
  public @Nullable Object getObject(int column) throws SQLException {
    return isCursor(column) ? fetch(column) : super.getObject(column);
  }

  @Override
  public @Nullable Object getObject(String label) throws SQLException {
    int column = delegate.findColumn(label);
    return isCursor(column) ? fetch(column) : super.getObject(label);
  }

  @Override
  public @Nullable Object getObject(int column, @Nullable Map<String, Class<?>> map)
      throws SQLException {
    return isCursor(column) ? fetch(column) : super.getObject(column, map);
  }

  @Override
  public @Nullable Object getObject(String label, @Nullable Map<String, Class<?>> map)
      throws SQLException {
    int column = delegate.findColumn(label);
    return isCursor(column) ? fetch(column) : super.getObject(label, map);
  }

  private boolean isCursor(int column) throws SQLException {
    if (cursors == null) {
      cursors = new RefCursors(delegate);
    }
    return cursors.at(column);
  }

  private @Nullable ResultSet fetch(int column) throws SQLException {
    String cursor = delegate.getString(column);
    return cursor == null
        ? null
        : connection.fetch(cursor, whole -> (ResultSet) delegate.getObject(column));
  }

  @Override
  public void refreshRow() throws SQLException {
    PreparedFacts reading = facts("refreshRow");
    decide(reading == null ? null : withTable(reading, reading.text()), delegate::refreshRow);
  }

  @Override
  public void insertRow() throws SQLException {
    decide(writing("insertRow"), delegate::insertRow);
    if (ahead >= 0) {
      ahead++; // pgjdbc puts it behind the rows that are here
    }
  }

  @Override
  public void updateRow() throws SQLException {
    decide(writing("updateRow"), delegate::updateRow);
  }

  @Override
  public void deleteRow() throws SQLException {
    decide(writing("deleteRow"), delegate::deleteRow);
  }

  private interface Step {
    void run() throws SQLException;
  }

  /** A refused row may hold what it was refused for: the rows are closed. */
  private void decide(@Nullable PreparedFacts decidable, Step step) throws SQLException {
    if (decidable == null) {
      step.run();
      return;
    }
    RouteCall.Route<Object> route =
        whole -> {
          step.run();
          return delegate;
        };
    connection.guard.execute(decidable, new RouteCall<>(route, done -> delegate.close()));
  }

  /**
   * What the row is written to: whatever the rows came from, in a text that writes, as triggers and
   * defaults read what a SELECT does not.
   */
  private @Nullable PreparedFacts writing(String route) throws SQLException {
    PreparedFacts reading = facts(route);
    return reading == null
        ? null
        : withTable(
            reading, "DELETE FROM pg_catalog.pg_class USING (" + reading.text() + "\n) AS written");
  }

  /**
   * With the table that pgjdbc reads and writes: what follows the first "from" between blanks,
   * though that be in a comment or a literal.
   */
  private PreparedFacts withTable(PreparedFacts reading, String sql) throws SQLException {
    StringTokenizer words = new StringTokenizer(reading.text(), " \r\t\n");
    String table = "";
    while (words.hasMoreTokens() && table.isEmpty()) {
      if (words.nextToken().equalsIgnoreCase("from") && words.hasMoreTokens()) {
        table = words.nextToken();
        if (table.equalsIgnoreCase("only") && words.hasMoreTokens()) {
          table = words.nextToken();
        }
      }
    }
    return connection.guard.prepare(table.isEmpty() ? sql : sql + "\n;TABLE " + table);
  }

  /** What is to be decided; null where pgjdbc refuses by itself, in its own words. */
  private @Nullable PreparedFacts facts(String route) throws SQLException {
    if (delegate.getConcurrency() != CONCUR_UPDATABLE) {
      return null;
    }
    if (facts == null) {
      connection.guard.requireRoute(route, UPDATE_ADVICE);
    }
    return facts;
  }

  @Override
  <T> T out(T value) throws SQLException {
    return connection.out(value);
  }

  @Override
  <T> T in(T value) {
    return GuardedArray.in(value);
  }

  @Override
  public <T> T unwrap(Class<T> type) throws SQLException {
    return connection.unwrapRule.unwrap(this, delegate, lineage, type);
  }

  @Override
  public boolean isWrapperFor(Class<?> type) throws SQLException {
    return connection.unwrapRule.isWrapperFor(this, delegate, type);
  }
}
