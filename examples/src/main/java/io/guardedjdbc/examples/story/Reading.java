package io.guardedjdbc.examples.story;

import io.guardedjdbc.GuardedDriver;
import io.guardedjdbc.error.GuardRefusal;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.Objects;
import java.util.Properties;

/**
 * One training read, as an application would do it: open, read all rows, close.
 *
 * @param rows how many came
 * @param fingerprint a sum over keys and prices, to tell the rows of one day from another's
 * @param certificates which certificates covered them
 * @param refusal the message, as the application sees it; empty: not refused
 */
record Reading(long rows, long fingerprint, String certificates, String refusal) {
  static Reading of(String guardedUrl, String view) throws SQLException {
    try (Connection connection = connect(guardedUrl);
        Statement statement = connection.createStatement();
        ResultSet rows =
            statement.executeQuery("SELECT generation, listing_id, price FROM " + view)) {
      long count = 0;
      long sum = 0;
      while (rows.next()) {
        count++;
        sum += Objects.hash(rows.getInt(1), rows.getLong(2), rows.getBigDecimal(3));
      }
      return new Reading(
          count, sum, Objects.requireNonNull(connection.getClientInfo("guard.certificates")), "");
    } catch (SQLException e) {
      if (e instanceof GuardRefusal) {
        return new Reading(0, 0, "", Objects.requireNonNull(e.getMessage()));
      }
      throw e;
    }
  }

  private static Connection connect(String guardedUrl) throws SQLException {
    return Objects.requireNonNull(new GuardedDriver().connect(guardedUrl, new Properties()));
  }

  boolean refused() {
    return !refusal.isEmpty();
  }
}
