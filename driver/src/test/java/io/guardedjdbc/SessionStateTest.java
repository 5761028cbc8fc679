package io.guardedjdbc;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.guardedjdbc.error.GuardRefusal;
import java.io.IOException;
import java.io.StringWriter;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.List;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.postgresql.PGConnection;

/**
 * What a session has prepared, declared and defined by itself is followed, whatever code it ran and
 * however little of it others can see.
 */
@Tag("postgres14")
class SessionStateTest {
  private CertifiedStore store;
  private final List<Connection> all = new ArrayList<>();

  @BeforeEach
  void open() throws SQLException {
    store = new CertifiedStore();
    store.admin(
        """
        CREATE TABLE ml.other (id int PRIMARY KEY, payload text);
        INSERT INTO ml.other VALUES (1, 'one');
        CREATE FUNCTION ml.reads(text) RETURNS text STABLE LANGUAGE sql
          AS 'select string_agg(id::text, '','') from ml.store_v';
        CREATE FUNCTION ml.fresh(int) RETURNS text VOLATILE LANGUAGE plpgsql
          AS 'BEGIN RETURN $1; END';
        """);
  }

  @AfterEach
  void close() throws SQLException {
    for (Connection connection : all) {
      connection.close();
    }
    store.close();
  }

  private Connection connect(String more) throws SQLException {
    Connection connection = store.connect("&guard.validation=always" + more);
    all.add(connection);
    return connection;
  }

  private static void run(Connection connection, String sql) throws SQLException {
    try (Statement statement = connection.createStatement()) {
      statement.execute(sql);
    }
  }

  private static void assertRefused(ThrowingCallable call) {
    assertThatThrownBy(call).isInstanceOf(GuardRefusal.class);
  }

  private static void assertRefused(Connection connection, String sql) {
    assertThatThrownBy(() -> run(connection, sql)).as(sql).isInstanceOf(GuardRefusal.class);
  }

  @Test
  void whatExplainRunsOfAPreparedStatement() throws SQLException {
    Connection mine = connect("");
    store.status("FAILED");
    run(mine, "PREPARE p AS SELECT id FROM ml.store_v");
    assertRefused(mine, "EXPLAIN ANALYZE CREATE TABLE ml.copy AS EXECUTE p");
    assertRefused(mine, "EXPLAIN (ANALYZE) CREATE TEMP TABLE copy AS EXECUTE p");
  }

  @Test
  void codeMayPrepareAnewUnderANameThatWeKnow() throws SQLException {
    Connection mine = connect("");
    run(mine, "PREPARE p AS SELECT 1");
    run(mine, "EXECUTE p");
    run(mine, "DO $$ BEGIN DEALLOCATE p; PREPARE p AS SELECT id FROM ml.store_v; END $$");
    store.status("FAILED");
    assertRefused(mine, "EXECUTE p");
  }

  @Test
  void aFunctionMayPrepareAnewToo() throws SQLException {
    store.admin(
        "CREATE FUNCTION ml.swaps() RETURNS int LANGUAGE plpgsql AS $$"
            + "BEGIN DEALLOCATE p; PREPARE p AS SELECT id FROM ml.store_v; RETURN 1; END $$");
    Connection mine = connect("");
    run(mine, "PREPARE p AS SELECT 1");
    run(mine, "SELECT ml.swaps()");
    store.status("FAILED");
    assertRefused(mine, "EXECUTE p");
  }

  @Test
  void discardedAndDeallocatedNamesAreUnknownAgain() throws SQLException {
    Connection mine = connect("");
    run(mine, "PREPARE p AS SELECT 1");
    store.status("FAILED");
    run(mine, "EXECUTE p");
    run(mine, "DEALLOCATE p");
    assertRefused(mine, "EXECUTE p");
    run(mine, "PREPARE p AS SELECT 1");
    run(mine, "DISCARD ALL");
    assertRefused(mine, "EXECUTE p");
  }

