package io.guardedjdbc.jdbc;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.guardedjdbc.Lineage;
import io.guardedjdbc.error.GuardRefusal;
import io.guardedjdbc.testing.Postgres;
import java.sql.Connection;
import java.sql.DatabaseMetaData;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.postgresql.PGConnection;
import org.postgresql.PGRefCursorResultSet;
import org.postgresql.PGResultSetMetaData;
import org.postgresql.PGStatement;
import org.postgresql.jdbc.PgConnection;

/** What the application holds is one object each, and casts as pgjdbc's would. */
class IdentityTest {
  private static String database = "";
  private Session session = new Session(new FakeGuard(), new Recording().connection());

  @BeforeAll
  static void fill() throws SQLException {
    database = Session.database();
  }

  @BeforeEach
  void open() throws SQLException {
    session = Session.open(database);
  }

  @AfterEach
  void close() throws SQLException {
    session.close();
  }

  @Test
  void everyWayBackGivesTheSameFacade() throws SQLException {
    Connection connection = session.connection();
    Statement statement = connection.createStatement();
    ResultSet rows = statement.executeQuery("select array[1]");
    rows.next();
    assertThat(statement.getConnection()).isSameAs(connection);
    assertThat(rows.getStatement()).isSameAs(statement);
    assertThat(statement.getResultSet()).isSameAs(rows).isSameAs(statement.getResultSet());
    assertThat(connection.getMetaData().getConnection()).isSameAs(connection);
    assertThat(connection.getMetaData()).isSameAs(connection.getMetaData());
    ResultSet schemas = connection.getMetaData().getSchemas();
    assertThat(schemas.getStatement()).isSameAs(schemas.getStatement());
    assertThat(schemas.getStatement().getConnection()).isSameAs(connection);
    ResultSet elements = rows.getArray(1).getResultSet();
    assertThat(elements.getStatement().getConnection()).isSameAs(connection);
  }

  @Test
  void generatedKeysBelongToTheirStatement() throws SQLException {
    Statement statement = session.statement();
    statement.executeUpdate("update plain set id = id", Statement.RETURN_GENERATED_KEYS);
    ResultSet keys = statement.getGeneratedKeys();
    assertThat(keys).isSameAs(statement.getGeneratedKeys());
    assertThat(keys.getStatement()).isSameAs(statement);
  }

  @Test
  void whatIsNullByPgjdbcStaysNull() throws SQLException {
    Statement statement = session.statement();
    assertThat(statement.getResultSet()).isNull();
    statement.execute("update plain set id = id");
    assertThat(statement.getResultSet()).isNull();
    ResultSet rows = statement.executeQuery("select null::int[], null::refcursor");
    rows.next();
    assertThat(rows.getArray(1)).isNull();
    assertThat(rows.getObject(2)).isNull();
  }

  @Test
  void aClosedResultSetSaysSoInPgjdbcsWords() throws SQLException {
    ResultSet rows = session.statement().executeQuery("select 1");
    rows.close();
    assertThatThrownBy(rows::getStatement).hasMessage("This ResultSet is closed.");
    assertThatThrownBy(() -> rows.getObject("x")).hasMessage("This ResultSet is closed.");
  }

  @Test
  void castsThatWorkByPgjdbcWork() throws SQLException {
    assertThat(session.connection()).isInstanceOf(PGConnection.class);
    Statement statement = session.statement();
    assertThat(statement).isInstanceOf(PGStatement.class);
    ResultSet rows = statement.executeQuery("select 1");
    assertThat(rows).isInstanceOf(PGRefCursorResultSet.class);
    assertThat(rows.getMetaData()).isInstanceOf(PGResultSetMetaData.class);
  }

