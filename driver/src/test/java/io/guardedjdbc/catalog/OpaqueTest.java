package io.guardedjdbc.catalog;

import static org.assertj.core.api.Assertions.assertThat;

import java.sql.SQLException;
import org.junit.jupiter.api.Test;

/** What hides what it reads counts as touching everything guarded. */
class OpaqueTest extends CatalogTest {
  OpaqueTest() throws SQLException {
    super(
        """
        create function ml.dynamic(t text) returns bigint language plpgsql
          as $$ declare n bigint; begin execute t into n; return n; end $$;
        create function ml.inner_do() returns void language plpgsql
          as $$ begin do 'begin end'; end $$;
        create function ml.via_xml(t text) returns xml language sql
          as 'select query_to_xml(t, true, true, '''')';
        create function ml.words() returns bigint language plpgsql
          as $$ begin return (select count(*) from
            (select ('table ml.store'::text).ts_stat) s); end $$;
        create function ml.config_column() returns bigint language plpgsql
          as $$ begin return (select count(s.set_config) from ml.settings s); end $$;
        create table ml.settings(set_config text);
        create function ml.xml_by_tree(t text) returns xml language sql
          return query_to_xml(t, true, true, '');
        create function ml.sets_path() returns text language sql
          as 'select set_config(''search_path'', ''x'', true)';
        create function ml.sets_other() returns text language sql
          as 'select set_config(''app.user'', ''x'', true)';
        create function ml.harmless(i int) returns int language plpgsql
          as $$ begin return i + 1; -- execute
          end $$;
        create function ml.backslash(t text) returns text language sql
          as $$ select replace(t, '\\', '/') $$;
        create function ml.c_function(internal) returns internal language c
          as '$libdir/dict_snowball', 'dsnowball_init';
        create function ml.renamed(text, boolean, boolean, text) returns xml language internal
          as 'query_to_xml';
        create function ml.step(bigint, t text) returns bigint language plpgsql
          as $$ declare n bigint; begin execute t into n; return n; end $$;
        create aggregate ml.steps(text) (sfunc = ml.step, stype = bigint);
        create aggregate ml.sums(int) (sfunc = int4pl, stype = int);
        create type ml.span as range (subtype = float8);
        create function ml.standardize_address(internal) returns internal language c
          as '$libdir/dict_snowball', 'dsnowball_init';
        create function ml.parse_address(internal) returns internal language c
          as '$libdir/dict_snowball', 'dsnowball_init';
        insert into pg_extension
          (oid, extname, extowner, extnamespace, extrelocatable, extversion)
          values (9999, 'address_standardizer', 10, 'ml'::regnamespace, true, '1');
        insert into pg_depend select 'pg_proc'::regclass, oid, 0, 'pg_extension'::regclass,
          9999, 0, 'e' from pg_proc where proname in ('standardize_address', 'parse_address');
        create view ml.over_dynamic as select ml.dynamic('select 1') n;
        create view ml.over_xml as select query_to_xml('table ml.raw', true, true, '') x;
        create foreign data wrapper fdw; create server s foreign data wrapper fdw;
        create foreign table ml.far(i int) server s;
        create view ml.over_far as select * from ml.far;
        create materialized view ml.local_mv as select ml.dynamic('select 1') n;
        create table ml.audited(i int);
        create function ml.note() returns trigger language plpgsql
          as $$ begin execute 'select 1'; return new; end $$;
        create trigger t before insert on ml.audited for each row execute function ml.note();
        """);
  }

  @Test
  void functionsThatRunText() {
    assertTouchesEverything("select ml.dynamic('select 1')");
    assertTouchesEverything("select ml.inner_do()");
    assertTouchesEverything("select ml.via_xml('x')");
    assertTouchesEverything("select ml.xml_by_tree('x')");
    assertTouchesEverything("select ml.words()");
    assertTouchesEverything("select * from ml.over_dynamic");
    assertTouchesEverything("select * from ml.over_xml");
    assertTouchesNothing("select ml.harmless(1)");
    assertTouchesNothing("select ml.backslash('x')");
  }

  @Test
  void functionsInOtherLanguages() {
    assertTouchesEverything("select ml.c_function(null)");
    assertTouchesEverything("select ml.renamed('x', true, true, '')");
  }

  @Test
  void notWhatTheServerMakesOfFunctionsThatAreSeen() {
    assertTouchesNothing("select ml.sums(1)");
    assertTouchesNothing("select ml.span(1, 2), ml.span(1, 2, '[]')");
    assertTouchesNothing("select ml.span_multirange(ml.span(1, 2))");
    assertTouchesEverything("select ml.steps('select 1')");
  }

  @Test
  void functionsOfKnownExtensionsThatReadByName() {
    assertTouchesEverything("select ml.standardize_address(null)");
    assertTouchesNothing("select ml.parse_address(null)");
  }

  @Test
  void functionsThatChangeWhatTheDriverReliesOn() {
    assertTouchesEverything("select ml.sets_path()");
    assertTouchesNothing("select ml.sets_other()");
    assertTouchesEverything("select set_config('search_' || 'path', 'x', false)");
    assertTouchesNothing("select set_config('app.user', 'x', false)");
    assertTouchesNothing("select set_config('app.tenant', ?, false)");
    assertTouchesNothing("select set_config('app.tenant', current_user || $1, $2)");
    assertTouchesEverything("select set_config(?, 'x', false)");
    assertTouchesEverything("select set_config('app.user' || ?, 'x', false)");
    assertTouchesEverything("select set_config('Search_Path', ?, false)");
    assertTouchesEverything("select set_config('app.a', ?, true), set_config('role', ?, true)");
    assertTouchesNothing("select ml.config_column()");
  }

  @Test
  void builtInFunctionsUnlessTheirTextIsLiteral() {
    assertTouchesEverything("select query_to_xml($1, true, true, '')");
    assertTouchesEverything("select pg_read_file('base/1/2619')");
    assertTouchesEverything("select database_to_xml(true, true, '')");
    assertTouchesNothing("select query_to_xml('select 1', true, true, '')");
    assertThat(touched("select query_to_xml('table ml.store', true, true, '')").entrypoints())
        .containsExactly("ml.store");
    assertThat(touched("select * from ts_stat('table ml.features_mv')").refused()).hasSize(1);
  }

  @Test
  void foreignTablesAndWhatReadsThem() {
    assertTouchesEverything("select * from ml.far");
    assertTouchesEverything("select * from ml.over_far");
  }

  @Test
  void aMaterializedViewHoldsItsOwnRowsAndItsRefreshRunsTheFunction() {
    assertTouchesNothing("select * from ml.local_mv");
    assertTouchesEverything("refresh materialized view ml.local_mv");
  }

  @Test
  void anOpaqueTriggerCountsForWrites() {
    assertTouchesEverything("insert into ml.audited values (1)");
    assertTouchesNothing("select * from ml.audited");
  }

  @Test
  void aComputedDoBlock() {
    assertTouchesEverything("do $$ begin execute 'select ' || 1; end $$");
  }
}
