package io.guardedjdbc;

import java.sql.Connection;
import java.sql.SQLException;
import org.junit.jupiter.api.AfterEach;

/** Each test has a certified store of its own, and a guarded connection that looks every time. */
abstract class StoreTest {
  final CertifiedStore store = new CertifiedStore();
  final Connection connection;
  private final String properties;

  StoreTest() throws SQLException {
    this("");
  }

  /** With these objects besides the store. */
  StoreTest(String setup) throws SQLException {
    this("", setup);
  }

  /**
   * @param properties more of them, each behind a {@code &}
   */
  StoreTest(String properties, String setup) throws SQLException {
    this.properties = "&guard.validation=always" + properties;
    store.admin(setup);
    connection = connect();
  }

  /** Another such connection. */
  final Connection connect() throws SQLException {
    return store.connect(properties);
  }

  @AfterEach
  void close() throws SQLException {
    connection.close();
    store.close();
  }
}
