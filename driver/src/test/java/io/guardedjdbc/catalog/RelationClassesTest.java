package io.guardedjdbc.catalog;

import static org.assertj.core.api.Assertions.assertThat;

import java.sql.SQLException;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

@Tag("postgres14")
class RelationClassesTest {
  private TestDatabase database;

  @BeforeEach
  void create() throws SQLException {
    database = new TestDatabase(TestDatabase.RUNBOOK, TestDatabase.STORE);
  }

  @AfterEach
  void close() throws SQLException {
    database.close();
  }

  private static GuardMapOptions options(
      List<String> entrypoints, List<String> refused, ClosureRule closure) {
    return new GuardMapOptions(GuardMapOptions.DEFAULT.registry(), entrypoints, refused, closure);
  }

  private void assertClass(String relation, RelationClass expected) throws SQLException {
    assertThat(database.map().relationClass(RelationName.parse(relation)))
        .as(relation)
        .hasValue(expected);
  }

  private Refused refusedAlone(String sql) throws SQLException {
    Match match = database.touched(sql);
    assertThat(match.refused()).as(sql).hasSize(1);
    return match.refused().get(0);
  }

  @Test
  void anEntrypointNeedsItsCertificate() throws SQLException {
    Match match = database.touched("select * from ml.store");
    assertThat(match.entrypoints()).containsExactly("ml.store");
    assertThat(match.refused()).isEmpty();
    assertThat(match.throughVolatileFunction()).isFalse();
    assertClass("ml.store", RelationClass.ENTRYPOINT);
  }

  @Test
  void anEntrypointMayBeATableOrAMaterializedView() throws SQLException {
    database.execute(
        "create table ml.flat(i int); create materialized view ml.cube as select 1 i;"
            + "insert into audit.t0_cert_registry values ('ml.flat', 'certified'), ('ml.cube', 'X')");
    assertThat(database.touched("table ml.flat").entrypoints()).containsExactly("ml.flat");
    assertThat(database.touched("table ml.cube").entrypoints()).containsExactly("ml.cube");
  }

  @Test
  void baselineRowsAloneMakeAnEntrypointThoughTheRegistryHasNoRow() throws SQLException {
    database.execute(
        "delete from audit.t0_cert_registry;"
            + "insert into audit.t0_viewdef_baseline values ('ml.store', 'ml.store', 'v', 'x', now())");
    assertThat(database.touched("select * from ml.store").entrypoints())
        .containsExactly("ml.store");
  }

  @Test
  void aPropertyAloneMakesAnEntrypoint() throws SQLException {
    GuardMap map = database.map(options(List.of("ml.raw"), List.of(), ClosureRule.DENY));
    assertThat(TestDatabase.touched(map, "select * from raw").entrypoints())
        .containsExactly("ml.raw");
  }

  @Test
  void anEntrypointThatDoesNotExistYetIsGuardedByName() throws SQLException {
    database.execute("insert into audit.t0_cert_registry values ('ml.coming', 'CERTIFIED')");
    assertThat(database.touched("select * from ml.coming").entrypoints())
        .containsExactly("ml.coming");
    assertThat(database.touched("select * from other.coming").entrypoints()).isEmpty();
  }

  @Test
  void namesThatNeedQuotesAreSpelledAsFormatDoes() throws SQLException {
    database.execute(
        "create schema \"iPhone\"; create view \"iPhone\".\"order\" as select 1 x;"
            + "insert into audit.t0_cert_registry values"
            + " (format('%I.%I', 'iPhone', 'order'), 'CERTIFIED')");
    assertThat(database.touched("select * from \"iPhone\".\"order\"").entrypoints())
        .containsExactly("\"iPhone\".\"order\"");
    GuardMap map =
        database.map(options(List.of("\"iPhone\".\"order\""), List.of(), ClosureRule.DENY));
    assertThat(map.entrypoints()).containsExactly("\"iPhone\".\"order\"", "ml.store");
  }

  @Test
  void anAliasCountsAsItsEntrypointWhateverItsOwnRegistryRowSays() throws SQLException {
    database.execute(
        "create view ml.train2 as select * from ml.train;"
            + "insert into audit.t0_cert_registry values ('ml.train', 'CERTIFIED'),"
            + " ('ml.train2', 'CERTIFIED')");
    assertThat(database.touched("select * from ml.train2").entrypoints())
        .containsExactly("ml.store");
    assertClass("ml.train", RelationClass.ALIAS);
    assertClass("ml.train2", RelationClass.ALIAS);
  }

