package io.guardedjdbc.jdbc;

import io.guardedjdbc.Lineage;
import io.guardedjdbc.guard.PreparedFacts;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Rows that have been released. Getters forward; what makes pgjdbc send SQL of its own is decided
 * anew: the refresh and the writing of a row, and the fetch of a cursor that a column holds.
 */
final class GuardedResultSet extends DelegatingResultSet {
  private static final String UPDATE_ADVICE = "Write by a statement of its own";

  private final GuardedConnection connection;
  private final @Nullable PreparedFacts facts;
  private final Lineage lineage;
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
        : connection.fetch(cursor, () -> (ResultSet) delegate.getObject(column));
  }

  @Override
  public void refreshRow() throws SQLException {
    PreparedFacts decidable = decidable("refreshRow");
    if (decidable != null) {
      connection.guard.execute(
          decidable,
          new RouteCall<Object>(
              () -> {
                delegate.refreshRow();
                return delegate;
              },
              done -> delegate.close()));
    } else {
      delegate.refreshRow();
    }
  }

  @Override
  public void insertRow() throws SQLException {
    decideFirst("insertRow");
    delegate.insertRow();
  }

  @Override
  public void updateRow() throws SQLException {
    decideFirst("updateRow");
    delegate.updateRow();
  }

  @Override
  public void deleteRow() throws SQLException {
    decideFirst("deleteRow");
    delegate.deleteRow();
  }

  /**
   * Writing a row gives back no row but the one written: the decision before it is enough, and
   * nothing would be gained by refusing a write that has happened.
   */
  private void decideFirst(String route) throws SQLException {
    PreparedFacts decidable = decidable(route);
    if (decidable != null) {
      connection.guard.execute(decidable, new RouteCall<Object>(() -> route, done -> {}));
    }
  }

  /** What is to be decided; null where pgjdbc refuses by itself, in its own words. */
  private @Nullable PreparedFacts decidable(String route) throws SQLException {
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
