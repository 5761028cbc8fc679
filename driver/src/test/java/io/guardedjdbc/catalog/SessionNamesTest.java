package io.guardedjdbc.catalog;

import static org.assertj.core.api.Assertions.assertThat;

import io.guardedjdbc.analysis.Analyzer;
import io.guardedjdbc.analysis.SqlFacts;
import io.guardedjdbc.catalog.CatalogNode.Kind;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.Test;

/** A map made by hand: no server. */
class SessionNamesTest {
  private static final MapSource NO_SOURCE =
      new MapSource(
          GuardMapOptions.DEFAULT.registry(),
          0,
          MapSource.Policy.NONE,
          false,
          false,
          false,
          false,
          false,
          Map.of());

  private final GuardMap map = map();

  private static GuardMap map() {
    CatalogGraph graph = new CatalogGraph();
    graph.schemas.add("ml");
    CatalogNode raw = relation(graph, 1, "raw", 'r');
    CatalogNode view = relation(graph, 2, "features_mv", 'm');
    CatalogNode store = relation(graph, 3, "store", 'v');
    view.reads(raw);
    store.reads(view);
    graph.seeds.add(new Seed(Seed.Source.POLICY, "ml.store", "demo", "deny"));
    return GuardMapBuilder.build(
        graph, GuardMapOptions.DEFAULT, 7, new CatalogDigest("x"), NO_SOURCE);
  }

  private static CatalogNode relation(CatalogGraph graph, long oid, String name, char relkind) {
    CatalogNode node = new CatalogNode(Kind.RELATION, oid, "ml", name, "ml." + name);
    node.relkind = relkind;
    return graph.add(node);
  }

  private static GuardMap after(GuardMap map, String sql) {
    return map.after(Analyzer.analyze(sql, true));
  }

  private static Match touched(GuardMap map, String sql) {
    return TestDatabase.touched(map, sql);
  }

  @Test
  void aViewThatThisSessionCreatesLeadsToAllThatItsTextNames() {
    GuardMap mine = after(map, "create temp view peek as select * from ml.store");
    assertThat(touched(mine, "select * from peek").entrypoints()).containsExactly("ml.store");
    assertThat(touched(map, "select * from peek").unknownNames()).containsExactly("peek");
    assertThat(mine.version()).isEqualTo(map.version());
  }

  @Test
  void definitionsChain() {
    GuardMap mine =
        after(
            after(map, "create function f() returns int language sql as 'select id from ml.store'"),
            "create view v as select f()");
    assertThat(touched(mine, "select * from v").entrypoints()).containsExactly("ml.store");
    assertThat(touched(mine, "select f()").entrypoints()).containsExactly("ml.store");
  }

  @Test
  void aStatementSeesWhatTheOnesBeforeItInTheSameStringDefine() {
    assertThat(touched(map, "create view v as table ml.features_mv; select * from v").refused())
        .extracting(Refused::object)
        .containsExactly("ml.features_mv");
  }

  @Test
  void aHarmlessDefinitionMakesItsNameKnown() {
    GuardMap mine = after(map, "create temp table scratch(i int)");
    assertThat(touched(mine, "select * from scratch").isNothing()).isTrue();
    assertThat(touched(map, "select * from scratch").unknownNames()).containsExactly("scratch");
  }

  @Test
  void aRenamedRelationKeepsWhatItLeadsTo() {
    GuardMap mine = after(map, "alter view ml.store rename to shop");
    assertThat(touched(mine, "select * from ml.shop").entrypoints()).containsExactly("ml.store");
  }

  @Test
  void qualifiersProveNothingOnceASchemaWasRenamed() {
    assertThat(touched(map, "select * from ml2.store").guarded()).isFalse();
    GuardMap mine = after(map, "alter schema ml rename to ml2");
    assertThat(touched(mine, "select * from ml2.store").entrypoints()).containsExactly("ml.store");
  }

  @Test
  void aSchemaCreatedWithItsViewsNamesThem() {
    GuardMap mine = after(map, "create schema fresh create view peek as select * from ml.store");
    assertThat(touched(mine, "select * from fresh.peek").entrypoints()).containsExactly("ml.store");
  }

  @Test
  void theSessionsNamesSurviveAReload() {
    GuardMap mine = after(map, "create temp view peek as select * from ml.store");
    GuardMap reloaded = map();
    assertThat(touched(reloaded.withSessionOf(mine), "table peek").entrypoints())
        .containsExactly("ml.store");
  }

  @Test
  void namesMayBeGivenByHand() {
    GuardMap mine = map.withSessionNames(Set.of("from_afar"), map.everything());
    assertThat(touched(mine, "select * from from_afar").touchesEverything()).isTrue();
  }

  @Test
  void aRelationOfAKnownNameInASchemaWhereNoneWasIsUnknown() {
    assertThat(touched(map, "select * from elsewhere.raw").unknownNames()).containsExactly("raw");
    assertThat(touched(map, "select * from ml.raw").isNothing()).isTrue();
    assertThat(touched(map, "select raw.x from raw").isNothing()).isTrue();
  }

  @Test
  void columnsAndAliasesAreNotUnknown() {
    assertThat(
            touched(map, "select r.id, count(*) n from ml.raw r where r.day > now()")
                .unknownNames())
        .doesNotContain("id", "r", "day", "n");
  }

  @Test
  void columnsAliasesAndCommonTablesOfAGuardedNameTouchNothing() {
    assertThat(touched(map, "select r.store from ml.raw r").isNothing()).isTrue();
    assertThat(touched(map, "select store.id from ml.raw store").isNothing()).isTrue();
    assertThat(touched(map, "with store as (select 1 x) select x from store").isNothing()).isTrue();
    assertThat(touched(map, "with store as (select 1 x) select x from store, ml.store y").guarded())
        .isTrue();
  }

  @Test
  void whatCanNotBeLexedTouchesEverythingUnlessNothingOfItRuns() {
    assertThat(touched(map, "select 1; select 'open").touchesEverything()).isTrue();
    assertThat(touched(map, "select '\0'").touchesEverything()).isTrue();
    assertThat(touched(map, "select 'open")).isEqualTo(Match.NOTHING);
  }

  @Test
  void definitionsThemselvesPass() {
    assertThat(touched(map, "create or replace view ml.store as select 1").guarded()).isFalse();
    assertThat(touched(map, "drop view ml.store").guarded()).isFalse();
    assertThat(touched(map, "create table c as select * from ml.store").entrypoints())
        .containsExactly("ml.store");
  }

  @Test
  void aColumnIsNewUntilTheMapWasConfirmedOnce() {
    GuardMap fresh = map();
    SqlFacts facts = Analyzer.analyze("select r.peek, upper(r.day) from ml.raw r", true);
    assertThat(fresh.knowsColumns(facts)).isFalse();
    GuardMap session = fresh.withSessionNames(Set.of("x"), Match.NOTHING);
    session.sawColumns(facts);
    assertThat(fresh.knowsColumns(facts)).isTrue();
    assertThat(map().knowsColumns(facts)).isFalse();
  }
}
