package io.guardedjdbc.refresher.proof;

import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;

/** What a refused statement wrote is still there. */
final class LeftBehind extends SQLException {
  private static final long serialVersionUID = 1;

  private LeftBehind(SQLException refusal) {
    super("a refused statement left its rows behind: " + refusal.getMessage(), "XX001", refusal);
  }

  static void check(PreparedStatement mine, SQLException refusal) throws SQLException {
    boolean there;
    try (ResultSet rows = mine.executeQuery()) {
      there = rows.next();
    } catch (SQLException e) {
      return; // The transaction, or the connection, is over: so is what it wrote.
    }
    if (there) {
      throw new LeftBehind(refusal);
    }
  }
}
