package io.guardedjdbc.guard;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.guardedjdbc.catalog.GuardMapOptions;
import io.guardedjdbc.registry.RegistryName;
import io.guardedjdbc.testing.Postgres;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/**
 * What was defined elsewhere since the map was read, and what the map may not know because of it.
 */
class NewNamesTest {
  private static final GuardSettings SETTINGS =
      GuardSettings.of(GuardMapOptions.DEFAULT, RegistryName.DEFAULT, Duration.ofSeconds(5));

  private final Postgres postgres = Postgres.shared();
  private final PassingClock clock = new PassingClock();
  private final AtomicInteger opened = new AtomicInteger();
  private String database;
  private Connection raw;
  private SessionGuard guard;

  @BeforeEach
  void open() throws SQLException {
    database = postgres.createDatabase("names");
    raw = postgres.connect(database);
    elsewhere(
        """
        create schema audit; create schema ml;
        create table audit.t0_cert_registry(entrypoint text primary key, status text,
          certified_at timestamptz default now());
        create table ml.raw(id int, day date);
        create materialized view ml.features_mv as select * from ml.raw;
        create view ml.store as select * from ml.features_mv;
        insert into audit.t0_cert_registry(entrypoint, status) values ('ml.store', 'CERTIFIED');
        """);
    guard =
        SharedServer.guard(
            new SharedServer.Key(database, SETTINGS),
            raw,
            () -> {
              opened.incrementAndGet();
              return postgres.connect(database);
            },
            clock);
  }

  @AfterEach
  void close() throws SQLException {
    guard.closed();
    raw.close();
  }

  private void elsewhere(String sql) throws SQLException {
    try (Connection other = postgres.connect(database);
        Statement statement = other.createStatement()) {
      statement.execute(sql);
    }
  }

  @Test
  void aFunctionInAttributeNotationIsFoundBeforeTheLeaseEnds() throws SQLException {
    guard.prepare("select r.id from ml.raw r");
    elsewhere(
        "create function ml.peek(ml.raw) returns bigint language sql"
            + " as 'select count(*) from ml.features_mv'");
    clock.pass(Duration.ofSeconds(2));
    guard.prepare("select r.id from ml.raw r where r.id > 1");
    assertThatThrownBy(() -> guard.prepare("select r.peek from ml.raw r"))
        .hasMessageContaining("[RG201]");
    assertThat(opened).hasValue(1);
  }
}
