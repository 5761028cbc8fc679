package io.guardedjdbc.refresher.proof;

import java.sql.SQLException;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** Values of rows in the text of an error. */
final class Secret {
  private static final Pattern SECRET = Pattern.compile("secret<([^|>]*)\\|(true|false)>");

  private Secret() {}

  /**
   * The row that an error tells of.
   *
   * @throws SQLException the error, where it tells of none
   */
  static Way.Rows of(SQLException error) throws SQLException {
    for (Throwable e = error; e != null; e = e.getCause()) {
      Matcher matcher = SECRET.matcher(String.valueOf(e.getMessage()));
      if (matcher.find()) {
        Way.Rows rows = new Way.Rows();
        rows.add(matcher.group(1), matcher.group(2).equals("true"));
        rows.count = ProofStore.ROWS;
        return rows;
      }
    }
    throw error;
  }
}
