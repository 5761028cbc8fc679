package io.guardedjdbc.refresher.audit;

import java.sql.SQLException;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;

/** Tests that share one database: each works in a transaction of its own that is rolled back. */
abstract class RolledBack {
  static AuditDatabase database;

  @BeforeAll
  static void create() throws SQLException {
    database = AuditDatabase.withPolicy();
  }

  @AfterAll
  static void close() throws SQLException {
    database.close();
  }

  @BeforeEach
  void begin() throws SQLException {
    database.run("BEGIN");
  }

  @AfterEach
  void rollBack() throws SQLException {
    database.run("ROLLBACK");
  }
}
