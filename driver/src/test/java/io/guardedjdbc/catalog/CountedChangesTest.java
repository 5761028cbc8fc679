package io.guardedjdbc.catalog;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.concurrent.atomic.AtomicLong;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The seal's counter tells of a definition before any lease has run out. */
@Tag("postgres14")
class CountedChangesTest {
  private static final String TRIGGERS =
      """
      create event trigger guard_seal_ddl on ddl_command_end execute function audit.on_sealed_ddl();
      alter event trigger guard_seal_ddl enable always;
      create event trigger guard_seal_drop on sql_drop execute function audit.on_sealed_drop();
      alter event trigger guard_seal_drop enable always;
      """;

  private static TestDatabase database;

  private final AtomicLong clock = new AtomicLong();
  private SharedGuardMap shared;
  private GuardMap first;

  @BeforeAll
  static void create() throws Exception {
    database = new TestDatabase("create schema ml; create schema if not exists audit");
    for (Path migration : AuditSchemaTest.migrations()) {
      database.execute(Files.readString(migration));
    }
    database.execute(TestDatabase.STORE);
    database.execute(TRIGGERS);
  }

  @AfterAll
  static void close() throws SQLException {
    database.close();
  }

  @BeforeEach
  void load() throws SQLException {
    shared = new SharedGuardMap(GuardMapOptions.DEFAULT, clock::get, database::registered);
    first = map(MapAge.OF_KNOWN_NAMES);
    clock.incrementAndGet();
  }

  private GuardMap map(MapAge age) throws SQLException {
    GuardMap confirmed = shared.confirmed(clock.get(), age);
    if (confirmed != null) {
      return confirmed;
    }
    GuardMapLoad load = shared.refreshIfChanged(reading -> reading.on(database.connection), age);
    assertThat(load).isInstanceOf(GuardMapLoad.Loaded.class);
    return ((GuardMapLoad.Loaded) load).map();
  }

  private static @Nullable String changes() throws SQLException {
    return CatalogState.readChanges(database.connection, database.map().source());
  }

  @Test
  void aNewNameAsksTheCounterEachTime() throws SQLException {
    assertThat(map(MapAge.OF_NEW_NAMES)).isSameAs(first);
    database.execute("create view ml.peek as select * from ml.store");
    clock.incrementAndGet();
    assertThat(map(MapAge.OF_KNOWN_NAMES)).isSameAs(first);
    GuardMap second = map(MapAge.OF_NEW_NAMES);
    assertThat(second.version()).isGreaterThan(first.version());
    database.execute("drop view ml.peek");
    clock.incrementAndGet();
    assertThat(map(MapAge.OF_NEW_NAMES).version()).isGreaterThan(second.version());
  }

  @Test
  void aKnownNameAsksItOnceASecond() throws SQLException {
    database.execute("create or replace view ml.train as select id, day from ml.store");
    assertThat(map(MapAge.OF_KNOWN_NAMES)).isSameAs(first);
    clock.addAndGet(1_000_000_000L);
    assertThat(map(MapAge.OF_KNOWN_NAMES)).isNotSameAs(first);
  }

  @Test
  void aChangeCountsWithItsCommitAndNotBefore() throws SQLException {
    try (Connection other = database.postgres.connect(database.name)) {
      other.setAutoCommit(false);
      other.createStatement().execute("create view ml.later as select * from ml.store");
      assertThat(map(MapAge.OF_NEW_NAMES)).isSameAs(first);
      other.commit();
      clock.incrementAndGet();
      assertThat(map(MapAge.OF_NEW_NAMES)).isNotSameAs(first);
    }
    database.execute("drop view ml.later");
  }

  @Test
  void whereTheTriggersAreOffNobodyCounts() throws SQLException {
    String before = changes();
    database.execute("alter event trigger guard_seal_ddl disable");
    assertThat(changes()).isNull();
    database.execute("alter event trigger guard_seal_ddl enable always");
    assertThat(changes()).isNotNull().isNotEqualTo(before);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "create temporary table t as select 1 i; drop table t",
        "create index on ml.raw (day)",
        "refresh materialized view ml.features_mv",
        "comment on view ml.store is 'x'",
        "insert into ml.raw values (1, now())"
      })
  void whatLeadsNowhereIsNotCounted(String sql) throws SQLException {
    String before = changes();
    database.execute(sql);
    assertThat(changes()).isEqualTo(before);
  }
}
