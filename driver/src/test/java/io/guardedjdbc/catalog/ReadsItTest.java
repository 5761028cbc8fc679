package io.guardedjdbc.catalog;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.tuple;

import java.sql.SQLException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Names that lead to an entrypoint without being views on top of it. */
class ReadsItTest extends CatalogTest {
  ReadsItTest() throws SQLException {
    super(
        """
        create function ml.by_text() returns bigint stable language sql
          as 'select count(*) from ml.store';
        create function ml.by_plpgsql() returns bigint stable language plpgsql
          as $$ begin return (select count(*) from ml . "store"); end $$;
        create function ml.by_atomic() returns bigint stable
          return (select count(*) from ml.store);
        create function ml.volatile_reader() returns bigint volatile language sql
          as 'select count(*) from ml.store';
        create function ml.caller() returns bigint stable language sql
          as 'select ml.by_text()';
        create schema other; create table other.store(i int);
        create function ml.elsewhere() returns bigint stable language sql
          as 'select count(*) from other.store';
        create function ml.frozen() returns bigint immutable language sql
          as 'select count(*) from ml.store';
        create function ml.of_row(r ml.store) returns int immutable language sql
          as 'select r.id';
        create function ml.step(int, int) returns int stable language sql
          as 'select max(id) from ml.store';
        create aggregate ml.by_step(int) (sfunc = ml.step, stype = int);
        create function ml.frozen_step(int, int) returns int immutable language sql
          as 'select max(id) from ml.store';
        create aggregate ml.by_frozen_step(int) (sfunc = ml.frozen_step, stype = int);
        create view ml.over_function as select ml.by_text() n;
        create view ml.over_volatile as select ml.volatile_reader() n;
        create view ml.over_frozen as select ml.frozen() n;

        create table ml.trigger_target(i int);
        create function ml.on_insert() returns trigger language plpgsql
          as $$ begin new.i := (select count(*) from ml.store); return new; end $$;
        create trigger t before insert on ml.trigger_target
          for each row execute function ml.on_insert();
        create view ml.over_trigger_target as table ml.trigger_target;

        create table ml.split_target(i int) partition by range (i);
        create table ml.split_target_1 partition of ml.split_target for values from (0) to (9);
        create trigger t after insert on ml.split_target
          for each row execute function ml.on_insert();

        create table ml.rule_target(i int);
        create rule r as on insert to ml.rule_target do also select * from ml.store;

        create table ml.policy_target(i int);
        create policy p on ml.policy_target using (i in (select id from ml.store));

        create table ml.default_target(i int default ml.by_text());
        create table ml.check_target(i int check (i < ml.by_text()));
        create domain ml.checked as int check (value < ml.by_text());
        create table ml.domain_target(d ml.checked);

        create type ml.pair as (a int, b int);
        create function ml.to_text(ml.pair) returns text stable language sql
          as 'select count(*)::text from ml.store';
        create cast (ml.pair as text) with function ml.to_text(ml.pair);

        create function ml.op(int, int) returns boolean stable language sql
          as 'select count(*) > $1 + $2 from ml.store';
        create operator ml.<#> (leftarg = int, rightarg = int, function = ml.op);
        create function ml.no_op(int, int) returns boolean immutable language sql
          as 'select true';
        create operator ml.<!> (leftarg = int, rightarg = int, function = ml.no_op,
          negator = operator(ml.<!!>));
        create operator ml.<!!> (leftarg = int, rightarg = int, function = ml.op,
          negator = operator(ml.<!>));
        create operator ml.<~> (leftarg = int, rightarg = int, function = ml.no_op,
          commutator = operator(ml.<~~>));
        create operator ml.<~~> (leftarg = int, rightarg = int, function = ml.op,
          commutator = operator(ml.<~>));
        create operator ml.<&> (leftarg = int, rightarg = int, function = ml.no_op);
        create function ml.by_operator() returns boolean stable language sql
          as 'select 1 operator(ml.<#>) 2';

        create type ml.kind as enum ('a', 'b');
        create table ml.kinds(k ml.kind);
        create function ml.kind_op(ml.kind, ml.kind) returns boolean stable language sql
          as 'select count(*) > 0 from ml.store';
        create domain ml.plain as int; create domain ml.plains as int[];
        create type ml.composed_plainly as (i int);
        create function ml.by_spelling() returns int stable language plpgsql
          as $$ begin return '1'::integer; end $$;
        create table ml.array_target(d ml.checked[]);
        create type ml.composed as (d ml.checked);
        create table ml.composed_target(c ml.composed);
        create table ml.composed_array_target(c ml.composed[]);
        create function ml.by_input() returns boolean stable language plpgsql
          as $$ begin return pg_input_is_valid('1', 'ml.checked'); end $$;
        create view ml.over_composed_target as table ml.composed_target;
        create table ml.within(w ml.domain_target);
        create function ml.takes_row(ml.domain_target) returns int language sql as 'select 1';
        create function ml.by_in() returns boolean stable language sql
          as 'select k in (''a'') from ml.kinds';

        create table ml.parent(i int);
        insert into audit.t0_cert_registry values ('ml.parent', 'CERTIFIED');
        create table ml.grandparent(i int);
        alter table ml.parent inherit ml.grandparent;
        create table ml.child() inherits (ml.parent);
        create table ml.sibling() inherits (ml.grandparent);
        create table ml.part(i int) partition by range (i);
        create table ml.part_1 partition of ml.part for values from (0) to (9);
        insert into audit.t0_cert_registry values ('ml.part_1', 'CERTIFIED');
        create table ml.refers(i int references ml.raw(id));
        create function ml.on_delete() returns trigger language plpgsql
          as $$ begin perform count(*) from ml.store; return old; end $$;
        create table ml.top(i int primary key);
        create table ml.middle(i int primary key references ml.top on delete cascade);
        create table ml.bottom(i int references ml.middle on delete cascade);
        create trigger t before delete on ml.bottom
          for each row execute function ml.on_delete();
        create table ml.emptied(i int primary key);
        create table ml.emptied_with(i int primary key references ml.emptied);
        create table ml.emptied_last(i int references ml.emptied_with,
          d int default ml.by_text());
        create trigger t before truncate on ml.emptied_last
          for each statement execute function ml.on_delete();
        create table ml.defaulted(i int primary key);
        create table ml.defaults(i int default ml.by_text()
          references ml.defaulted on update set default);
        create table ml.checked_null(i int primary key);
        create table ml.nulls(i int references ml.checked_null on delete set null
          check (i < ml.by_text()));
        create table ml.kept(i int primary key);
        create table ml.keeps(i int default ml.by_text() references ml.kept);
        create table ml.above_parent(i int primary key);
        alter table ml.parent add foreign key (i) references ml.above_parent on delete cascade;
        create view ml.over_stats as select tablename, null_frac from pg_stats;
        create view ml.over_statistic as select starelid from pg_statistic;
        """);
  }

