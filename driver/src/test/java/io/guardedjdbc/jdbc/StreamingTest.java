package io.guardedjdbc.jdbc;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.guardedjdbc.error.GuardRefusal;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.postgresql.PGConnection;

/** Further rows come by a cursor only where its snapshot is the one that was validated. */
class StreamingTest {
  private static final String ROWS = "select g from generate_series(1, 100) g /* secret */";
  private static final String CURSORS = "select count(*) from pg_cursors where name like 'C\\_%'";
  private static String database = "";
  private Session session = new Session(new FakeGuard(), new Recording().connection());

  @BeforeAll
  static void fill() throws SQLException {
    database = Session.database();
  }

  @BeforeEach
  void open() throws SQLException {
    session = Session.open(database);
    session.connection().setAutoCommit(false);
  }

  @AfterEach
  void close() throws SQLException {
    session.close();
  }

  @Test
  void readsByACursorWhereThatIsSound() throws SQLException {
    try (PreparedStatement statement = session.connection().prepareStatement(ROWS)) {
      statement.setFetchSize(10);
      ResultSet rows = statement.executeQuery();
      assertThat(session.value(CURSORS)).isEqualTo("1");
      assertThat(count(rows)).isEqualTo(100);
    }
  }

  @Test
  void readsWithoutACursorWhatAVolatileFunctionReads() throws SQLException {
    session.guard().mayStream = false;
    try (PreparedStatement statement = session.connection().prepareStatement(ROWS)) {
      statement.setFetchSize(10);
      ResultSet rows = statement.executeQuery();
      assertThat(session.value(CURSORS)).isEqualTo("0");
      assertThat(count(rows)).isEqualTo(100);
      assertThat(statement.getFetchSize()).isEqualTo(10);
    }
  }

  @Test
  void refusesToCopyWhatAVolatileFunctionReads() throws SQLException {
    session.guard().mayStream = false;
    var copies = ((PGConnection) session.connection()).getCopyAPI();
    assertThatThrownBy(() -> copies.copyOut("copy secret to stdout"))
        .isInstanceOf(GuardRefusal.class)
        .hasMessageContaining("RG203");
    assertThat(copies.copyOut("copy plain to stdout").readFromCopy()).isNotNull();
  }

  private static int count(ResultSet rows) throws SQLException {
    int count = 0;
    while (rows.next()) {
      count++;
    }
    return count;
  }
}
