package io.guardedjdbc.jdbc;

import static io.guardedjdbc.jdbc.Reading.SELECT;
import static io.guardedjdbc.jdbc.Reading.again;
import static io.guardedjdbc.jdbc.Reading.all;
import static io.guardedjdbc.jdbc.Reading.copies;
import static io.guardedjdbc.jdbc.Reading.cursor;
import static io.guardedjdbc.jdbc.Reading.first;
import static io.guardedjdbc.jdbc.Reading.row;
import static io.guardedjdbc.jdbc.Reading.rows;
import static io.guardedjdbc.jdbc.Reading.text;
import static io.guardedjdbc.jdbc.Reading.value;

import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.StringReader;
import java.io.StringWriter;
import java.nio.charset.StandardCharsets;
import java.sql.Array;
import java.sql.Blob;
import java.sql.CallableStatement;
import java.sql.Connection;
import java.sql.DatabaseMetaData;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.sql.Types;
import java.util.Map;
import java.util.stream.Stream;
import javax.sql.rowset.CachedRowSet;
import javax.sql.rowset.RowSetProvider;
import org.postgresql.PGConnection;
import org.postgresql.copy.PGCopyInputStream;
import org.postgresql.copy.PGCopyOutputStream;
import org.postgresql.core.BaseConnection;
import org.postgresql.core.BaseStatement;
import org.postgresql.fastpath.FastpathArg;
import org.postgresql.jdbc.PgConnection;
import org.postgresql.jdbc.PgDatabaseMetaData;
import org.postgresql.jdbc.PgResultSet;
import org.postgresql.jdbc.PgStatement;

/** Routes through what connections, statements and results hand out. */
@SuppressWarnings({"deprecation", "resource"})
final class ObjectRoutes {
  private ObjectRoutes() {}

  static Stream<Route> cursors() {
    return Stream.of(
        Route.of("cursor by index", c -> cursor(c, rows -> rows.getObject(1))),
        Route.of("cursor by label", c -> cursor(c, rows -> rows.getObject("open_cursor"))),
        Route.of("cursor by index and map", c -> cursor(c, rows -> rows.getObject(1, Map.of()))),
        Route.of(
            "cursor by label and map",
            c -> cursor(c, rows -> rows.getObject("open_cursor", Map.of()))),
        Route.late(
            "cursor by its name",
            (c, revocation) -> {
              c.setAutoCommit(false);
              String name = rows(c, "select open_cursor()").getString(1);
              revocation.passes();
              return first(c.createStatement().executeQuery("fetch all in \"" + name + '"'));
            }),
        Route.late(
            "cursor of an earlier row",
            (c, revocation) -> {
              c.setAutoCommit(false);
              ResultSet rows = rows(c, "select open_cursor()");
              revocation.passes();
              return first((ResultSet) rows.getObject(1));
            }),
        Route.late(
            "cursor of an earlier call",
            (c, revocation) -> {
              c.setAutoCommit(false);
              CallableStatement call = c.prepareCall("{? = call open_cursor()}");
              call.registerOutParameter(1, Types.REF_CURSOR);
              call.execute();
              revocation.passes();
              return first((ResultSet) call.getObject(1));
            }),
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
  static Stream<Route> detours() {
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
              statement.executeUpdate("update plain set id = id", new String[] {"label"});
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
            c -> again(c.getMetaData().unwrap(DatabaseMetaData.class).getConnection())));
  }

  /** Rows that pgjdbc writes and reads by texts of its own. */
  static Stream<Route> writtenRows() {
    String sql = "select id, label, again from secret";
    return Stream.of(
        Route.of("refreshed row", c -> written(c, sql, () -> {}, ResultSet::refreshRow)),
        Route.late("row refreshed later", (c, r) -> written(c, sql, r, ResultSet::refreshRow)),
        Route.late(
            "row updated later",
            (c, r) ->
                written(
                    c,
                    sql,
                    r,
                    rows -> {
                      rows.updateString(3, "LEAK?");
                      rows.updateRow();
                    })),
        Route.late("row deleted later", (c, r) -> written(c, sql, r, ResultSet::deleteRow)),
        new Route(
            "row inserted later",
            Route.Kind.SILENT,
            (c, r) -> written(c, sql, r, ObjectRoutes::insert)),
        Route.of(
            "row that a trigger fills",
            c -> written(c, "select id, label from hooked", () -> {}, rows -> insert(rows))));
  }

  private interface Write {
    void to(ResultSet rows) throws SQLException;
  }