  @Test
  void functionsByTheirBodies() {
    assertReadsTheStore("select ml.by_text()");
    assertReadsTheStore("select by_plpgsql()");
    assertReadsTheStore("select ml.by_atomic()");
    assertReadsTheStore("select ml.caller()");
    assertReadsTheStore("select * from ml.over_function");
    assertTouchesNothing("select ml.elsewhere()");
    assertTouchesNothing("select ml.of_row(null)");
  }

  @Test
  void aFunctionCountsInAttributeNotation() {
    assertReadsTheStore("select r.by_text from ml.raw r");
    assertTouchesNothing("select by_text from (select 1 by_text) x");
  }

  @Test
  void volatileAndPlpgsqlFunctionsSeeNewDataAtEachFetch() {
    assertThat(touched("select ml.volatile_reader()").throughVolatileFunction()).isTrue();
    assertThat(touched("select * from ml.over_volatile").throughVolatileFunction()).isTrue();
    assertThat(touched("select ml.by_plpgsql()").throughVolatileFunction()).isTrue();
    assertThat(touched("select ml.by_text()").throughVolatileFunction()).isFalse();
    assertThat(touched("select * from ml.store").throughVolatileFunction()).isFalse();
  }

  @Test
  void immutableFunctionsOverSomethingGuardedAreRefused() {
    for (String sql : new String[] {"select ml.frozen()", "select * from ml.over_frozen"}) {
      assertThat(touched(sql).refused())
          .as(sql)
          .extracting(Refused::kind, Refused::object)
          .containsExactly(tuple(Refused.Kind.IMMUTABLE_FUNCTION, "ml.frozen"));
    }
  }

  /** The catalog calls every aggregate IMMUTABLE; no plan keeps what one gave. */
  @Test
  void anAggregateIsAsImmutableAsWhatItCalls() {
    assertReadsTheStore("select ml.by_step(id) from ml.raw");
    assertThat(touched("select ml.by_step(1)").refused()).isEmpty();
    assertThat(touched("select ml.by_frozen_step(1)").refused())
        .extracting(Refused::object)
        .containsExactly("ml.frozen_step");
  }