  @Test
  void aCursorEndsWithItsTransaction() throws SQLException {
    store.admin(
        """
        CREATE FUNCTION ml.counts() RETURNS bigint VOLATILE LANGUAGE sql
          AS 'select count(*) from ml.store_v';
        CREATE FUNCTION ml.opens() RETURNS refcursor LANGUAGE plpgsql AS
          $$ DECLARE k refcursor := 'k'; BEGIN OPEN k FOR SELECT ml.counts(); RETURN k; END $$;
        """);
    Connection mine = connect("");
    mine.setAutoCommit(false);
    run(mine, "DECLARE k CURSOR FOR SELECT 1");
    mine.rollback();
    run(mine, "SELECT ml.opens()");
    store.status("FAILED");
    assertRefused(mine, "FETCH ALL FROM k");
    mine.rollback();
  }

  @Test
  void aFunctionMayBeReplacedUnderACursor() throws SQLException {
    Connection mine = connect("");
    store.status("FAILED");
    mine.setAutoCommit(false);
    run(mine, "DECLARE k CURSOR FOR SELECT ml.fresh(i) FROM generate_series(1, 4) i");
    run(mine, "FETCH 1 FROM k");
    Connection other = connect("");
    replaceFresh(other);
    assertRefused(mine, "FETCH ALL FROM k");
    mine.rollback();
  }

  private static void replaceFresh(Connection by) throws SQLException {
    run(
        by,
        "CREATE OR REPLACE FUNCTION ml.fresh(int) RETURNS text VOLATILE LANGUAGE plpgsql"
            + " AS 'BEGIN RETURN (SELECT string_agg(id::text, '','') FROM ml.store_v); END'");
  }

  @Test
  void aStatementThatWasPreparedBeforeIsReadWholeIfItHasTo() throws SQLException {
    store.admin("CREATE UNIQUE INDEX ON ml.store_mv (id)");
    Connection mine = connect("");
    mine.setAutoCommit(false);
    try (PreparedStatement prepared =
        mine.prepareStatement("SELECT ml.fresh(i) FROM generate_series(1, 4) i")) {
      prepared.setFetchSize(1);
      replaceFresh(connect(""));
      try (ResultSet rows = prepared.executeQuery()) {
        assertThat(rows.next()).isTrue();
        store.status("FAILED");
        store.admin("INSERT INTO ml.raw VALUES (777)");
        store.admin("REFRESH MATERIALIZED VIEW CONCURRENTLY ml.store_mv");
        assertThat(rows.next()).isTrue();
        assertThat(rows.getString(1)).isEqualTo("1,2,3");
      }
      assertThat(prepared.getFetchSize()).isEqualTo(1);
    }
  }

  @Test
  void whatStandsOnWhatTheSessionHasRedefined() throws SQLException {
    store.admin(
        """
        CREATE VIEW ml.inner_v AS SELECT 1 AS id;
        CREATE VIEW ml.outer_v AS SELECT id FROM ml.inner_v;
        CREATE FUNCTION ml.text() RETURNS text STABLE LANGUAGE sql AS 'select ''x''::text';
        CREATE VIEW ml.over_text AS SELECT ml.text() AS t;
        CREATE FUNCTION ml.on_insert() RETURNS trigger LANGUAGE plpgsql
          AS 'BEGIN RETURN new; END';
        CREATE TRIGGER t BEFORE INSERT ON ml.other FOR EACH ROW EXECUTE FUNCTION ml.on_insert();
        """);
    store.status("FAILED");
    Connection mine = connect("");
    String inner = "CREATE OR REPLACE VIEW ml.inner_v AS SELECT id FROM ml.store_v";
    assertRefused(mine, inner + "; SELECT id FROM ml.outer_v");
    mine.setAutoCommit(false);
    run(mine, inner);
    run(mine, "SELECT id FROM ml.other");
    assertRefused(mine, "SELECT id FROM ml.outer_v");
    mine.rollback();
    run(
        mine,
        "CREATE OR REPLACE FUNCTION ml.text() RETURNS text STABLE LANGUAGE sql"
            + " AS 'select string_agg(id::text, '','') from ml.store_v'");
    assertRefused(mine, "SELECT t FROM ml.over_text");
    mine.rollback();
    run(
        mine,
        "CREATE OR REPLACE FUNCTION ml.on_insert() RETURNS trigger LANGUAGE plpgsql AS"
            + " 'BEGIN new.payload := (SELECT count(*) FROM ml.store_v); RETURN new; END'");
    assertRefused(mine, "INSERT INTO ml.other VALUES (5, 'x') RETURNING payload");
    mine.rollback();
  }

