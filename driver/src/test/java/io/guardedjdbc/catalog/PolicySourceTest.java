package io.guardedjdbc.catalog;

import static org.assertj.core.api.Assertions.assertThat;

import java.sql.Connection;
import java.sql.SQLException;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** By which ways entrypoints and policies are read, and what happens when none is open. */
@Tag("postgres14")
class PolicySourceTest {
  private static final String POLICY_TABLES =
      """
      create table audit.entrypoint_policy(entrypoint text primary key, store text, closure text);
      create table audit.relation_rule(store text, rule text, pattern text, reason text);
      insert into audit.entrypoint_policy values ('ml.store', 'demo', 'guard');
      insert into audit.relation_rule values
        ('demo', 'refused', 'ml.legacy_*', 'uses CURRENT_DATE'),
        ('demo', 'forbidden', 'ml.raw', 'raw'),
        ('demo', 'alias', 'ml.train', null),
        ('demo', 'safe_function', 'ml.dyn*', 'reads the time only');
      create table ml.legacy_1(i int);
      create view ml.other_top as select * from ml.store;
      create function ml.dynamic() returns int language plpgsql
        as $$ begin execute 'select 1'; return 1; end $$;
      """;

  private static final String READERS =
      """
      create function audit.guard_policy() returns table(entrypoint text, store text, closure text,
          rule text, pattern text, reason text) security definer language sql
        set search_path = pg_catalog, pg_temp as $$
          select p.entrypoint, p.store, p.closure, null, null, null from audit.entrypoint_policy p
          union all select p.entrypoint, r.store, p.closure, r.rule, r.pattern, r.reason
          from audit.relation_rule r join audit.entrypoint_policy p using (store) $$;
      create function audit.certificate_look() returns table(entrypoint text, status text)
        security definer language sql set search_path = pg_catalog, pg_temp
        as 'select entrypoint, status from audit.t0_cert_registry';
      """;

  private TestDatabase database;
  private String role;

  @BeforeEach
  void create() throws SQLException {
    database = new TestDatabase(TestDatabase.RUNBOOK, TestDatabase.STORE);
    role = "training_" + database.name;
    database.execute("create role " + role + " login");
  }

  @AfterEach
  void close() throws SQLException {
    database.execute("drop owned by " + role + "; drop role " + role);
    database.close();
  }

  private GuardMapLoad loadAsTraining() throws SQLException {
    try (Connection connection = database.postgres.connect(database.name, role)) {
      return GuardMapLoader.load(connection, GuardMapOptions.DEFAULT, 1);
    }
  }

  private void assertMissing(String grant) throws SQLException {
    GuardMapLoad load = loadAsTraining();
    assertThat(load).isInstanceOf(GuardMapLoad.Unreadable.class);
    GuardMapLoad.Unreadable unreadable = (GuardMapLoad.Unreadable) load;
    assertThat(unreadable.grantMissing()).isTrue();
    assertThat(unreadable.advice()).isEqualTo("GRANT " + grant);
  }

  private GuardMap mapAsTraining() throws SQLException {
    GuardMapLoad load = loadAsTraining();
    assertThat(load).isInstanceOf(GuardMapLoad.Loaded.class);
    return ((GuardMapLoad.Loaded) load).map();
  }

  private static void assertPolicyIsRead(GuardMap map) {
    assertThat(TestDatabase.touched(map, "select * from ml.features_mv").entrypoints())
        .containsExactly("ml.store");
    assertThat(TestDatabase.touched(map, "select * from ml.features_mv").refused()).isEmpty();
    assertThat(TestDatabase.touched(map, "select * from ml.legacy_1").refused())
        .extracting(Refused::reason)
        .containsExactly("refused by the policy of store demo: uses CURRENT_DATE");
    assertThat(TestDatabase.touched(map, "select * from ml.raw").guarded()).isFalse();
    assertThat(TestDatabase.touched(map, "select * from ml.train").refused()).isEmpty();
    assertThat(TestDatabase.touched(map, "select * from ml.other_top").refused())
        .extracting(Refused::kind)
        .containsExactly(Refused.Kind.NOT_AN_ALIAS);
    assertThat(TestDatabase.touched(map, "select ml.dynamic()").guarded()).isFalse();
  }

  @Test
  void namesTheGrantsThatTheRunbooksDatabaseNeedsOneAfterTheOther() throws SQLException {
    assertMissing("USAGE ON SCHEMA audit");
    database.execute("grant usage on schema audit to " + role);
    assertMissing("SELECT ON audit.t0_viewdef_baseline");
    database.execute("grant select on audit.t0_viewdef_baseline to " + role);
    assertMissing("SELECT ON audit.t0_cert_registry");
    database.execute("grant select (entrypoint, status) on audit.t0_cert_registry to " + role);
    GuardMap map = mapAsTraining();
    assertThat(TestDatabase.touched(map, "select * from ml.store").entrypoints())
        .containsExactly("ml.store");
    assertThat(TestDatabase.touched(map, "select * from ml.features_mv").refused()).hasSize(1);
  }

  @Test
  void readsPoliciesFromTheirTables() throws SQLException {
    database.execute(POLICY_TABLES);
    assertPolicyIsRead(database.map());
  }

  @Test
  void readsPoliciesThroughOurFunctionsWithoutAnyGrantOnTables() throws SQLException {
    database.execute(POLICY_TABLES);
    database.execute(READERS);
    database.execute("grant usage on schema audit to " + role);
    assertPolicyIsRead(mapAsTraining());
  }

