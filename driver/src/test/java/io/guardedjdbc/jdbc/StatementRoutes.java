package io.guardedjdbc.jdbc;

import static io.guardedjdbc.jdbc.Reading.SELECT;
import static io.guardedjdbc.jdbc.Reading.all;
import static io.guardedjdbc.jdbc.Reading.call;
import static io.guardedjdbc.jdbc.Reading.first;
import static io.guardedjdbc.jdbc.Reading.keys;
import static io.guardedjdbc.jdbc.Reading.label;
import static io.guardedjdbc.jdbc.Reading.results;

import java.sql.CallableStatement;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.sql.Types;
import java.util.stream.Stream;
import org.postgresql.PGStatement;

/** Routes through statements: every way to execute one. */
@SuppressWarnings("resource")
final class StatementRoutes {
  private static final String RETURNING = "update secret set id = id";
  private static final String COPYING = "update plain set label = (select label from secret)";
  private static final String[] LABEL = {"label"};

  private StatementRoutes() {}

  static Stream<Route> statements() {
    return Stream.of(
        Route.of("execute", c -> results(c, s -> s.execute(SELECT))),
        Route.of("executeQuery", c -> first(c.createStatement().executeQuery(SELECT))),
        Route.of(
            "two texts in one", c -> results(c, s -> s.execute("select 'x' limit 0; " + SELECT))),
        Route.of(
            "escape function",
            c ->
                first(
                    c.createStatement().executeQuery("select {fn concat(label,'')} from secret"))),
        Route.of(
            "escape outer join",
            c ->
                first(
                    c.createStatement()
                        .executeQuery(
                            "select s.label from {oj plain p left outer join secret s on true}"))),
        Route.of(
            "without escapes",
            c -> {
              Statement statement = c.createStatement();
              statement.setEscapeProcessing(false);
              return first(statement.executeQuery(SELECT));
            }),
        Route.of("execute for no columns", c -> results(c, s -> s.execute(SELECT, new int[0]))),
        Route.of("execute for no names", c -> results(c, s -> s.execute(SELECT, new String[0]))),
        Route.of("executeUpdate", c -> copied(c, s -> s.executeUpdate(COPYING))),
        Route.of(
            "executeUpdate for no columns",
            c -> copied(c, s -> s.executeUpdate(COPYING, new int[0]))),
        Route.of("executeLargeUpdate", c -> copied(c, s -> s.executeLargeUpdate(COPYING))),
        Route.of(
            "executeLargeUpdate for no columns",
            c -> copied(c, s -> s.executeLargeUpdate(COPYING, new int[0]))),
        Route.of(
            "scrollable",
            c ->
                first(
                    c.createStatement(ResultSet.TYPE_SCROLL_INSENSITIVE, ResultSet.CONCUR_READ_ONLY)
                        .executeQuery(SELECT))),
        Route.of(
            "holdable",
            c ->
                first(
                    c.createStatement(
                            ResultSet.TYPE_FORWARD_ONLY,
                            ResultSet.CONCUR_READ_ONLY,
                            ResultSet.HOLD_CURSORS_OVER_COMMIT)
                        .executeQuery(SELECT))),
        Route.of(
            "fetch size",
            c -> {
              c.setAutoCommit(false);
              Statement statement = c.createStatement();
              statement.setFetchSize(1);
              return first(statement.executeQuery(SELECT));
            }),
        Route.of(
            "declared cursor",
            c -> {
              c.setAutoCommit(false);
              c.createStatement().execute("declare d cursor for " + SELECT);
              return first(c.createStatement().executeQuery("fetch all from d"));
            }),
        Route.of(
            "error text",
            c -> {
              try {
                c.createStatement().execute("select label::int from secret");
                return "no error";
              } catch (org.postgresql.util.PSQLException e) {
                return String.valueOf(e.getMessage());
              }
            }),
        Route.of(
            "notice",
            c -> {
              Statement statement = c.createStatement();
              statement.execute("select shout() /* secret */");
              return String.valueOf(statement.getWarnings());
            }));
  }