  @Test
  void aBatchSeesWhatItHasDefined() throws SQLException {
    store.status("FAILED");
    Connection mine = connect("");
    try (Statement batch = mine.createStatement()) {
      batch.addBatch("CREATE VIEW ml.new_v AS SELECT id FROM ml.store_v");
      batch.addBatch("INSERT INTO ml.other SELECT id + 10 FROM ml.new_v");
      assertRefused(batch::executeBatch);
    }
    try (Statement batch = mine.createStatement()) {
      batch.addBatch("CREATE VIEW ml.harmless_v AS SELECT 20 AS id");
      batch.addBatch("INSERT INTO ml.other SELECT id FROM ml.harmless_v");
      assertThat(batch.executeBatch()).hasSize(2);
    }
  }

  @Test
  void aStringWithAPreparedStatementSeesWhatItHasDefined() throws SQLException {
    store.status("FAILED");
    Connection mine = connect("");
    assertRefused(
        mine,
        "CREATE VIEW ml.new_v AS SELECT id FROM ml.store_v; PREPARE p AS SELECT id FROM ml.new_v;"
            + " EXECUTE p");
  }

  @Test
  void extensionsAndForeignTablesBringWhatNoTextNames() throws SQLException {
    store.admin("CREATE FOREIGN DATA WRAPPER fdw; CREATE SERVER far FOREIGN DATA WRAPPER fdw");
    store.status("FAILED");
    Connection mine = connect("");
    String tablefunc = "CREATE EXTENSION tablefunc";
    String crosstab =
        "SELECT * FROM crosstab('select 1, 2, id from ml.store_v') AS c(a int, b int)";
    assertRefused(mine, tablefunc + "; " + crosstab);
    mine.setAutoCommit(false);
    run(mine, tablefunc);
    assertRefused(mine, crosstab);
    mine.rollback();
    run(mine, "CREATE FOREIGN TABLE ml.far (id int) SERVER far");
    assertRefused(mine, "SELECT id FROM ml.far");
    mine.rollback();
    run(mine, "CREATE EXTENSION pg_trgm");
    run(mine, "SELECT id FROM ml.other");
    mine.rollback();
  }

  @Test
  void anImplicitCastThatIsNotCommitted() throws SQLException {
    store.admin(
        """
        CREATE TYPE ml.mood AS ENUM ('x');
        CREATE TABLE ml.moods (a ml.mood); INSERT INTO ml.moods VALUES ('x');
        CREATE FUNCTION ml.total(ml.mood) RETURNS int STABLE LANGUAGE sql
          AS 'select count(*)::int from ml.store_v';
        """);
    store.status("FAILED");
    Connection mine = connect("");
    mine.setAutoCommit(false);
    run(mine, "CREATE CAST (ml.mood AS int) WITH FUNCTION ml.total(ml.mood) AS IMPLICIT");
    assertRefused(mine, "SELECT to_hex(a) FROM ml.moods");
    mine.rollback();
    run(mine, "SELECT a FROM ml.moods");
    mine.rollback();
  }

  @Test
  void aTemporaryTableThatCodeHasMade() throws SQLException {
    Connection mine = connect("");
    run(mine, "DO $$ BEGIN CREATE TEMP TABLE made (a text DEFAULT ml.reads('')); END $$");
    store.status("FAILED");
    assertRefused(mine, "INSERT INTO made DEFAULT VALUES RETURNING a");
  }

  @Test
  void refreshRowReadsTheTableThatPgjdbcFinds() throws SQLException {
    store.admin(
        "CREATE TABLE ml.kept (id int PRIMARY KEY, payload text);"
            + " INSERT INTO ml.kept VALUES (1, 'secret');"
            + " INSERT INTO audit.t0_cert_registry"
            + " VALUES ('ml.kept', 'FAILED', now(), 1, 1, '1 hour', '1 day', NULL, now(), NULL)");
    Connection mine = connect("");
    try (Statement statement =
            mine.createStatement(ResultSet.TYPE_SCROLL_INSENSITIVE, ResultSet.CONCUR_UPDATABLE);
        ResultSet rows =
            statement.executeQuery("SELECT id, payload /* from ml.kept */ FROM ml.other")) {
      assertThat(rows.next()).isTrue();
      assertRefused(rows::refreshRow);
    }
    try (Statement statement =
            mine.createStatement(ResultSet.TYPE_SCROLL_INSENSITIVE, ResultSet.CONCUR_UPDATABLE);
        ResultSet rows = statement.executeQuery("SELECT id, payload FROM ml.other")) {
      assertThat(rows.next()).isTrue();
      rows.refreshRow();
      assertThat(rows.getString(2)).isEqualTo("one");
    }
  }

