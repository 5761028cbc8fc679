package io.guardedjdbc.catalog;

import static org.assertj.core.api.Assertions.assertThat;

import io.guardedjdbc.analysis.Analyzer;
import java.sql.SQLException;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** What no rollback undoes is known, however far from the statement it is called. */
class IrrevocableTest extends CatalogTest {
  IrrevocableTest() throws SQLException {
    super(
        """
        create function ml.at_commit() returns trigger language plpgsql
          as $$ begin perform count(*) from ml.store; return null; end $$;
        create function ml.harmless() returns trigger language plpgsql
          as $$ begin return null; end $$;
        create table ml.late(i int primary key);
        create constraint trigger t after insert on ml.late deferrable
          for each row execute function ml.at_commit();
        create table ml.split(i int) partition by range (i);
        create table ml.split_1 partition of ml.split for values from (0) to (9);
        create constraint trigger t after insert on ml.split deferrable
          for each row execute function ml.at_commit();
        create table ml.prompt(i int);
        create constraint trigger t after insert on ml.prompt
          for each row execute function ml.at_commit();
        create table ml.late_harmless(i int);
        create constraint trigger t after insert on ml.late_harmless initially deferred
          for each row execute function ml.harmless();
        create function ml.writes_late() returns void language sql
          as 'insert into ml.late values (1)';
        create table ml.early(i int primary key);
        alter table ml.late add foreign key (i) references ml.early on delete cascade;
        create sequence ml.leak;
        create function ml.sets(n bigint) returns bigint language plpgsql
          as $$ begin return setval('ml.leak', n); end $$;
        create function ml.outer_sets(n bigint) returns bigint language sql
          as 'select ml.sets(n) + 1';
        create function ml.by_tree(n bigint) returns bigint language sql
          return setval('ml.leak', n);
        create view ml.sets_v as select ml.outer_sets(1) n;
        create view ml.locks_v as select pg_try_advisory_lock(1) l;
        create function ml.copies() returns void language plpgsql
          as $$ begin copy (select 1) to '/tmp/x'; end $$;
        create function ml.copies_out() returns void language sql
          as $$ select 'copy me to'; select to_char(1, 'x') $$;
        create function ml.note() returns trigger language plpgsql
          as $$ begin perform pg_advisory_lock(new.i); return new; end $$;
        create table ml.noted(i int);
        create trigger t before insert on ml.noted for each row execute function ml.note();
        create function ml.rolled_back(n bigint) returns void language sql
          as $$ select pg_notify('c', n::text); select pg_advisory_xact_lock(n) $$;
        create materialized view ml.kept_mv as select ml.sets(1) n;
        create operator ml.!! (leftarg = oid, rightarg = text, function = lo_export);
        create view ml.exports_v as select 1::oid operator(ml.!!) 'x' n;
        create type ml.pair as (a int, b int);
        create function ml.attribute(p ml.pair) returns bigint language sql
          as $$ select setval('ml.leak', p.a) $$;
        create function ml.locks_it(n bigint) returns void language plpgsql
          as $$ begin perform (n).pg_advisory_lock; end $$;
        create table ml.settings(setval text, pg_file_write text);
        create function ml.columns() returns text language sql
          as 'select s.setval || s.pg_file_write from ml.settings s';
        """);
  }

  private void assertDoes(String sql, String... what) {
    Match match = touched(sql);
    assertThat(match.irrevocable()).as(sql).containsExactlyInAnyOrder(what);
  }

  @Test
  void inTheStatementItself() {
    assertDoes("select setval('ml.leak', id) from ml.store", "setval()");
    assertDoes("do $$ begin perform setval('ml.leak', 1); end $$", "setval()");
    assertDoes("select dblink_exec('x', 'y')", "dblink_exec()");
    assertDoes("select setval from ml.store");
    assertDoes("select (id::bigint).pg_try_advisory_lock from ml.store", "pg_try_advisory_lock()");
    assertDoes("select s.setval from ml.settings s, ml.store");
  }

  @Test
  void inBodiesOfFunctionsThatItCalls() {
    assertDoes("select ml.sets(id) from ml.store", "setval() in ml.sets");
    assertDoes("select ml.outer_sets(id) from ml.store", "setval() in ml.sets");
    assertDoes("select ml.by_tree(id) from ml.store", "setval() in ml.by_tree");
    assertDoes("select ((1, 2)::ml.pair).attribute from ml.store", "setval() in ml.attribute");
    assertDoes("select ml.copies() from ml.store", "COPY to a file or program in ml.copies");
    assertDoes("select ml.locks_it(id) from ml.store", "pg_advisory_lock() in ml.locks_it");
    assertDoes("select ml.columns() from ml.store");
    assertDoes("select ml.copies_out(), ml.rolled_back(id) from ml.store");
  }

  @Test
  void inViewsAndTriggers() {
    assertDoes("select * from ml.store, ml.sets_v", "setval() in ml.sets");
    assertDoes("select * from ml.store, ml.locks_v", "pg_try_advisory_lock() in ml.locks_v");
    assertDoes("select * from ml.store, ml.exports_v", "lo_export() in ml.!!");
    assertDoes("select id::oid operator(ml.!!) 'x' from ml.store", "lo_export() in ml.!!");
    assertDoes("insert into ml.noted select id from ml.store", "pg_advisory_lock() in ml.note");
    assertDoes("select * from ml.noted, ml.store");
    assertDoes("select * from ml.kept_mv, ml.store");
    assertDoes("refresh materialized view ml.kept_mv", "setval() in ml.sets");
  }

  @Test
  void inTriggersThatMayRunAtCommit() {
    String late = "the deferrable trigger of ml.late";
    assertDoes("insert into ml.late values (1)", late);
    assertDoes("select ml.writes_late()", late);
    assertDoes("delete from ml.early", late);
    assertDoes("insert into ml.split_1 values (1)", "the deferrable trigger of ml.split_1");
    assertDoes("select * from ml.late, ml.store");
    assertDoes("insert into ml.prompt values (1)");
    assertDoes("insert into ml.late_harmless select id from ml.store");
  }

  @ParameterizedTest
  @CsvSource({
    "deferrable, a deferrable trigger",
    "initially deferred, a deferrable trigger",
    "not deferrable initially immediate,",
    "'',"
  })
  void inTriggersThatTheSessionHasMade(String when, @Nullable String does) {
    String trigger =
        "create constraint trigger t after insert on ml.leak %s for each row"
            + " execute function ml.at_commit()";
    GuardMap after = map.after(Analyzer.analyze(trigger.formatted(when), true));
    Match match = TestDatabase.touched(after, "insert into ml.leak values (1)");
    assertThat(match.entrypoints()).containsExactly("ml.store");
    assertThat(match.irrevocable()).isEqualTo(does == null ? Set.of() : Set.of(does));
  }

  @Test
  void guardsNothingByItself() {
    assertThat(touched("select ml.outer_sets(1)").guarded()).isFalse();
    assertThat(touched("select setval('ml.leak', 1)").guarded()).isFalse();
  }

  @Test
  void aFunctionThatThePolicyCallsSafeIsSafe() throws SQLException {
    database.execute(
        """
        create table audit.entrypoint_policy(entrypoint text primary key, store text, closure text);
        create table audit.relation_rule(store text, rule text, pattern text, reason text);
        insert into audit.relation_rule values ('demo', 'safe_function', 'ml.sets', null)
        """);
    assertThat(database.touched("select ml.outer_sets(id) from ml.store").irrevocable()).isEmpty();
    database.execute("drop table audit.entrypoint_policy, audit.relation_rule");
  }
}
