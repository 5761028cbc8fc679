package io.guardedjdbc.jdbc;

import java.io.ByteArrayOutputStream;
import java.io.StringWriter;
import java.nio.charset.StandardCharsets;
import java.sql.Array;
import java.sql.CallableStatement;
import java.sql.Connection;
import java.sql.DatabaseMetaData;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.sql.Types;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.postgresql.PGConnection;
import org.postgresql.copy.CopyManager;
import org.postgresql.copy.CopyOut;
import org.postgresql.copy.PGCopyInputStream;
import org.postgresql.core.BaseConnection;
import org.postgresql.core.BaseStatement;
import org.postgresql.fastpath.FastpathArg;
import org.postgresql.jdbc.PgConnection;
import org.postgresql.jdbc.PgDatabaseMetaData;
import org.postgresql.jdbc.PgResultSet;
import org.postgresql.jdbc.PgStatement;

/**
 * The routes of the specification, as code that an application may write. One list, longer than
 * other files: it is read from top to bottom.
 */
@SuppressWarnings({"deprecation", "resource"})
final class Routes {
  static final String SETUP =
      """
      create table secret (id int primary key, label text, again text default 'LEAK');
      insert into secret values (1, 'LEAK');
      create table plain (id int primary key, label text);
      insert into plain values (1, 'harmless');
      create function peek(out label text) language sql as 'select label from secret';
      create function shout() returns text language plpgsql as
        $$begin raise notice '%', (select label from secret); return 'x'; end$$;
      create function open_cursor() returns refcursor language plpgsql as
        $$declare c refcursor := 'treasure';
        begin open c for select label from secret; return c; end$$;
      """;

  private static final String SELECT = "select label from secret";
  private static final String RETURNING = "update secret set id = id";
  private static final String[] LABEL = {"label"};

  private Routes() {}

  static List<Route> all() {
    return Stream.of(
            statements(), keys(), prepared(), calls(), cursors(), detours(), copies(), insides())
        .flatMap(group -> group)
        .toList();
  }