  static Stream<Route> generatedKeys() {
    int all = Statement.RETURN_GENERATED_KEYS;
    return Stream.of(
        Route.of("execute for keys", c -> keys(c, s -> s.execute(RETURNING, all))),
        Route.of("execute for columns", c -> keys(c, s -> s.execute(RETURNING, LABEL))),
        Route.of("update for keys", c -> keys(c, s -> s.executeUpdate(RETURNING, all))),
        Route.of("update for columns", c -> keys(c, s -> s.executeUpdate(RETURNING, LABEL))),
        Route.of("large update for keys", c -> keys(c, s -> s.executeLargeUpdate(RETURNING, all))),
        Route.of(
            "large update for columns", c -> keys(c, s -> s.executeLargeUpdate(RETURNING, LABEL))),
        Route.of(
            "update returning",
            c -> results(c, s -> s.execute("update secret set id = id returning label"))),
        Route.of(
            "prepared for columns",
            c -> {
              PreparedStatement statement = c.prepareStatement(RETURNING, LABEL);
              statement.executeUpdate();
              return label(statement.getGeneratedKeys());
            }),
        Route.of(
            "prepared for keys",
            c -> {
              PreparedStatement statement = c.prepareStatement(RETURNING, all);
              statement.executeUpdate();
              return label(statement.getGeneratedKeys());
            }),
        Route.of(
            "batch for keys",
            c -> {
              PreparedStatement statement =
                  c.prepareStatement("update secret set id = id where id = ?", LABEL);
              statement.setInt(1, 1);
              statement.addBatch();
              statement.executeBatch();
              return label(statement.getGeneratedKeys());
            }),
        Route.of(
            "large batch for keys",
            c -> {
              PreparedStatement statement =
                  c.prepareStatement("update secret set id = id where id = ?", LABEL);
              statement.setInt(1, 1);
              statement.addBatch();
              statement.executeLargeBatch();
              return label(statement.getGeneratedKeys());
            }));
  }

  static Stream<Route> batches() {
    return Stream.of(
        Route.of("batch that copies", c -> copied(c, s -> batch(s, COPYING).executeBatch())),
        Route.of(
            "large batch that copies", c -> copied(c, s -> batch(s, COPYING).executeLargeBatch())),
        Route.of(
            "batch with an error",
            c -> batch(c.createStatement(), "select label::int from secret").executeBatch()),
        Route.late(
            "batch executed later",
            (c, revocation) -> {
              Statement statement = batch(c.createStatement(), COPYING);
              revocation.passes();
              statement.executeBatch();
              return first(c.createStatement().executeQuery("select label from plain"));
            }),
        Route.of(
            "prepared batch that copies",
            c -> {
              PreparedStatement statement = c.prepareStatement(COPYING);
              statement.addBatch();
              statement.executeBatch();
              return first(c.createStatement().executeQuery("select label from plain"));
            }),
        Route.of(
            "prepared batch with an error",
            c -> {
              PreparedStatement statement =
                  c.prepareStatement(
                      "update plain set id = secret.label::int from secret where plain.id = ?");
              statement.setInt(1, 1);
              statement.addBatch();
              statement.setInt(1, 2);
              statement.addBatch();
              return statement.executeBatch();
            }));
  }

