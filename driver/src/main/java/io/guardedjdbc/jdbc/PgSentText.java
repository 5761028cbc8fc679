package io.guardedjdbc.jdbc;

import java.sql.SQLException;
import org.jspecify.annotations.Nullable;
import org.postgresql.core.BaseConnection;
import org.postgresql.core.CachedQuery;
import org.postgresql.core.QueryExecutor;

/**
 * Asks pgjdbc's own parser. What it parses for us stays in the connection's statement cache, so
 * that preparing the statement afterwards finds it there. A text without braces and placeholders is
 * sent as it is and not parsed at all. Thread-safe.
 */
final class PgSentText implements SentText {
  private final BaseConnection connection;

  PgSentText(BaseConnection connection) {
    this.connection = connection;
  }

  @Override
  public String ofStatement(String sql, boolean escapes, String @Nullable [] keys)
      throws SQLException {
    if (returnsNothing(keys) && !(escapes && hasEscapes(sql))) {
      return sql;
    }
    return nativeSql(connection.createQuery(sql, escapes, false, keys));
  }

  @Override
  public String ofPrepared(String sql, String @Nullable [] keys) throws SQLException {
    if (!returnsNothing(keys)) {
      return borrowed(connection.getQueryExecutor().borrowReturningQuery(sql, keys));
    }
    if (!hasEscapes(sql) && sql.indexOf('?') < 0) {
      return sql;
    }
    return borrowed(connection.getQueryExecutor().borrowQuery(sql));
  }

  @Override
  public String ofCall(String sql) throws SQLException {
    return borrowed(connection.getQueryExecutor().borrowCallableQuery(sql));
  }

  private String borrowed(CachedQuery query) {
    QueryExecutor cache = connection.getQueryExecutor();
    try {
      return nativeSql(query);
    } finally {
      cache.releaseQuery(query);
    }
  }

  private static String nativeSql(CachedQuery query) {
    return query.query.getNativeSql();
  }

  private static boolean hasEscapes(String sql) {
    return sql.indexOf('{') >= 0;
  }

  private static boolean returnsNothing(String @Nullable [] keys) {
    return keys != null && keys.length == 0;
  }
}