  private static Stream<Route> statements() {
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

  private static Stream<Route> keys() {
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
            }),
        Route.of(
            "copy by a batch",
            c -> {
              Statement statement = c.createStatement();
              statement.addBatch("update plain set label = 'x'");
              statement.addBatch("update plain set label = (select label from secret)");
              statement.executeBatch();
              return first(c.createStatement().executeQuery("select label from plain"));
            }));
  }

  private static Stream<Route> prepared() {
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
            c -> first(c.prepareStatement(SELECT, new int[0]).executeQuery())));
  }

  private static Stream<Route> calls() {
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

  private static Stream<Route> cursors() {
    return Stream.of(
        Route.of("cursor by index", c -> cursor(c, rows -> rows.getObject(1))),
        Route.of("cursor by label", c -> cursor(c, rows -> rows.getObject("open_cursor"))),
        Route.of("cursor by index and map", c -> cursor(c, rows -> rows.getObject(1, Map.of()))),
        Route.of(
            "cursor by label and map",
            c -> cursor(c, rows -> rows.getObject("open_cursor", Map.of()))),
        Route.of(
            "cursor in an array",
            c -> {
              c.setAutoCommit(false);
              ResultSet rows =
                  c.createStatement().executeQuery("select array[open_cursor()] as all_of_them");
              rows.next();
              ResultSet elements = rows.getArray(1).getResultSet();
              elements.next();
              return first((ResultSet) elements.getObject(2));
            }));
  }

  /** Back to the connection over what it gave. */
  private static Stream<Route> detours() {
    return Stream.of(
        Route.of("connection of a statement", c -> again(c.createStatement().getConnection())),
        Route.of("connection of metadata", c -> again(c.getMetaData().getConnection())),
        Route.of(
            "statement of metadata rows",
            c -> again(c.getMetaData().getSchemas().getStatement().getConnection())),
        Route.of(
            "statement of rows",
            c -> first(rows(c, "select 1").getStatement().executeQuery(SELECT))),
        Route.of(
            "statement of keys",
            c -> {
              Statement statement = c.createStatement();
              statement.executeUpdate("update plain set id = id", LABEL);
              return again(statement.getGeneratedKeys().getStatement().getConnection());
            }),
        Route.of(
            "array of rows",
            c -> {
              ResultSet rows = rows(c, "select array[1,2]");
              return again(rows.getArray(1).getResultSet().getStatement().getConnection());
            }),
        Route.of(
            "array by getObject",
            c -> {
              Array array = (Array) rows(c, "select array[1,2]").getObject(1);
              return again(array.getResultSet().getStatement().getConnection());
            }),
        Route.of(
            "array by type",
            c -> {
              Array array = rows(c, "select array[1,2]").getObject(1, Array.class);
              return again(array.getResultSet(1, 1).getStatement().getConnection());
            }),
        Route.of(
            "array of a call",
            c -> {
              CallableStatement call = c.prepareCall("{? = call string_to_array('a', ',')}");
              call.registerOutParameter(1, Types.ARRAY);
              call.execute();
              return again(call.getArray(1).getResultSet().getStatement().getConnection());
            }),
        Route.of(
            "array of the connection",
            c -> {
              Array array = c.createArrayOf("int4", new Object[] {1});
              return again(array.getResultSet().getStatement().getConnection());
            }),
        Route.of(
            "array of PGConnection",
            c -> {
              Array array = ((PGConnection) c).createArrayOf("int4", new int[] {1});
              return again(array.getResultSet().getStatement().getConnection());
            }),
        Route.of(
            "rows of a cursor",
            c -> {
              c.setAutoCommit(false);
              ResultSet rows = rows(c, "select open_cursor()");
              return again(((ResultSet) rows.getObject(1)).getStatement().getConnection());
            }),
        Route.of("unwrapped connection", c -> again(c.unwrap(Connection.class))),
        Route.of("unwrapped PGConnection", c -> again((Connection) c.unwrap(PGConnection.class))),
        Route.of(
            "unwrapped statement",
            c -> first(c.createStatement().unwrap(Statement.class).executeQuery(SELECT))),
        Route.of(
            "unwrapped metadata",
            c -> again(c.getMetaData().unwrap(DatabaseMetaData.class).getConnection())),
        Route.of(
            "refreshed row",
            c -> {
              Statement statement =
                  c.createStatement(ResultSet.TYPE_SCROLL_INSENSITIVE, ResultSet.CONCUR_UPDATABLE);
              ResultSet rows = statement.executeQuery("select id, label from secret");
              rows.next();
              rows.refreshRow();
              return rows.getString(2);
            }));
  }

  private static Stream<Route> copies() {
    String copy = "copy secret to stdout";
    return Stream.of(
        Route.of(
            "COPY to a writer",
            c -> {
              var writer = new StringWriter();
              copies(c).copyOut(copy, writer);
              return writer;
            }),
        Route.of(
            "COPY to a stream",
            c -> {
              var stream = new ByteArrayOutputStream();
              copies(c).copyOut(copy, stream);
              return stream;
            }),
        Route.of("COPY row by row", c -> row(copies(c).copyOut(copy))),
        Route.of("COPY as a stream", c -> row(new PGCopyInputStream((PGConnection) c, copy))));
  }

  /** Around all texts. */
  private static Stream<Route> insides() {
    return Stream.of(
        Route.structural("PgConnection", c -> again(c.unwrap(PgConnection.class))),
        Route.structural(
            "BaseConnection", c -> first(c.unwrap(BaseConnection.class).execSQLQuery(SELECT))),
        Route.structural(
            "PgStatement",
            c -> again(c.createStatement().unwrap(PgStatement.class).getConnection())),
        Route.structural(
            "BaseStatement",
            c -> again(c.createStatement().unwrap(BaseStatement.class).getConnection())),
        Route.structural(
            "PgResultSet",
            c ->
                again(
                    rows(c, "select 1").unwrap(PgResultSet.class).getStatement().getConnection())),
        Route.structural(
            "PgDatabaseMetaData",
            c -> again(c.getMetaData().unwrap(PgDatabaseMetaData.class).getConnection())),
        Route.structural(
            "fastpath by number",
            c -> {
              ResultSet rows = rows(c, "select 'peek'::regproc::oid::int");
              return text(
                  ((PGConnection) c).getFastpathAPI().fastpath(rows.getInt(1), new FastpathArg[0]));
            }),
        Route.structural(
            "fastpath by name",
            c -> {
              var fastpath = ((PGConnection) c).getFastpathAPI();
              fastpath.addFunctions(
                  c.createStatement()
                      .executeQuery("select 'lo_get', oid from pg_proc where proname = 'peek'"));
              return text(fastpath.getData("lo_get", new FastpathArg[0]));
            }));
  }

  // ---- what applications do ----------------------------------------------------------------

  /** Something done with a statement. */
  private interface Use<T> {
    Object of(T object) throws SQLException;
  }

  private static String results(Connection connection, Use<Statement> use) throws SQLException {
    Statement statement = connection.createStatement();
    use.of(statement);
    if (!statement.getResultSet().isBeforeFirst()) {
      statement.getMoreResults(Statement.KEEP_CURRENT_RESULT);
    }
    return first(statement.getResultSet());
  }

  private static String keys(Connection connection, Use<Statement> use) throws SQLException {
    Statement statement = connection.createStatement();
    use.of(statement);
    return label(statement.getGeneratedKeys());
  }

  private static String call(CallableStatement call) throws SQLException {
    call.registerOutParameter(1, Types.VARCHAR);
    call.execute();
    return call.getString(1);
  }

  private static String cursor(Connection connection, Use<ResultSet> use) throws SQLException {
    connection.setAutoCommit(false);
    return first((ResultSet) use.of(rows(connection, "select open_cursor()")));
  }

  private static String again(Connection connection) throws SQLException {
    return first(connection.createStatement().executeQuery(SELECT));
  }

  private static ResultSet rows(Connection connection, String sql) throws SQLException {
    ResultSet rows = connection.createStatement().executeQuery(sql);
    rows.next();
    return rows;
  }

  private static String first(ResultSet rows) throws SQLException {
    rows.next();
    return rows.getString(1);
  }

  private static String label(ResultSet rows) throws SQLException {
    rows.next();
    return rows.getString("label");
  }

  private static CopyManager copies(Connection connection) throws SQLException {
    return ((PGConnection) connection).getCopyAPI();
  }

  private static String row(CopyOut copy) throws SQLException {
    return text(copy.readFromCopy());
  }

  private static String text(byte[] bytes) {
    return new String(bytes, StandardCharsets.UTF_8);
  }
}