  private static String written(
      Connection connection, String sql, Route.Revocation revocation, Write write)
      throws SQLException {
    ResultSet rows =
        connection
            .createStatement(ResultSet.TYPE_SCROLL_INSENSITIVE, ResultSet.CONCUR_UPDATABLE)
            .executeQuery(sql);
    rows.next();
    revocation.passes();
    write.to(rows);
    return rows.getRow() == 0 ? "LEAK gone" : rows.getString(rows.getMetaData().getColumnCount());
  }

  private static void insert(ResultSet rows) throws SQLException {
    rows.moveToInsertRow();
    rows.updateInt(1, 5);
    rows.insertRow();
    rows.last();
  }

  /** Values that know more than their text. */
  static Stream<Route> values() {
    return Stream.of(
        Route.of(
            "row set",
            c -> {
              CachedRowSet set = RowSetProvider.newFactory().createCachedRowSet();
              set.setCommand(SELECT);
              set.execute(c);
              return first(set);
            }),
        Route.of(
            "filled row set",
            c -> {
              CachedRowSet set = RowSetProvider.newFactory().createCachedRowSet();
              set.populate(c.createStatement().executeQuery(SELECT));
              return first(set);
            }),
        Route.of(
            "SQLXML",
            c -> rows(c, "select xmlelement(name x, label) from secret").getSQLXML(1).getString()),
        Route.of("row as an object", c -> rows(c, "select secret from secret").getObject(1)),
        Route.of(
            "array of values",
            c -> all(rows(c, "select array_agg(label) from secret").getArray(1).getResultSet())),
        Route.of(
            "stream",
            c ->
                new String(
                    rows(c, "select label from secret").getBinaryStream(1).readAllBytes(),
                    StandardCharsets.UTF_8)),
        Route.of(
            "large object",
            c -> {
              c.setAutoCommit(false);
              long oid = rows(c, "select lo_from_bytea(0, label::bytea) from secret").getLong(1);
              return text(((PGConnection) c).getLargeObjectAPI().open(oid).read(100));
            }),
        Route.of(
            "blob",
            c -> {
              c.setAutoCommit(false);
              Blob blob = rows(c, "select lo_from_bytea(0, label::bytea) from secret").getBlob(1);
              return text(blob.getBytes(1, 100));
            }),
        Route.of(
            "notification",
            c -> {
              Statement statement = c.createStatement();
              statement.execute("listen whisper");
              statement.execute("select pg_notify('whisper', label) from secret");
              statement.execute("select 1");
              return ((PGConnection) c).getNotifications()[0].getParameter();
            }),
        Route.harmless(
            "metadata of tables",
            c -> value(c.getMetaData().getTables(null, "public", "secret", null), "TABLE_NAME")),
        Route.harmless(
            "metadata of columns",
            c -> value(c.getMetaData().getColumns(null, "public", "plain", null), "COLUMN_NAME")),
        Route.harmless("native text", c -> c.nativeSQL("select {fn now()} from secret")));
  }

  static Stream<Route> copy() {
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
        Route.of("COPY as a stream", c -> row(new PGCopyInputStream((PGConnection) c, copy))),
        Route.of(
            "COPY of rows as a stream", c -> row(new PGCopyInputStream(copies(c).copyOut(copy)))),
        Route.of("COPY of a query", c -> row(copies(c).copyOut("copy (table secret) to stdout"))),
        Route.of(
            "COPY in binary", c -> row(copies(c).copyOut("copy secret to stdout (format binary)"))),
        Route.of(
            "COPY of written rows",
            c ->
                row(
                    copies(c)
                        .copyOut("copy (update secret set id = id returning label) to stdout"))),
        Route.structural(
            "COPY of a volatile function",
            c -> row(copies(c).copyOut("copy (select heard() from plain) to stdout"))),
        Route.structural(
            "COPY with a condition",
            c ->
                copies(c)
                    .copyIn(
                        "copy plain from stdin where peek() = 'LEAK'",
                        new StringReader("7\tLEAK\n"))),
        Route.structural(
            "COPY into a trigger",
            c -> {
              copies(c)
                  .copyIn(
                      "copy hooked from stdin",
                      new ByteArrayInputStream("7\tx\n".getBytes(StandardCharsets.UTF_8)));
              return first(c.createStatement().executeQuery("select label from hooked"));
            }),
        Route.structural(
            "stream of COPY into a trigger",
            c -> {
              try (var stream =
                  new PGCopyOutputStream((PGConnection) c, "copy hooked from stdin")) {
                stream.write("7\tx\n".getBytes(StandardCharsets.UTF_8));
              }
              return first(c.createStatement().executeQuery("select label from hooked"));
            }),
        Route.closed(
            "COPY in both directions", c -> copies(c).copyDual("select 1").readFromCopy()));
  }

  /** Around all texts. */
  static Stream<Route> insides() {
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
        Route.closed(
            "replication", c -> ((PGConnection) c).getReplicationAPI().replicationStream() != null),
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
}