  @Test
  void doesNotTakeAFunctionOfAnotherOwnerForOurs() throws SQLException {
    database.execute(POLICY_TABLES);
    database.execute(READERS);
    database.execute(
        "grant usage, create on schema audit to "
            + role
            + "; alter function audit.guard_policy() owner to "
            + role);
    assertMissing("SELECT ON audit.entrypoint_policy");
  }

  @Test
  void readsARegistryOfAnotherNameAndSchema() throws SQLException {
    database.execute(
        "create schema \"My Audit\"; create table \"My Audit\".\"Reg\"(entrypoint text);"
            + "insert into \"My Audit\".\"Reg\" values ('ml.raw')");
    GuardMap map =
        database.map(
            new GuardMapOptions(new RelationName("My Audit", "Reg"), List.of(), List.of(), null));
    assertThat(map.entrypoints()).containsExactly("ml.raw");
  }

  @Test
  void aDatabaseWithoutRegistryIsNotReadableUnlessEntrypointsAreGiven() throws SQLException {
    database.execute("drop schema audit cascade");
    assertThat(GuardMapLoader.load(database.connection, GuardMapOptions.DEFAULT, 1))
        .isInstanceOfSatisfying(
            GuardMapLoad.Unreadable.class, it -> assertThat(it.grantMissing()).isFalse());
    GuardMap map =
        database.map(
            new GuardMapOptions(
                GuardMapOptions.DEFAULT.registry(), List.of("ml.store"), List.of(), null));
    assertThat(TestDatabase.touched(map, "table ml.train").entrypoints())
        .containsExactly("ml.store");
  }

  @Test
  void rowSecurityOnTheRegistryIsNoEmptyRegistry() throws SQLException {
    database.execute(
        "grant usage on schema audit to "
            + role
            + "; grant select on all tables in schema audit to "
            + role
            + "; alter table audit.t0_cert_registry enable row level security");
    assertThat(loadAsTraining()).isInstanceOf(GuardMapLoad.Unreadable.class);
  }

  @Test
  void ourOwnFunctionsAndTheRegistryAreExemptByNameAndOwner() throws SQLException {
    database.execute(
        """
        create function audit.require_certified_strict(text, interval) returns void
          language plpgsql as $$ begin execute 'select * from ml.store'; end $$;
        create function audit.gate_dataset_hash(text) returns setof text stable language sql
          as 'select id::text from ml.store';
        create function audit.certificate_dump() returns void
          language plpgsql as $$ begin execute 'select 1'; end $$;
        create function ml.cert_guard() returns void
          language plpgsql as $$ begin execute 'select 1'; end $$;
        create view ml.guarded_train as select s.* from ml.store s
          where audit.require_certified_strict('ml.store', '24 h') is null;
        """);
    GuardMap map = database.map();
    assertThat(
            TestDatabase.touched(
                    map, "select audit.require_certified_strict('ml.store', interval '24 hours')")
                .guarded())
        .isFalse();
    assertThat(TestDatabase.touched(map, "select audit.gate_dataset_hash('s')").guarded())
        .isFalse();
    assertThat(TestDatabase.touched(map, "select * from audit.t0_cert_registry").guarded())
        .isFalse();
    Match train = TestDatabase.touched(map, "select * from ml.guarded_train");
    assertThat(train.entrypoints()).containsExactly("ml.store");
    assertThat(train.touchesEverything()).isFalse();
    assertThat(train.throughVolatileFunction()).isFalse();
    assertThat(TestDatabase.touched(map, "select audit.certificate_dump()").touchesEverything())
        .isTrue();
    assertThat(TestDatabase.touched(map, "select ml.cert_guard()").touchesEverything()).isTrue();
    database.execute(
        "grant create on schema audit to "
            + role
            + "; alter function audit.gate_dataset_hash(text) owner to "
            + role);
    assertThat(database.touched("select audit.gate_dataset_hash('s')").entrypoints())
        .containsExactly("ml.store");
  }

  @Test
  void aHostileSearchPathChangesNothing() throws SQLException {
    database.execute(POLICY_TABLES);
    GuardMap before = database.map();
    database.execute(
        """
        create schema evil;
        create function evil.eq(text, text) returns boolean language sql as 'select false';
        create operator evil.= (leftarg = text, rightarg = text, function = evil.eq);
        create function evil.eq(name, name) returns boolean language sql as 'select false';
        create operator evil.= (leftarg = name, rightarg = name, function = evil.eq);
        create function evil.eq(oid, oid) returns boolean language sql as 'select false';
        create operator evil.= (leftarg = oid, rightarg = oid, function = evil.eq);
        create function evil.eq("char", "char") returns boolean language sql as 'select false';
        create operator evil.= (leftarg = "char", rightarg = "char", function = evil.eq);
        create operator evil.<> (leftarg = "char", rightarg = "char", function = evil.eq);
        create operator evil.>= (leftarg = oid, rightarg = oid, function = evil.eq);
        create operator evil.~ (leftarg = text, rightarg = text, function = evil.eq);
        create function evil.concat(variadic "any") returns text language internal as 'text_concat';
        create function evil.count() returns bigint language sql as 'select 0::bigint';
        create view evil.pg_class as select * from pg_catalog.pg_class where false;
        create domain evil.text as pg_catalog.int4;
        create domain evil.name as pg_catalog.int4;
        create domain evil.regclass as pg_catalog.int4;
        create schema plain;
        """);
    GuardMap calm = database.map();
    database.execute("set search_path = evil, pg_catalog");
    GuardMap hostile = database.map();
    assertThat(hostile.digest()).isEqualTo(calm.digest());
    assertThat(hostile.names()).isEqualTo(calm.names());
    assertThat(before.digest()).isNotEqualTo(calm.digest());
    assertPolicyIsRead(hostile);
  }
}
