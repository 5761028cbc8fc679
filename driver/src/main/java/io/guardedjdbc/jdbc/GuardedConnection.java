package io.guardedjdbc.jdbc;

import static io.guardedjdbc.jdbc.SentText.NO_KEYS;

import io.guardedjdbc.Lineage;
import io.guardedjdbc.guard.PreparedFacts;
import io.guardedjdbc.guard.SessionGuard;
import java.sql.Array;
import java.sql.CallableStatement;
import java.sql.Connection;
import java.sql.DatabaseMetaData;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.Properties;
import java.util.concurrent.Executor;
import org.jspecify.annotations.Nullable;
import org.postgresql.PGConnection;
import org.postgresql.copy.CopyManager;
import org.postgresql.core.BaseConnection;
import org.postgresql.fastpath.Fastpath;
import org.postgresql.replication.PGReplicationConnection;

/**
 * The application's connection. It implements {@link PGConnection}, so casts written for pgjdbc
 * work. As thread-safe as pgjdbc's connection; it holds no lock, so {@code cancelQuery}, {@code
 * close} and {@code abort} go through while a validation is under way.
 */
final class GuardedConnection extends DelegatingConnection {
  private static final String CERTIFICATES = "guard.certificates";

  final SessionGuard guard;
  final SentText sent;
  final UnwrapRule unwrapRule;

  /** By texts that were executed as they are; the same text is another statement when prepared. */
  final RecentTexts executed = new RecentTexts();

  private final RecentTexts prepared = new RecentTexts();
  private volatile @Nullable GuardedDatabaseMetaData metaData;

  GuardedConnection(Connection delegate, SessionGuard guard, SentText sent) {
    super(delegate);
    this.guard = guard;
    this.sent = sent;
    this.unwrapRule = new UnwrapRule(guard);
  }

  // ---- statements --------------------------------------------------------------------------

  @Override
  public Statement createStatement() throws SQLException {
    return new GuardedStatement(this, delegate.createStatement());
  }

  @Override
  public Statement createStatement(int type, int concurrency) throws SQLException {
    return new GuardedStatement(this, delegate.createStatement(type, concurrency));
  }

  @Override
  public Statement createStatement(int type, int concurrency, int holdability) throws SQLException {
    return new GuardedStatement(this, delegate.createStatement(type, concurrency, holdability));
  }

  private PreparedFacts facts(String sql, String @Nullable [] keys) throws SQLException {
    return guard.prepare(sent.ofPrepared(sql, keys));
  }

  private PreparedFacts facts(String sql) throws SQLException {
    PreparedFacts known = prepared.get(sql, guard);
    if (known != null) {
      return known;
    }
    PreparedFacts facts = facts(sql, NO_KEYS);
    prepared.put(sql, facts);
    return facts;
  }

  @Override
  public PreparedStatement prepareStatement(String sql) throws SQLException {
    return new GuardedPreparedStatement(this, facts(sql), delegate.prepareStatement(sql));
  }

  @Override
  public PreparedStatement prepareStatement(String sql, int keys) throws SQLException {
    return new GuardedPreparedStatement(
        this, facts(sql, SentText.preparedKeys(keys)), delegate.prepareStatement(sql, keys));
  }

  @Override
  public PreparedStatement prepareStatement(String sql, int @Nullable [] keys) throws SQLException {
    return new GuardedPreparedStatement(this, facts(sql), delegate.prepareStatement(sql, keys));
  }

  @Override
  public PreparedStatement prepareStatement(String sql, String @Nullable [] keys)
      throws SQLException {
    return new GuardedPreparedStatement(
        this, facts(sql, keys), delegate.prepareStatement(sql, keys));
  }

  @Override
  public PreparedStatement prepareStatement(String sql, int type, int concurrency)
      throws SQLException {
    return new GuardedPreparedStatement(
        this, facts(sql), delegate.prepareStatement(sql, type, concurrency));
  }

  @Override
  public PreparedStatement prepareStatement(String sql, int type, int concurrency, int holdability)
      throws SQLException {
    return new GuardedPreparedStatement(
        this, facts(sql), delegate.prepareStatement(sql, type, concurrency, holdability));
  }

  @Override
  public CallableStatement prepareCall(String sql) throws SQLException {
    return new GuardedCallableStatement(this, callFacts(sql), delegate.prepareCall(sql));
  }

  @Override
  public CallableStatement prepareCall(String sql, int type, int concurrency) throws SQLException {
    return new GuardedCallableStatement(
        this, callFacts(sql), delegate.prepareCall(sql, type, concurrency));
  }

  @Override
  public CallableStatement prepareCall(String sql, int type, int concurrency, int holdability)
      throws SQLException {
    return new GuardedCallableStatement(
        this, callFacts(sql), delegate.prepareCall(sql, type, concurrency, holdability));
  }

  private PreparedFacts callFacts(String sql) throws SQLException {
    return guard.prepare(sent.ofCall(sql));
  }