  static Stream<Route> prepared() {
    int forward = ResultSet.TYPE_FORWARD_ONLY;
    int readOnly = ResultSet.CONCUR_READ_ONLY;
    String placeholder = "select label from secret where id = ?";
    return Stream.of(
        Route.of("prepared", c -> first(c.prepareStatement(SELECT).executeQuery())),
        Route.of(
            "prepared with a value",
            c -> {
              PreparedStatement statement = c.prepareStatement(placeholder);
              statement.setInt(1, 1);
              return first(statement.executeQuery());
            }),
        Route.of(
            "prepared, executed",
            c -> {
              PreparedStatement statement = c.prepareStatement(SELECT);
              statement.execute();
              return first(statement.getResultSet());
            }),
        Route.of(
            "prepared, second text",
            c -> {
              PreparedStatement statement = c.prepareStatement("select 'x' limit 0; " + SELECT);
              statement.execute();
              statement.getMoreResults();
              return first(statement.getResultSet());
            }),
        Route.of(
            "prepared by type",
            c -> first(c.prepareStatement(SELECT, forward, readOnly).executeQuery())),
        Route.of(
            "prepared by holdability",
            c ->
                first(
                    c.prepareStatement(SELECT, forward, readOnly, ResultSet.CLOSE_CURSORS_AT_COMMIT)
                        .executeQuery())),
        Route.of(
            "prepared without keys",
            c -> first(c.prepareStatement(SELECT, Statement.NO_GENERATED_KEYS).executeQuery())),
        Route.of(
            "prepared for no columns",
            c -> first(c.prepareStatement(SELECT, new int[0]).executeQuery())),
        Route.late(
            "prepared, executed later",
            (c, revocation) -> {
              PreparedStatement statement = c.prepareStatement(SELECT);
              revocation.passes();
              return first(statement.executeQuery());
            }),
        Route.late(
            "prepared, executed again",
            (c, revocation) -> {
              PreparedStatement statement = c.prepareStatement(SELECT);
              ((PGStatement) statement).setPrepareThreshold(1);
              statement.executeQuery().close();
              revocation.passes();
              return first(statement.executeQuery());
            }),
        Route.of(
            "prepared update that copies",
            c -> {
              c.prepareStatement(COPYING).executeUpdate();
              return first(c.createStatement().executeQuery("select label from plain"));
            }),
        Route.of(
            "prepared large update that copies",
            c -> {
              c.prepareStatement(COPYING).executeLargeUpdate();
              return first(c.createStatement().executeQuery("select label from plain"));
            }),
        Route.silent(
            "columns of a prepared statement",
            c -> c.prepareStatement(SELECT).getMetaData().getColumnName(1)),
        Route.silent(
            "parameters of a prepared statement",
            c -> c.prepareStatement(placeholder).getParameterMetaData().getParameterTypeName(1)));
  }

  static Stream<Route> calls() {
    return Stream.of(
        Route.of("call", c -> call(c.prepareCall("{? = call peek()}"))),
        Route.of(
            "call by type",
            c ->
                call(
                    c.prepareCall(
                        "{? = call peek()}",
                        ResultSet.TYPE_FORWARD_ONLY,
                        ResultSet.CONCUR_READ_ONLY))),
        Route.of(
            "call by holdability",
            c ->
                call(
                    c.prepareCall(
                        "{? = call peek()}",
                        ResultSet.TYPE_FORWARD_ONLY,
                        ResultSet.CONCUR_READ_ONLY,
                        ResultSet.CLOSE_CURSORS_AT_COMMIT))),
        Route.of("call without escape", c -> all(c.prepareCall("select peek()").executeQuery())),
        Route.of(
            "call of a procedure",
            c -> {
              CallableStatement call = c.prepareCall("call tell(?)");
              call.setString(1, "");
              call.registerOutParameter(1, Types.VARCHAR);
              call.execute();
              return call.getString(1) + call.getWarnings();
            }),
        Route.late(
            "call again",
            (c, revocation) -> {
              CallableStatement call = c.prepareCall("{? = call peek()}");
              call(call);
              revocation.passes();
              return call(call);
            }),
        Route.of(
            "call as a query",
            c -> first(c.prepareCall("select label from secret").executeQuery())),
        Route.of(
            "call that opens a cursor",
            c -> {
              c.setAutoCommit(false);
              CallableStatement call = c.prepareCall("{? = call open_cursor()}");
              call.registerOutParameter(1, Types.REF_CURSOR);
              call.execute();
              return first((ResultSet) call.getObject(1));
            }));
  }

  private static Statement batch(Statement statement, String sql) throws SQLException {
    statement.addBatch("update plain set label = 'x'");
    statement.addBatch(sql);
    return statement;
  }

  private static String copied(Connection connection, Reading.Use<Statement> use)
      throws SQLException {
    use.of(connection.createStatement());
    return first(connection.createStatement().executeQuery("select label from plain"));
  }
}
