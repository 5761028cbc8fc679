package io.guardedjdbc.jdbc;

import org.jspecify.annotations.Nullable;

/** Sends what it is given, for tests without pgjdbc. */
final class VerbatimText implements SentText {
  @Override
  public String ofStatement(String sql, boolean escapes, String @Nullable [] keys) {
    return sql;
  }

  @Override
  public String ofPrepared(String sql, String @Nullable [] keys) {
    return sql;
  }

  @Override
  public String ofCall(String sql) {
    return sql;
  }
}