  @Override
  public String nativeSQL(String sql) throws SQLException {
    return delegate.nativeSQL(sql);
  }

  // ---- what comes out, what goes in --------------------------------------------------------

  @Override
  @SuppressWarnings("unchecked")
  <T> T out(T value) throws SQLException {
    if (value instanceof Array array) {
      return (T) new GuardedArray(this, array);
    }
    return value instanceof ResultSet rows ? (T) fetched(rows) : value;
  }

  @Override
  <T> T in(T value) {
    return GuardedArray.in(value);
  }

  /** Rows that pgjdbc made by itself: metadata, the elements of an array. */
  @Nullable ResultSet driverRows(@Nullable ResultSet rows) {
    return rows == null ? null : new GuardedResultSet(this, null, rows, null, Lineage.NONE);
  }

  /** Lets pgjdbc fetch all rows of a cursor, if that may be. */
  ResultSet fetch(String cursor, RouteCall.Route<ResultSet> route) throws SQLException {
    PreparedFacts facts = guard.prepare("FETCH ALL IN \"" + cursor.replace("\"", "\"\"") + '"');
    var call = new RouteCall<>(route, ResultSet::close);
    ResultSet rows = guard.execute(facts, call);
    return new GuardedResultSet(this, null, rows, facts, call.lineage());
  }

  /**
   * A cursor that pgjdbc has fetched within a call, decided on before it is handed out. pgjdbc has
   * forgotten its name, so it counts as one that the guard knows nothing of.
   */
  private ResultSet fetched(ResultSet rows) throws SQLException {
    return fetch("cursor of a call", whole -> rows);
  }

  @Override
  public DatabaseMetaData getMetaData() throws SQLException {
    DatabaseMetaData raw = delegate.getMetaData();
    GuardedDatabaseMetaData known = metaData;
    if (known == null || known.delegate != raw) {
      known = new GuardedDatabaseMetaData(this, raw);
      metaData = known;
    }
    return known;
  }

  // ---- transactions ------------------------------------------------------------------------

  @Override
  public void commit() throws SQLException {
    try {
      super.commit();
    } finally {
      guard.transactionEnded();
    }
  }

  @Override
  public void rollback() throws SQLException {
    try {
      super.rollback();
    } finally {
      guard.transactionEnded();
    }
  }

  @Override
  public void setAutoCommit(boolean autoCommit) throws SQLException {
    try {
      super.setAutoCommit(autoCommit);
    } finally {
      guard.transactionEnded();
    }
  }

  @Override
  public void setTransactionIsolation(int level) throws SQLException {
    try {
      super.setTransactionIsolation(level);
    } finally {
      guard.transactionEnded();
    }
  }

  @Override
  public void close() throws SQLException {
    try {
      super.close();
    } finally {
      guard.closed();
    }
  }

  @Override
  public void abort(Executor executor) throws SQLException {
    try {
      super.abort(executor);
    } finally {
      guard.closed();
    }
  }

  // ---- lineage -----------------------------------------------------------------------------

  @Override
  public @Nullable String getClientInfo(@Nullable String name) throws SQLException {
    String value = super.getClientInfo(name);
    return CERTIFICATES.equals(name) ? guard.lastRelease().text() : value;
  }

  @Override
  public Properties getClientInfo() throws SQLException {
    Properties given = super.getClientInfo();
    Properties copy = new Properties();
    given.stringPropertyNames().forEach(name -> copy.setProperty(name, given.getProperty(name)));
    copy.setProperty(CERTIFICATES, guard.lastRelease().text());
    return copy;
  }

  // ---- pgjdbc's own interfaces -------------------------------------------------------------

  @Override
  public CopyManager getCopyAPI() throws SQLException {
    ((PGConnection) delegate).getCopyAPI();
    return new GuardedCopy((BaseConnection) delegate, guard);
  }

  @Override
  @Deprecated
  @SuppressWarnings("deprecation")
  public Fastpath getFastpathAPI() throws SQLException {
    ((PGConnection) delegate).getFastpathAPI();
    return new LargeObjectFastpath((BaseConnection) delegate, guard);
  }

  /**
   * Refused.
   *
   * @throws UnsupportedOperationException with the refusal as its cause: pgjdbc's interface allows
   *     no {@link SQLException} here
   */
  @Override
  public PGReplicationConnection getReplicationAPI() {
    try {
      guard.requireRoute("the replication API", "Use a plain connection");
    } catch (SQLException refusal) {
      throw new UnsupportedOperationException(refusal.getMessage(), refusal);
    }
    return ((PGConnection) delegate).getReplicationAPI();
  }

  @Override
  public <T> T unwrap(Class<T> type) throws SQLException {
    return unwrapRule.unwrap(this, delegate, guard.lastRelease(), type);
  }

  @Override
  public boolean isWrapperFor(Class<?> type) throws SQLException {
    return unwrapRule.isWrapperFor(this, delegate, type);
  }
}
