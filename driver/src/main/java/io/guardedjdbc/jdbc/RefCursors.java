package io.guardedjdbc.jdbc;

import java.sql.ResultSet;
import java.sql.ResultSetMetaData;
import java.sql.SQLException;
import java.sql.Types;
import org.jspecify.annotations.Nullable;

/**
 * Which columns of a result set are cursors: there {@code getObject} makes pgjdbc send a FETCH of
 * its own. Asked for one column at a time, as pgjdbc may have to look a type up, which it would do
 * for that column's {@code getObject} anyway. Not thread-safe, like a result set.
 */
final class RefCursors {
  private static final byte UNKNOWN = 0;
  private static final byte CURSOR = 1;
  private static final byte VALUE = 2;

  private final ResultSet rows;
  private @Nullable ResultSetMetaData columns;
  private byte[] kinds = {};

  RefCursors(ResultSet rows) {
    this.rows = rows;
  }

  /**
   * Whether this column is a cursor; {@code false} also where there is no such column: pgjdbc says
   * so.
   */
  boolean at(int column) throws SQLException {
    if (columns == null) {
      columns = rows.getMetaData();
      kinds = new byte[columns.getColumnCount() + 1];
    }
    if (column < 1 || column >= kinds.length) {
      return false;
    }
    if (kinds[column] == UNKNOWN) {
      kinds[column] = columns.getColumnType(column) == Types.REF_CURSOR ? CURSOR : VALUE;
    }
    return kinds[column] == CURSOR;
  }
}