  @Test
  void copyOfAStatementThatWritesIsKeptOrTakenBack() throws SQLException, IOException {
    Connection mine = connect("");
    assertThat(copied(mine, 40)).isEqualTo("41\n42\n43\n");
    run(mine, "SELECT id FROM ml.store_v"); // a look that is sent on
    store.status("FAILED");
    assertRefused(() -> copied(mine, 50));
    assertThat(copies(mine)).isEqualTo("3");
    assertThat(mine.getAutoCommit()).isTrue();
  }

  private static String copied(Connection by, int more) throws SQLException, IOException {
    StringWriter rows = new StringWriter();
    by.unwrap(PGConnection.class)
        .getCopyAPI()
        .copyOut(
            "COPY (INSERT INTO ml.other SELECT id + "
                + more
                + " FROM ml.store_v RETURNING id) TO STDOUT",
            rows);
    return rows.toString();
  }

  private static String copies(Connection by) throws SQLException {
    try (Statement statement = by.createStatement();
        ResultSet rows = statement.executeQuery("SELECT count(*) FROM ml.other WHERE id > 40")) {
      rows.next();
      return rows.getString(1);
    }
  }

  @Test
  void copiesAreDeniedHoweverTheyAreMade() throws SQLException {
    store.admin(
        "CREATE FUNCTION ml.copies() RETURNS int VOLATILE LANGUAGE plpgsql AS $$"
            + " BEGIN INSERT INTO ml.other SELECT id + 50 FROM ml.store_v; RETURN 1; END $$");
    Connection mine = connect("&guard.copies=deny");
    String insert = "INSERT INTO ml.other SELECT id + 60 FROM ml.store_v";
    run(mine, "PREPARE w AS " + insert);
    run(mine, "PREPARE r AS SELECT id FROM ml.store_v");
    for (String copy :
        List.of(
            insert,
            "EXPLAIN (ANALYZE) " + insert,
            "EXECUTE w",
            "DO $$ BEGIN " + insert + "; END $$",
            "SELECT ml.copies()")) {
      assertRefused(mine, copy);
    }
    run(mine, "EXECUTE r");
    run(mine, "EXPLAIN " + insert);
    run(mine, "SELECT id FROM ml.store_v");
  }

  /** Names of prepared statements are none of cursors, however they are spelled. */
  @Test
  void aPreparedStatementIsNoCursor() throws SQLException {
    store.admin(
        "CREATE FUNCTION ml.opens() RETURNS refcursor LANGUAGE plpgsql AS $$ DECLARE k refcursor := 'k';"
            + " BEGIN OPEN k FOR SELECT id FROM ml.store_v; RETURN k; END $$");
    Connection mine = connect("");
    mine.setAutoCommit(false);
    run(mine, "SELECT ml.opens()");
    store.status("FAILED");
    assertRefused(mine, "PREPARE \"cursor k\" AS SELECT 1; FETCH ALL FROM k");
    mine.rollback();
  }

  @Test
  void copiesAreDeniedWhereAStatementIsPreparedAnewInTheText() throws SQLException {
    Connection mine = connect("&guard.copies=deny");
    run(mine, "PREPARE p AS SELECT id FROM ml.store_v");
    assertRefused(
        mine,
        "DEALLOCATE p; PREPARE p AS INSERT INTO ml.other SELECT id + 70 FROM ml.store_v;"
            + " EXECUTE p");
  }

  @Test
  void aCursorIsKnownWithinItsString() throws SQLException {
    store.status("FAILED");
    Connection mine = connect("");
    mine.setAutoCommit(false);
    run(mine, "DECLARE k CURSOR FOR SELECT 1; FETCH ALL FROM k");
    run(mine, "DECLARE h CURSOR WITH HOLD FOR SELECT 1");
    mine.commit();
    run(mine, "FETCH ALL FROM h");
    mine.rollback();
  }
}
