package io.guardedjdbc.jdbc;

import static org.assertj.core.api.Assertions.assertThat;

import java.sql.CallableStatement;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.sql.Types;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** The text that is analysed is the text that the server receives, character by character. */
@Tag("postgres14")
class SentTextTest {
  private static final String QUERY =
      "(select query from pg_stat_activity where pid = pg_backend_pid())";
  private static final int KEYS = Statement.RETURN_GENERATED_KEYS;
  private static String database = "";

  @BeforeAll
  static void fill() throws SQLException {
    database = Session.database();
    try (Session session = Session.open(database)) {
      session
          .statement()
          .execute(
              """
              create table log (query text default (current_query()));
              create function sent(ignored text) returns text language sql as
                'select query from pg_stat_activity where pid = pg_backend_pid()';
              """);
    }
  }

  /** Uses a connection so that the server gives back what it received. */
  private interface Use {
    String of(Connection connection) throws SQLException;
  }

  record Case(String name, Use use) {
    @Override
    public String toString() {
      return name;
    }
  }

  static Stream<Case> cases() {
    String insert = "insert into log default values";
    return Stream.of(
        new Case("plain", c -> query(c, "select " + QUERY)),
        new Case("function", c -> query(c, "select " + QUERY + " where {fn length('a')} = 1")),
        new Case("date", c -> query(c, "select " + QUERY + ", {d '2026-11-22'} /* {d x} */")),
        new Case(
            "join",
            c -> query(c, "select " + QUERY + " from {oj plain p left join plain q on true}")),
        new Case("question mark", c -> query(c, "select " + QUERY + ", '{\"a\":1}'::jsonb ? 'a'")),
        new Case(
            "escapes off",
            c -> {
              Statement statement = c.createStatement();
              statement.setEscapeProcessing(false);
              return value(statement.executeQuery("select " + QUERY + ", '{fn now()}'"));
            }),
        new Case(
            "placeholder",
            c -> {
              PreparedStatement statement =
                  c.prepareStatement("select " + QUERY + ", ?::int, '{\"a\":1}'::jsonb ?? 'a'");
              statement.setInt(1, 1);
              return value(statement.executeQuery());
            }),
        new Case(
            "prepared escapes",
            c -> value(c.prepareStatement("select " + QUERY + ", {fn user()}").executeQuery())),
        new Case("prepared", c -> value(c.prepareStatement("select " + QUERY).executeQuery())),
        new Case("keys", c -> keys(c, s -> s.executeUpdate(insert, KEYS))),
        new Case("columns", c -> keys(c, s -> s.executeUpdate(insert, new String[] {"query"}))),
        new Case("large", c -> keys(c, s -> s.executeLargeUpdate(insert, KEYS))),
        new Case("execute", c -> keys(c, s -> s.execute(insert, KEYS))),
        new Case(
            "prepared keys",
            c -> {
              PreparedStatement statement = c.prepareStatement(insert, KEYS);
              statement.executeUpdate();
              return value(statement.getGeneratedKeys());
            }),
        new Case(
            "prepared columns",
            c -> {
              PreparedStatement statement = c.prepareStatement(insert, new String[] {"query"});
              statement.executeUpdate();
              return value(statement.getGeneratedKeys());
            }),
        new Case("call", c -> call(c, "{? = call sent('x')}")),
        new Case("call with a value", c -> call(c, "{ ? = call sent( ? ) }")));
  }

  @ParameterizedTest
  @MethodSource("cases")
  void isWhatTheServerReceives(Case sent) throws SQLException {
    try (Session session = Session.open(database)) {
      String received = sent.use().of(session.connection());
      assertThat(session.guard().prepared).isEqualTo(List.of(received));
    }
  }

  private static String query(Connection connection, String sql) throws SQLException {
    return value(connection.createStatement().executeQuery(sql));
  }

  private interface Update {
    Object by(Statement statement) throws SQLException;
  }

  private static String keys(Connection connection, Update update) throws SQLException {
    Statement statement = connection.createStatement();
    update.by(statement);
    return value(statement.getGeneratedKeys());
  }

  private static String call(Connection connection, String sql) throws SQLException {
    CallableStatement call = connection.prepareCall(sql);
    call.registerOutParameter(1, Types.VARCHAR);
    if (sql.endsWith("? ) }")) {
      call.setString(2, "x");
    }
    call.execute();
    return call.getString(1);
  }

  private static String value(ResultSet rows) throws SQLException {
    rows.next();
    return rows.getString(1);
  }
}
