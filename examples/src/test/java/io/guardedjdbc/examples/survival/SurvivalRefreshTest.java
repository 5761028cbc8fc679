package io.guardedjdbc.examples.survival;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.sql.SQLException;
import java.time.LocalDate;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

@Tag("postgres14")
class SurvivalRefreshTest {
  private static final SurvivalSize SMALL = new SurvivalSize(700, 400, LocalDate.of(2026, 3, 1));

  @SuppressWarnings("NullAway.Init")
  private StoreDatabase store;

  @SuppressWarnings("NullAway.Init")
  private static String template;

  @BeforeAll
  static void createTemplate() throws SQLException {
    try (StoreDatabase original = new StoreDatabase(SMALL)) {
      template = original.name;
    }
  }

  @BeforeEach
  void create() throws SQLException {
    store = StoreDatabase.copyOf(template);
  }

  @AfterEach
  void close() throws SQLException {
    store.close();
  }

  @Test
  void movesNoRowWhenNothingChanged() throws SQLException {
    List<String> before = rowVersions();
    // Another time zone, and parallel plans for everything: neither may show.
    store.run(
        """
        set timezone = 'America/New_York'; set intervalstyle = 'iso_8601'; set max_parallel_workers_per_gather = 4;
        set parallel_setup_cost = 0; set parallel_tuple_cost = 0; set min_parallel_table_scan_size = 0;
        set min_parallel_index_scan_size = 0; set enable_hashjoin = off; set enable_indexscan = off
        """);
    store.refreshConcurrently();
    assertThat(rowVersions()).isEqualTo(before);
  }

  @Test
  void keepsOldRowsWhenLaterOnesCome() throws SQLException {
    Map<String, String> before = store.rowsOfEntrypoint();
    SurvivalStore.addLaterRows(store.connection);
    store.refreshConcurrently();
    Map<String, String> after = store.rowsOfEntrypoint();
    assertThat(after).containsAllEntriesOf(before);
    assertThat(after.size()).isGreaterThan(before.size());
  }

  @Test
  void respectsSizeAndDays() throws SQLException {
    assertThat(
            store.text(
                "select count(distinct listing_id) || ' from ' || min(edited_date at time zone 'UTC')::date"
                    + " || ' to ' || max(edited_date at time zone 'UTC')::date from \"iPhone\".iphone_listings"))
        .isEqualTo("700 from 2025-01-26 to 2026-03-01");
  }

  @Test
  void rewritesTwoCertifiedDaysAndTakesItBack() throws SQLException {
    Map<String, String> before = store.rowsOfEntrypoint();
    Incident.BACKFILL.happen(store.connection);
    Incident.BACKFILL.happen(store.connection);
    assertThat(store.rowsOfEntrypoint()).as("not refreshed yet").isEqualTo(before);
    store.refreshConcurrently();
    assertThat(store.rowsOfEntrypoint()).isNotEqualTo(before);

    Incident.BACKFILL.undo(store.connection);
    store.refreshConcurrently();
    assertThat(store.rowsOfEntrypoint()).isEqualTo(before);
  }

  @Test
  void redefinesTwoViewsAndTakesItBack() throws SQLException {
    String leaked =
        SurvivalStore.ENTRYPOINT + " where not img_within_sla and img__sharpness is not null";
    List<String> definitions = definitions();
    Map<String, String> before = store.rowsOfEntrypoint();
    Incident.REDEFINE.happen(store.connection);
    assertThat(store.count(leaked)).isPositive();
    assertThat(notImmutable()).contains("now");
    assertThat(store.rowsOfEntrypoint().keySet()).isEqualTo(before.keySet());

    Incident.REDEFINE.undo(store.connection);
    assertThat(definitions()).isEqualTo(definitions);
    assertThat(store.rowsOfEntrypoint()).isEqualTo(before);
  }

  @Test
  void callsNothingThatDependsOnTimeOrSession() throws SQLException {
    assertThat(notImmutable()).isEmpty();
  }

  @Test
  void isCreatedOnceAndDroppedWhole() throws SQLException {
    assertThatThrownBy(() -> SurvivalStore.create(store.connection, SMALL))
        .isInstanceOfSatisfying(
            SQLException.class, e -> assertThat(e.getSQLState()).isEqualTo("42P06"));
    Incident.BACKFILL.happen(store.connection);
    SurvivalStore.drop(store.connection);
    SurvivalStore.drop(store.connection);
    SurvivalStore.create(store.connection, SMALL);
    assertThat(store.count(SurvivalStore.ENTRYPOINT)).isPositive();
  }

  @Test
  void dropsNoSchemaOfSomebodyElse() throws SQLException {
    store.run("comment on schema ref is 'mine'");
    SurvivalStore.drop(store.connection);
    assertThat(store.count("pg_namespace where nspname in ('ml', 'ref', 'iPhone')")).isEqualTo(1);
  }

  @Test
  void guardsTheViewThatTrainingReads() throws SQLException {
    assertThatThrownBy(() -> SurvivalStore.createGuardedView(store.connection))
        .isInstanceOf(SQLException.class)
        .hasMessageContaining("refresher init");
    store.run(
        """
        create schema audit;
        create function audit.cert_guard(text, interval) returns boolean language plpgsql security definer
        as $$ begin raise exception 'not certified: %', $1; end $$
        """);
    SurvivalStore.createGuardedView(store.connection);
    store.run("set role ml_training");
    assertThatThrownBy(() -> store.count(SurvivalStore.GUARDED_VIEW))
        .hasMessageContaining("not certified: " + SurvivalStore.ENTRYPOINT);
    assertThatThrownBy(() -> store.count(SurvivalStore.ENTRYPOINT))
        .hasMessageContaining("permission denied");
  }

  private List<String> rowVersions() throws SQLException {
    List<String> versions = new ArrayList<>();
    for (List<String> views : List.of(StoreDatabase.BASE_VIEWS, StoreDatabase.T0_VIEWS)) {
      for (String view : views) {
        versions.addAll(
            store.texts("select '" + view + "' || xmin || ctid from " + view + " order by ctid"));
      }
    }
    return versions;
  }

  private List<String> definitions() throws SQLException {
    return store.texts(
        "select c.oid::regclass || pg_get_viewdef(c.oid) from pg_class c"
            + " where relnamespace = 'ml'::regnamespace and relkind in ('v', 'm') order by 1");
  }

  /**
   * Every function that is not immutable, of the closure's rule trees and of the functions that
   * these call.
   */
  private List<String> notImmutable() throws SQLException {
    return store.texts(
        """
        with recursive closure (id) as (
          select 'ml.survival_feature_store_t0_v1_v'::regclass::oid
          union
          select d.refobjid from closure join pg_rewrite r on r.ev_class = closure.id
          join pg_depend d on d.classid = 'pg_rewrite'::regclass and d.objid = r.oid
            and d.refclassid = 'pg_class'::regclass and d.refobjid <> closure.id
        ), tree (text) as (
          select r.ev_action::text from closure join pg_rewrite r on r.ev_class = closure.id
        ), called (id) as (
          select m[1]::oid from tree, regexp_matches(tree.text, ':(?:funcid|opfuncid|aggfnoid|winfnoid) (\\d+)', 'g') m
        )
        select proname from called join pg_proc p on p.oid = called.id where provolatile <> 'i'
        union
        select 'now' from called join pg_proc p on p.oid = called.id where prosrc like '%now()%'
        union
        select 'SQLVALUEFUNCTION' from tree where tree.text like '%SQLVALUEFUNCTION%'
        """);
  }
}
