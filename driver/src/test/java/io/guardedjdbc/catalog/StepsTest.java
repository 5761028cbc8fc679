package io.guardedjdbc.catalog;

import static org.assertj.core.api.Assertions.assertThat;

import java.sql.SQLException;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** Tables that are rebuilt between two views: the catalog knows no way through them. */
@Tag("postgres14")
class StepsTest {
  /** The entrypoint reads a table that a step fills; views are read by the step alone. */
  static final String STEPPED =
      """
      create table ml.raw(id int, day date);
      create materialized view ml.deep_mv as select * from ml.raw;
      create materialized view ml."Before" as select * from ml.deep_mv;
      create materialized view ml.declared_mv as select 1 i;
      create materialized view ml.unseen_mv as select 1 i;
      create materialized view ml.called_mv as select 1 i;
      create materialized view ml.free_mv as select * from ml.raw;
      create function ml.reads_called() returns int language sql as 'select i from ml.called_mv';
      create table ml.t(id int, day date);
      create table ml.log(at timestamptz);
      create view ml.store as select * from ml.t;
      create view ml.over_t as select * from ml.t;
      """;

  private static final String TABLES =
      """
      create table audit.entrypoint_policy(entrypoint text primary key, store text, closure text);
      create table audit.relation_rule(store text, rule text, pattern text, reason text);
      create table audit.sql_step(store text, name text, sql text, reads text[], writes text[]);
      create table audit.declared_edge(store text, from_relation text, to_relation text);
      insert into audit.entrypoint_policy values ('ml.store', 'demo', 'deny');
      insert into audit.sql_step values
        ('demo', 'fill', 'insert into ml.t select s.id, s.day from ml."Before" s',
          '{ml.declared_mv}', '{ml.t}'),
        ('demo', 'log', 'insert into ml.log select now() from ml.free_mv', '{}', '{ml.log}');
      insert into audit.declared_edge values ('demo', 'ml.unseen_mv', 'fill');
      """;

  private TestDatabase database;

  @BeforeEach
  void create() throws SQLException {
    database = new TestDatabase(TestDatabase.RUNBOOK, STEPPED);
  }

  @AfterEach
  void close() throws SQLException {
    database.close();
  }

  static void assertStepsAreKnown(GuardMap map) {
    assertInside(map, "ml.t");
    assertInside(map, "ml.\"Before\"");
    assertInside(map, "ml.deep_mv");
    assertInside(map, "ml.declared_mv");
    assertInside(map, "ml.unseen_mv");
    assertThat(TestDatabase.touched(map, "table ml.over_t").refused())
        .extracting(Refused::kind)
        .containsExactly(Refused.Kind.CLOSURE);
    assertThat(TestDatabase.touched(map, "refresh materialized view ml.deep_mv").guarded())
        .isFalse();
    for (String free : new String[] {"table ml.raw", "table ml.log", "table ml.free_mv"}) {
      assertThat(TestDatabase.touched(map, free).guarded()).as(free).isFalse();
    }
    Match store = TestDatabase.touched(map, "table ml.store");
    assertThat(store.entrypoints()).containsExactly("ml.store");
    assertThat(store.refused()).isEmpty();
  }

  private static void assertInside(GuardMap map, String relation) {
    assertThat(TestDatabase.touched(map, "select * from " + relation).refused())
        .as(relation)
        .extracting(Refused::kind)
        .containsExactly(Refused.Kind.CLOSURE);
  }

  @Test
  void whatAStepFillsATableFromLiesInTheClosure() throws SQLException {
    database.execute(TABLES);
    assertStepsAreKnown(database.map());
  }

  @Test
  void aStepReadsThroughFunctionsAndInsideBlocks() throws SQLException {
    database.execute(TABLES);
    database.execute(
        """
        update audit.sql_step set reads = '{}', sql =
          'do $x$ begin execute ''insert into ml.t select id, day from ml."Before"''; '
          'perform ml.reads_called(); end $x$' where name = 'fill'
        """);
    GuardMap map = database.map();
    assertInside(map, "ml.\"Before\"");
    assertInside(map, "ml.called_mv");
  }

  @Test
  void partOfAFilledTableIsAsInsideAsTheTable() throws SQLException {
    database.execute(TABLES);
    database.execute(
        """
        drop view ml.store, ml.over_t; drop table ml.t;
        create table ml.t(id int, day date) partition by range (id);
        create table ml.t_1 partition of ml.t for values from (0) to (9) partition by range (id);
        create table ml.t_1_1 partition of ml.t_1 for values from (0) to (5);
        create view ml.store as select * from ml.t;
        """);
    GuardMap map = database.map();
    assertInside(map, "ml.t");
    assertInside(map, "ml.t_1");
    assertInside(map, "ml.t_1_1");
    Match store = TestDatabase.touched(map, "table ml.store");
    assertThat(store.entrypoints()).containsExactly("ml.store");
    assertThat(store.refused()).isEmpty();
  }

  @Test
  void aStoreThatAStepReadsIsNeededToo() throws SQLException {
    database.execute(TABLES);
    database.execute(
        """
        create view ml.other as select * from ml.raw;
        insert into audit.entrypoint_policy values ('ml.other', 'other', 'deny');
        update audit.sql_step set sql = sql || ' join ml.other o using (id)' where name = 'fill'
        """);
    assertThat(database.touched("table ml.store").entrypoints())
        .containsExactly("ml.other", "ml.store");
    assertThat(database.touched("table ml.other").entrypoints()).containsExactly("ml.other");
  }

  @Test
  void aChangedStepIsAnotherDigest() throws SQLException {
    database.execute(TABLES);
    GuardMap before = database.map();
    database.execute("update audit.sql_step set sql = 'select 1' where name = 'fill'");
    assertThat(database.map().digest()).isNotEqualTo(before.digest());
  }
}
