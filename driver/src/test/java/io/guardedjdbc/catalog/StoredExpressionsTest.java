package io.guardedjdbc.catalog;

import static org.assertj.core.api.Assertions.assertThat;

import java.sql.SQLException;
import org.junit.jupiter.api.Test;

/**
 * Built-in functions that read by text, or do what no rollback undoes, in expressions that the
 * catalog stores elsewhere than in views and bodies. The catalog records no dependency on them.
 */
class StoredExpressionsTest extends CatalogTest {
  private static final String RUNS_TEXT =
      "(query_to_xml('table ml.store', true, true, '') is null)";

  StoredExpressionsTest() throws SQLException {
    super(
        """
        create function ml.nothing() returns trigger language plpgsql
          as $$ begin return new; end $$;
        create table ml.plain(i int);
        create table ml.checked(i int check (%1$s));
        create table ml.locked(i bigint check (pg_try_advisory_lock(i)));
        create table ml.hooked(i int);
        create trigger t before insert on ml.hooked
          for each row when (%1$s) execute function ml.nothing();
        create table ml.ruled(i int);
        create rule r as on insert to ml.ruled where %1$s do also delete from ml.plain;
        create domain ml.checked_domain as int check (%1$s);
        create domain ml.defaulted_domain as boolean default %1$s;
        create table ml.of_domain(i int, d ml.defaulted_domain);
        create function ml.argument(b boolean default %1$s) returns int
          language sql as 'select 1';
        create aggregate ml.finds(boolean)
          (sfunc = booland_statefunc, stype = boolean);
        create aggregate ml.locks(bigint)
          (sfunc = int8pl, stype = bigint, initcond = '0', finalfunc = pg_advisory_lock);
        create cast (bigint as boolean) with function pg_try_advisory_lock(bigint);
        alter function query_to_xml(text, boolean, boolean, text) immutable;
        create table ml.indexed(i int);
        create index on ml.indexed ((%1$s));
        create table ml.partly_indexed(i int);
        create index on ml.partly_indexed (i) where %1$s;
        """
            .formatted(RUNS_TEXT));
  }

  private void assertRunsText(String sql) {
    assertThat(touched(sql).touchesEverything()).as(sql).isTrue();
  }

  @Test
  void ofTables() {
    assertRunsText("insert into ml.checked values (1)");
    assertRunsText("insert into ml.hooked values (1)");
    assertRunsText("insert into ml.ruled values (1)");
    assertRunsText("insert into ml.of_domain values (1)");
    assertRunsText("insert into ml.indexed values (1)");
    assertRunsText("insert into ml.partly_indexed values (1)");
    assertThat(touched("insert into ml.locked select id from ml.store").irrevocable())
        .containsExactly("pg_try_advisory_lock() in ml.locked");
  }

  @Test
  void ofWhatHasNoRows() {
    assertRunsText("select 1::ml.checked_domain");
    assertRunsText("select ml.argument()");
    assertThat(touched("select ml.locks(id) from ml.store").irrevocable())
        .containsExactly("pg_advisory_lock() in ml.locks");
    assertThat(touched("select id::bigint::boolean from ml.store").irrevocable())
        .contains("pg_try_advisory_lock() in pg_catalog.bool");
  }

  @Test
  void whatOnlyAWriteEvaluatesTouchesNothingInARead() {
    for (String table :
        new String[] {
          "plain", "checked", "locked", "hooked", "ruled", "indexed", "partly_indexed"
        }) {
      assertThat(touched("select * from ml." + table)).as(table).isEqualTo(Match.NOTHING);
    }
    assertThat(touched("insert into ml.plain values (1)")).isEqualTo(Match.NOTHING);
  }

  @Test
  void aChangeOfThemIsAChangeOfTheCatalog() throws SQLException {
    CatalogDigest before = database.map().digest();
    for (String sql :
        new String[] {
          "create index on ml.plain (abs(i))", "alter domain ml.defaulted_domain drop default",
        }) {
      database.execute(sql);
      CatalogDigest after = database.map().digest();
      assertThat(after).as(sql).isNotEqualTo(before);
      before = after;
    }
    database.execute("alter domain ml.defaulted_domain set default " + RUNS_TEXT);
  }
}