  @Test
  void aViewWithBaselineRowsOfItsOwnNeedsItsCertificateAndThatOfTheOneBelow() throws SQLException {
    database.execute(
        "insert into audit.t0_viewdef_baseline values ('ml.train', 'ml.train', 'v', 'x', now())");
    assertThat(database.touched("select * from ml.train").entrypoints())
        .containsExactly("ml.store", "ml.train");
  }

  @Test
  void aStackedEntrypointThroughAMaterializedViewNeedsBothCertificates() throws SQLException {
    database.execute(
        "create materialized view ml.step_mv as select * from ml.store;"
            + "create view ml.upper as select * from ml.step_mv;"
            + "insert into audit.t0_viewdef_baseline values ('ml.upper', 'ml.upper', 'v', 'x', now())");
    assertThat(database.touched("select * from ml.upper").entrypoints())
        .containsExactly("ml.store", "ml.upper");
    Refused inside = refusedAlone("select * from ml.step_mv");
    assertThat(inside.kind()).isEqualTo(Refused.Kind.CLOSURE);
    assertThat(inside.entrypoints()).containsExactly("ml.upper");
  }

  @Test
  void aMaterializedViewOnTopIsACopy() throws SQLException {
    database.execute(
        "create materialized view ml.snap as select * from ml.train;"
            + "create view ml.over_snap as select * from ml.snap");
    Refused copy = refusedAlone("select * from ml.snap");
    assertThat(copy.kind()).isEqualTo(Refused.Kind.COPY);
    assertThat(copy.entrypoints()).containsExactly("ml.store");
    assertThat(refusedAlone("select * from ml.over_snap").kind()).isEqualTo(Refused.Kind.COPY);
    assertClass("ml.snap", RelationClass.COPY);
  }

  @Test
  void viewsUnderAnEntrypointAreItsClosureAndTablesAreNot() throws SQLException {
    Refused inside = refusedAlone("select * from ml.features_mv");
    assertThat(inside.kind()).isEqualTo(Refused.Kind.CLOSURE);
    assertThat(inside.object()).isEqualTo("ml.features_mv");
    assertThat(inside.entrypoints()).containsExactly("ml.store");
    assertThat(database.touched("select * from ml.raw").isNothing()).isTrue();
  }

  @Test
  void aPlainViewOverTheClosureIsTreatedAsTheClosure() throws SQLException {
    database.execute("create view ml.peek as select * from ml.features_mv");
    assertThat(refusedAlone("select * from ml.peek").object()).isEqualTo("ml.features_mv");
  }

  @Test
  void aMaterializedViewOverTheClosureAloneHasRowsOfItsOwn() throws SQLException {
    database.execute("create materialized view ml.labels_mv as select * from ml.features_mv");
    assertThat(database.touched("select * from ml.labels_mv").isNothing()).isTrue();
    assertThat(refusedAlone("refresh materialized view ml.labels_mv").kind())
        .isEqualTo(Refused.Kind.CLOSURE);
  }

  @Test
  void theClosureRunsThroughFunctions() throws SQLException {
    database.execute(
        "create materialized view ml.deep_mv as select 1 x;"
            + "create function ml.deep() returns setof ml.deep_mv stable language sql"
            + " as 'select * from ml.deep_mv';"
            + "create or replace view ml.store as"
            + " select f.* from ml.features_mv f, ml.deep()");
    assertClass("ml.deep_mv", RelationClass.CLOSURE);
  }

  @Test
  void anAliasThatAlsoReadsTheClosureOfItsEntrypointIsStillAnAlias() throws SQLException {
    database.execute(
        "create view ml.both as select s.* from ml.store s join ml.features_mv f using (id)");
    Match match = database.touched("select * from ml.both");
    assertThat(match.entrypoints()).containsExactly("ml.store");
    assertThat(match.refused()).isEmpty();
  }

