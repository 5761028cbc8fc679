package io.guardedjdbc.examples.survival;

import java.sql.Connection;
import java.sql.SQLException;

/** All or nothing, on a connection in autocommit. */
final class Transaction {
  /** What is done in it. */
  interface Work {
    void run() throws SQLException;
  }

  private Transaction() {}

  static void run(Connection connection, Work work) throws SQLException {
    connection.setAutoCommit(false);
    try {
      work.run();
      connection.commit();
    } catch (SQLException | RuntimeException e) {
      connection.rollback();
      throw e;
    } finally {
      connection.setAutoCommit(true);
    }
  }
}