  @Test
  void triggersRulesDefaultsAndChecksCountForWrites() {
    assertReadsTheStore("insert into ml.trigger_target values (1)");
    assertReadsTheStore("insert into ml.over_trigger_target values (1)");
    assertReadsTheStore("insert into ml.split_target values (1)");
    assertReadsTheStore("insert into ml.split_target_1 values (1)");
    assertReadsTheStore("with w as (insert into ml.rule_target values (1)) select 1");
    assertReadsTheStore("insert into ml.default_target default values");
    assertReadsTheStore("insert into ml.check_target values (1)");
    assertReadsTheStore("insert into ml.domain_target values (1)");
    assertReadsTheStore("alter table ml.check_target validate constraint check_target_i_check");
    assertThat(touched("alter table ml.check_target drop constraint c").guarded()).isFalse();
    assertTouchesNothing("select * from ml.trigger_target");
    assertTouchesNothing("select * from ml.over_trigger_target");
    assertTouchesNothing("select * from ml.rule_target");
    assertTouchesNothing("select * from ml.check_target");
  }

  @Test
  void policiesCountForReads() {
    assertReadsTheStore("select * from ml.policy_target");
  }

  @Test
  void castsDomainsAndOperators() {
    assertReadsTheStore("select row(1, 2)::ml.pair::text");
    assertReadsTheStore("select 1::ml.checked");
    assertReadsTheStore("select 1 operator(ml.<#>) 2");
    assertReadsTheStore("select ml.by_operator()");
    assertThat(touched("select 1 operator(ml.<&>) 2").guarded()).isFalse();
    assertTouchesNothing("select 1 + 2");
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "=   | select k in ('a') from ml.kinds",
        "<>  | select k not in ('a') from ml.kinds",
        "=   | select case k when 'a' then 1 end from ml.kinds",
        "=   | select nullif(k, 'a') from ml.kinds",
        "=   | select k is distinct from 'a' from ml.kinds",
        "=   | select 1 from ml.kinds a join ml.kinds b using (k)",
        "=   | select 1 from ml.kinds a natural join ml.kinds b",
        "<=  | select k between 'a' and 'b' from ml.kinds",
        ">   | select k not between 'a' and 'b' from ml.kinds",
        "~~  | select k like 'a' from ml.kinds",
        "!~~ | select k not like 'a' from ml.kinds",
        "~~* | select k ilike 'a' from ml.kinds",
        "~   | select k similar to 'a' from ml.kinds",
        "=   | do $$ begin perform k in ('a') from ml.kinds; end $$",
        "=   | select ml.by_in()"
      })
  void operatorsThatTheGrammarImplies(String operator, String sql) throws SQLException {
    assertReadsTheStoreWith(
        "create operator ml.%s (leftarg = ml.kind, rightarg = ml.kind, function = ml.kind_op)"
            .formatted(operator),
        sql,
        "drop operator ml.%s (ml.kind, ml.kind)".formatted(operator));
  }

  /** While it is defined, and not where nothing calls it. */
  private void assertReadsTheStoreWith(String definition, String sql, String undo)
      throws SQLException {
    assertThat(touched(sql).guarded()).as(sql).isFalse();
    database.execute(definition);
    try {
      assertThat(database.touched(sql).entrypoints()).as(sql).containsExactly("ml.store");
      assertThat(database.touched("select k from ml.kinds")).isEqualTo(Match.NOTHING);
    } finally {
      database.execute(undo);
    }
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "timestamptz | select k::timestamp with time zone from ml.kinds",
        "timetz      | select cast(k as time with time zone) from ml.kinds",
        "bpchar      | select k::nchar from ml.kinds",
        "varchar     | select k::national character varying from ml.kinds",
        "float4      | select k::float(3) from ml.kinds",
        "int4        | select array[k]::_int4 from ml.kinds",
        "int4        | select k::ml.plain from ml.kinds",
        "int4        | select array[k]::ml.plains from ml.kinds",
        "int4        | select row(k)::ml.composed_plainly from ml.kinds",
        "int4        | select array[row(k)]::ml._composed_plainly from ml.kinds",
        "int4        | select ml.by_spelling()"
      })
  void castsWhoseTypeIsSpelledOtherwise(String type, String sql) throws SQLException {
    assertReadsTheStoreWith(
        """
        create function ml.cast_kind(ml.kind) returns %1$s stable language sql
          as 'select null::%1$s from ml.store';
        create cast (ml.kind as %1$s) with function ml.cast_kind(ml.kind);
        """
            .formatted(type),
        sql,
        "drop function ml.cast_kind(ml.kind) cascade");
  }

  @Test
  void domainsInsideOtherTypes() {
    assertReadsTheStore("select '{1}'::ml._checked");
    assertReadsTheStore("select '(1)'::ml.composed");
    assertReadsTheStore("select jsonb_populate_record(null::ml.composed, '{}')");
    assertReadsTheStore("select '{(1)}'::ml._composed");
    assertReadsTheStore("insert into ml.array_target values ('{1}')");
    assertReadsTheStore("insert into ml.composed_target values ('(1)')");
    assertReadsTheStore("insert into ml.composed_array_target values ('{(1)}')");
    assertReadsTheStore("select pg_input_is_valid('1', 'ml.checked')");
    assertThat(touched("select domain_in('1', 16432, -1)").touchesEverything()).isTrue();
    assertThat(touched("select record_in('(1)', 16432, -1)").touchesEverything()).isTrue();
    assertReadsTheStore("select * from pg_input_error_info('{1}', 'ml._checked')");
    assertReadsTheStore("select ml.by_input()");
    assertThat(touched("select pg_input_is_valid($1, 'integer')").guarded()).isFalse();
    assertTouchesNothing("select * from ml.array_target");
    assertTouchesNothing("select * from ml.composed_target");
  }

  @Test
  void rowTypesOfTablesWithSuchColumns() {
    assertReadsTheStore("select '(1)'::ml.domain_target");
    assertReadsTheStore("select cast('(1)' as domain_target)");
    assertReadsTheStore("select ml.domain_target '(1)'");
    assertReadsTheStore("select domain_target('(1)')");
    assertReadsTheStore("select * from ml.domain_target('(1)')");
    assertReadsTheStore("select '{(1)}'::ml._domain_target");
    assertReadsTheStore("select '((1))'::ml.within");
    assertReadsTheStore("select ml.takes_row('(1)')");
    assertReadsTheStore("select * from json_to_record('{}') as r(t ml.domain_target)");
    assertReadsTheStore("select jsonb_populate_record(null::ml.over_composed_target, '{}')");
    assertReadsTheStore("select jsonb_populate_record(t, '{}') from ml.domain_target t");
    assertReadsTheStore("select coalesce(t, '(5)') from ml.domain_target t");
    assertReadsTheStore("select coalesce(t, $1) from ml.domain_target t");
    assertReadsTheStore("select coalesce(t, ?) from ml.domain_target t");
    assertReadsTheStore("select t from ml.domain_target t union all select $$(5)$$");
    assertReadsTheStore("select array[s.x, '(5)'] from (select t from ml.domain_target t) s(x)");
    assertReadsTheStore("select lag(t, 1, '(5)') over () from ml.domain_target t");
    assertReadsTheStore("select coalesce(w, '(5)') from ml.within");
    assertReadsTheStore("select coalesce(d, '{5}') from ml.array_target");
    assertTouchesNothing("select t.d, t from ml.domain_target as t");
    assertTouchesNothing("select domain_target.d from ml.within, ml.domain_target");
  }

  @Test
  void whatAPlannerPutsInPlaceOfAnOperator() {
    assertReadsTheStore("select not (1 operator(ml.<!>) 2)");
    assertReadsTheStore("select 1 operator(ml.<~>) 2");
  }

  @Test
  void inheritanceBothWaysButNotSideways() {
    assertThat(touched("select * from ml.child").entrypoints()).containsExactly("ml.parent");
    assertThat(touched("select * from ml.grandparent").entrypoints()).containsExactly("ml.parent");
    assertTouchesNothing("select * from ml.sibling");
    assertThat(touched("select * from ml.part").entrypoints()).containsExactly("ml.part_1");
  }

  @Test
  void foreignKeysReadNothing() {
    assertTouchesNothing("insert into ml.refers values (1)");
    assertTouchesNothing("delete from ml.raw");
    assertTouchesNothing("delete from ml.kept");
  }

  @Test
  void aForeignKeysActionEvaluatesWhatAWriteToTheOtherTableDoes() {
    assertReadsTheStore("delete from ml.middle");
    assertReadsTheStore("delete from ml.top");
    assertReadsTheStore("update ml.defaulted set i = 2");
    assertReadsTheStore("delete from ml.checked_null");
    assertTouchesNothing("select * from ml.top");
    assertTouchesNothing("delete from ml.above_parent");
  }

  @Test
  void truncateRunsTheTriggersOfWhatItCascadesTo() {
    assertReadsTheStore("truncate ml.emptied_with cascade");
    assertReadsTheStore("truncate ml.emptied cascade");
    assertThat(touched("truncate ml.kept cascade").guarded()).isFalse();
    assertTouchesNothing("select * from ml.emptied");
  }

  @Test
  void statisticsTouchEverything() {
    for (String relation :
        new String[] {
          "pg_stats",
          "pg_statistic",
          "pg_catalog.pg_stats_ext",
          "ml.over_stats",
          "ml.over_statistic"
        }) {
      Match match = touched("select * from " + relation);
      assertThat(match.touchesEverything()).as(relation).isTrue();
      assertThat(match.entrypoints()).containsExactly("ml.parent", "ml.part_1", "ml.store");
    }
    assertTouchesNothing("select * from pg_statistic_ext");
  }

  @Test
  void literalsCountWhereTheyMayBecomeSqlOrARelation() {
    assertReadsTheStore("select 'ml.store'::regclass");
    assertReadsTheStore("do $$ begin perform count(*) from ml.store; end $$");
    assertTouchesNothing("select 'ml.store'");
  }
}