  @Test
  void anAliasThatReadsTheClosureOfAnotherEntrypointIsRefused() throws SQLException {
    database.execute(
        "create materialized view ml.f2_mv as select * from ml.raw;"
            + "create view ml.store2 as select * from ml.f2_mv;"
            + "insert into audit.t0_cert_registry values ('ml.store2', 'CERTIFIED');"
            + "create view ml.mixed as select s.* from ml.store s join ml.f2_mv f using (id)");
    assertThat(refusedAlone("select * from ml.mixed").entrypoints()).containsExactly("ml.store2");
  }

  @Test
  void anEntrypointHidesWhatIsUnderIt() throws SQLException {
    database.execute(
        "create foreign data wrapper fdw; create server s foreign data wrapper fdw;"
            + "create foreign table ml.far(i int) server s; create table ml.old(i int);"
            + "create view ml.broad as select f.* from ml.far f, ml.old;"
            + "insert into audit.t0_cert_registry values ('ml.broad', 'CERTIFIED')");
    GuardMap map = database.map(options(List.of(), List.of("ml.old"), ClosureRule.DENY));
    Match match = TestDatabase.touched(map, "select * from ml.broad");
    assertThat(match.entrypoints()).containsExactly("ml.broad");
    assertThat(match.touchesEverything()).isFalse();
    assertThat(match.refused()).isEmpty();
  }

  @Test
  void theClosureRuleOfThePropertyOverridesPolicies() throws SQLException {
    Match guarded =
        TestDatabase.touched(
            database.map(options(List.of(), List.of(), ClosureRule.GUARD)),
            "select * from ml.features_mv");
    assertThat(guarded.entrypoints()).containsExactly("ml.store");
    assertThat(guarded.refused()).isEmpty();
    Match allowed =
        TestDatabase.touched(
            database.map(options(List.of(), List.of(), ClosureRule.ALLOW)),
            "select * from ml.features_mv");
    assertThat(allowed.guarded()).isFalse();
  }

  @Test
  void refreshOfTheClosurePassesAndRefreshOfACopyIsGuarded() throws SQLException {
    database.execute("create materialized view ml.snap as select * from ml.train");
    assertThat(database.touched("refresh materialized view concurrently ml.features_mv").guarded())
        .isFalse();
    assertThat(database.touched("refresh materialized view ml.snap").entrypoints())
        .containsExactly("ml.store");
  }

  @Test
  void refusedByPropertyCountsWithGlobsForViewsOnTopAndNotForEntrypoints() throws SQLException {
    database.execute(
        "create schema legacy; create table legacy.a_b(i int);"
            + "create table legacy.aXb(i int); create view ml.over_legacy as table legacy.a_b");
    GuardMap map =
        database.map(options(List.of(), List.of("legacy.a_*", "ml.st*"), ClosureRule.DENY));
    assertThat(TestDatabase.touched(map, "select * from a_b").refused())
        .containsExactly(
            new Refused(Refused.Kind.POLICY, "legacy.a_b", Set.of(), "refused by guard.refused"));
    assertThat(TestDatabase.touched(map, "select * from ml.over_legacy").refused()).hasSize(1);
    assertThat(TestDatabase.touched(map, "select * from legacy.axb").refused()).isEmpty();
    assertThat(TestDatabase.touched(map, "select * from ml.store").refused()).isEmpty();
  }

  @Test
  void aRelationOfTheSameNameInAnotherSchemaPassesOnlyQualified() throws SQLException {
    database.execute("create schema other; create table other.store(i int)");
    assertThat(database.touched("select * from other.store").guarded()).isFalse();
    assertThat(database.touched("select * from store").entrypoints()).containsExactly("ml.store");
    assertThat(database.touched("select * from other.store, store s").entrypoints())
        .containsExactly("ml.store");
  }

  @Test
  void theToastTableOfAViewIsThatView() throws SQLException {
    database.execute(
        "create table ml.wide(t text); insert into audit.t0_cert_registry values"
            + " ('ml.wide', 'CERTIFIED')");
    String toast = "select 'pg_toast.pg_toast_' || 'ml.wide'::regclass::oid";
    try (var statement = database.connection.createStatement();
        var row = statement.executeQuery(toast)) {
      row.next();
      assertThat(database.touched("select * from " + row.getString(1)).entrypoints())
          .containsExactly("ml.wide");
    }
  }
}