  @Test
  void statementsPrintAsPgjdbcs() throws SQLException {
    String sql = "select label from plain where id = ?";
    try (Connection plain = Postgres.shared().connect(database);
        PreparedStatement theirs = plain.prepareStatement(sql);
        PreparedStatement ours = session.connection().prepareStatement(sql)) {
      theirs.setInt(1, 7);
      ours.setInt(1, 7);
      assertThat(ours).hasToString(theirs.toString());
    }
  }

  @Test
  void unwrapGivesTheFacadeForAllThatItImplements() throws SQLException {
    Connection connection = session.connection();
    PreparedStatement statement = connection.prepareStatement("select 1");
    ResultSet rows = statement.executeQuery();
    assertThat(connection.unwrap(Connection.class)).isSameAs(connection);
    assertThat(connection.unwrap(PGConnection.class)).isSameAs(connection);
    assertThat(statement.unwrap(PreparedStatement.class)).isSameAs(statement);
    assertThat(statement.unwrap(PGStatement.class)).isSameAs(statement);
    assertThat(rows.unwrap(ResultSet.class)).isSameAs(rows);
    DatabaseMetaData metaData = connection.getMetaData();
    assertThat(metaData.unwrap(DatabaseMetaData.class)).isSameAs(metaData);
    assertThat(connection.isWrapperFor(PGConnection.class)).isTrue();
    assertThat(connection.isWrapperFor(Lineage.class)).isTrue();
  }

  @Test
  void pgjdbcsInsidesAreGivenOnlyWherePropertyAllows() throws SQLException {
    Connection connection = session.connection();
    assertThat(connection.isWrapperFor(PgConnection.class)).isFalse();
    assertThatThrownBy(() -> connection.unwrap(PgConnection.class))
        .isInstanceOf(GuardRefusal.class)
        .hasMessageContaining("RG203");
    session.guard().unwrapAllowed = true;
    assertThat(connection.isWrapperFor(PgConnection.class)).isTrue();
    assertThat(connection.unwrap(PgConnection.class)).isInstanceOf(PgConnection.class);
  }

  @Test
  void aClosedConnectionUnwrapsNothingAsByPgjdbc() throws SQLException {
    session.connection().close();
    assertThatThrownBy(() -> session.connection().unwrap(Connection.class))
        .hasMessage("This connection has been closed.");
  }

  @Test
  void whatNobodyImplementsGetsPgjdbcsAnswer() throws SQLException {
    assertThat(session.connection().isWrapperFor(List.class)).isFalse();
    assertThatThrownBy(() -> session.connection().unwrap(List.class))
        .hasMessage("Cannot unwrap to java.util.List");
  }

  @Test
  void lineageIsThatOfTheResultItself() throws SQLException {
    Statement first = session.statement();
    ResultSet earlier = first.executeQuery("select label from secret");
    ResultSet later = session.statement().executeQuery("select label from secret");
    ResultSet free = session.statement().executeQuery("select 1");
    assertThat(earlier.unwrap(Lineage.class).text()).isEqualTo("secret=41");
    assertThat(first.unwrap(Lineage.class).text()).isEqualTo("secret=41");
    assertThat(later.unwrap(Lineage.class).text()).isEqualTo("secret=42");
    assertThat(free.unwrap(Lineage.class)).isEqualTo(Lineage.NONE);
    Connection connection = session.connection();
    assertThat(connection.unwrap(Lineage.class).text()).isEqualTo("secret=42");
    assertThat(connection.getClientInfo("guard.certificates")).isEqualTo("secret=42");
    assertThat(connection.getClientInfo().getProperty("guard.certificates")).isEqualTo("secret=42");
  }

  @Test
  void clientInformationGoesInAndOutAsBefore() throws SQLException {
    Connection connection = session.connection();
    connection.setClientInfo("ApplicationName", "notebook");
    assertThat(session.value("select current_setting('application_name')")).isEqualTo("notebook");
    connection.setClientInfo(connection.getClientInfo());
    assertThat(connection.getClientInfo("ApplicationName")).isEqualTo("notebook");
    assertThat((Object) connection.getWarnings()).isNull();
  }
}
