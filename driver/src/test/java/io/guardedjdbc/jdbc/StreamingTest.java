package io.guardedjdbc.jdbc;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.guardedjdbc.error.GuardRefusal;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.Properties;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.postgresql.PGConnection;
import org.postgresql.PGProperty;

/** Further rows come by a cursor only where its snapshot is the one that was validated. */
class StreamingTest {
  private static final String ROWS = "select g from generate_series(1, 100) g /* secret */";
  private static final String CURSORS = "select count(*) from pg_cursors where name like 'C\\_%'";
  private static final String PRODUCED = "select last_value from produced";
  private static final int BUFFER_BYTES = 80;
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

  @ParameterizedTest
  @EnumSource(Way.class)
  void decidesBeforeEachFetchAndAtNoOtherRow(Way way) throws SQLException {
    close();
    Properties properties = new Properties();
    PGProperty.MAX_RESULT_BUFFER.set(properties, BUFFER_BYTES);
    session = Session.open(database, properties);
    session.connection().setAutoCommit(false);
    session.connection().unwrap(PGConnection.class).setAdaptiveFetch(way == Way.ADAPTIVE);
    try (Statement other = session.statement();
        Statement statement = session.statement()) {
      other.execute("create temp sequence produced");
      statement.setFetchSize(10);
      statement.setMaxRows(way == Way.LIMITED ? 95 : 0);
      ResultSet rows =
          statement.executeQuery("select 1000 + nextval('produced') from generate_series(1, 100)");
      int needed = 0;
      String before = session.value(PRODUCED);
      while (way.next(rows)) {
        String after = session.value(PRODUCED);
        needed += before.equals(after) ? 0 : 1;
        before = after;
        assertThat(session.guard().fetches).isEqualTo(needed);
      }
      assertThat(needed).isPositive();
      assertThat(rows.getFetchSize()).isEqualTo(way.lastFetchSize);
    }
  }

  /** How the application moves on. */
  private enum Way {
    NEXT(10),
    LAST(10),
    RESIZED(7),
    /** By as much as fits into the buffer: four bytes a row. */
    ADAPTIVE(BUFFER_BYTES / 4),
    LIMITED(10);

    final int lastFetchSize;

    Way(int lastFetchSize) {
      this.lastFetchSize = lastFetchSize;
    }

    boolean next(ResultSet rows) throws SQLException {
      if (this == RESIZED && rows.getRow() == 15) {
        rows.setFetchSize(7);
      }
      return !(this == LAST && rows.getRow() % 3 == 1 && rows.isLast()) && rows.next();
    }
  }

  @Test
  void closesWhatMayNotBeFetched() throws SQLException {
    try (PreparedStatement statement = session.connection().prepareStatement(ROWS)) {
      statement.setFetchSize(1);
      ResultSet rows = statement.executeQuery();
      assertThat(rows.next()).isTrue();
      session.answering(FakeGuard.Answer.REFUSE_AFTER);
      assertThatThrownBy(rows::next).isInstanceOf(GuardRefusal.class);
      assertThat(rows.isClosed()).isTrue();
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
