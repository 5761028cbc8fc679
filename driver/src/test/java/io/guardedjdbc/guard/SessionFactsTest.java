package io.guardedjdbc.guard;

import static org.assertj.core.api.Assertions.assertThat;

import io.guardedjdbc.analysis.Analyzer;
import io.guardedjdbc.catalog.GuardMap;
import io.guardedjdbc.catalog.GuardMapLoad;
import io.guardedjdbc.catalog.GuardMapOptions;
import io.guardedjdbc.catalog.MapAge;
import io.guardedjdbc.catalog.Match;
import io.guardedjdbc.catalog.Registered;
import io.guardedjdbc.catalog.SharedGuardMap;
import io.guardedjdbc.testing.Postgres;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.Set;
import org.junit.jupiter.api.Test;

/** What was decided holds for the map that it was decided by, whatever another thread does. */
class SessionFactsTest {
  private static final String SQL = "select fresh()";

  private final SessionFacts facts = new SessionFacts(SQL, Analyzer.analyze(SQL, true), false);
  private final SessionMemory memory = new SessionMemory();

  private static GuardMap empty() throws SQLException {
    Postgres postgres = Postgres.shared();
    try (Connection connection = postgres.connect(postgres.createDatabase("facts"));
        Statement statement = connection.createStatement()) {
      statement.execute(
          "create schema audit; create table audit.t0_cert_registry(entrypoint text, status text)");
      SharedGuardMap shared =
          new SharedGuardMap(
              GuardMapOptions.DEFAULT,
              System::nanoTime,
              (nanos, reader) -> new Registered.Rows(Set.of(), nanos));
      GuardMapLoad load =
          shared.refreshIfChanged(reading -> reading.on(connection), MapAge.OF_KNOWN_NAMES);
      return ((GuardMapLoad.Loaded) load).map();
    }
  }

  @Test
  void aDecisionByAnOlderMapIsNotKeptForANewerOne() throws SQLException {
    GuardMap older = empty().withSessionNames(Set.of("fresh"), Match.NOTHING);
    GuardMap newer = older.withSessionNames(Set.of("fresh"), older.everything());
    Match harmless = facts.match(older, memory);
    facts.decided(harmless, Decision.PASS);
    assertThat(facts.decision(older)).isSameAs(Decision.PASS);
    assertThat(facts.match(newer, memory).guarded()).isTrue(); // by another thread
    facts.decided(harmless, Decision.PASS);
    assertThat(facts.decision(newer)).isNull();
  }
}
