package io.guardedjdbc.refresher.run;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.guardedjdbc.refresher.db.Session;
import io.guardedjdbc.testing.Postgres;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** A COMMIT whose answer is lost. */
class PublicationTest {
  private final Postgres postgres = Postgres.shared();
  private String database = "";

  @BeforeEach
  void build() throws SQLException {
    database = postgres.createDatabase("doubt");
    try (Connection connection = postgres.connect(database);
        Statement statement = connection.createStatement()) {
      statement.execute("CREATE TABLE t (a int)");
    }
  }

  @Test
  void thatArrivedIsACommit() throws SQLException {
    publication(true).commit();
    assertThat(rows()).isEqualTo(1);
  }

  @Test
  void thatDidNotArriveIsAFailure() throws SQLException {
    Publication publication = publication(false);
    assertThatThrownBy(publication::commit)
        .isInstanceOf(SQLException.class)
        .hasMessageContaining("cable");
    assertThat(rows()).isZero();
  }

  /** A transaction with one row, on a connection that breaks at COMMIT. */
  private Publication publication(boolean arrives) throws SQLException {
    Session work = new Session(breaking(postgres.connect(database), arrives));
    work.begin();
    work.script("INSERT INTO t VALUES (1)");
    return new Publication(work, this::fresh, new Interruption());
  }

  private Session fresh() {
    try {
      return new Session(postgres.connect(database));
    } catch (SQLException e) {
      throw new AssertionError(e);
    }
  }

  private long rows() throws SQLException {
    try (Session session = fresh()) {
      return session.number("SELECT count(*) FROM t");
    }
  }

  private static Connection breaking(Connection real, boolean arrives) {
    return Intercepted.proxy(
        Connection.class,
        (method, args) -> {
          if (method.getName().equals("commit")) {
            if (arrives) {
              real.commit();
            }
            real.close();
            throw new SQLException("the cable was pulled", "08006");
          }
          return Intercepted.call(real, method, args);
        });
  }
}
