package io.guardedjdbc.refresher.proof;

import static org.assertj.core.api.Assertions.assertThat;

import io.guardedjdbc.testing.Postgres;
import java.io.IOException;
import java.nio.file.Path;
import java.sql.SQLException;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.TestReporter;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** The short form of the checker: nothing is broken, or one protection is and is missed. */
class ProofTest {
  private static final boolean WHOLE = Boolean.getBoolean("guarded.proof");
  private static final long SEED = Long.getLong("guarded.proof.seed", 20261123);
  private static final int READERS = 12;
  private static final Report REPORT = new Report();
  private static final Map<Integer, String> TEMPLATES = new HashMap<>();

  @ParameterizedTest(name = "PostgreSQL {0}")
  @MethodSource("majors")
  void nothingUncertifiedGetsOut(int major, TestReporter reporter, @TempDir Path folder)
      throws SQLException, IOException {
    if (WHOLE) {
      try (Standby servers = Standby.built(major, folder.resolve("standby"))) {
        nothingGetsOut(major, servers.onPrimary(), servers, reporter);
      }
    } else {
      nothingGetsOut(major, store(Postgres.shared(major)), null, reporter);
    }
  }

  private static void nothingGetsOut(
      int major, ProofStore store, @Nullable Standby standby, TestReporter reporter)
      throws SQLException, IOException {
    Duration longest = seconds("guarded.proof.seconds", 8);
    try (Wire wire = new Wire(store.port());
        Checker checker = new Checker(store, wire, standby, WHOLE, SEED, READERS)) {
      Checker.Found found = checker.run(longest);
      reporter.publishEntry("whole", found.toString());
      REPORT.nothingBroken("PostgreSQL " + major, found);
      assertThat(found.violations()).isEmpty();
      assertThat(found.reads()).isPositive();
      if (WHOLE) {
        assertThat(found.tally().of(Tally.Of.WAY)).hasSize(Way.values().length);
        assertThat(found.tally().of(Tally.Of.READER)).hasSize(Reader.Kind.values().length);
        assertThat(found.tally().of(Tally.Of.LEVEL)).hasSize(4);
      }
    }
  }

  static List<Integer> majors() {
    return WHOLE ? List.of(18, 14) : List.of(Postgres.shared().major());
  }

  static List<Mutant> mutants() {
    return Stream.of(Mutant.values()).filter(mutant -> WHOLE || mutant.quick()).toList();
  }

  @ParameterizedTest
  @MethodSource("mutants")
  void aBrokenProtectionIsMissed(Mutant mutant, TestReporter reporter, @TempDir Path folder)
      throws SQLException, IOException {
    Duration longest = seconds("guarded.proof.mutant.seconds", WHOLE ? 180 : 60);
    Checker.Found found;
    if (mutant.needsStandby()) {
      try (Standby servers = Standby.built(18, folder.resolve("standby"));
          Checker checker = Checker.across(servers, SEED, mutant, 6)) {
        found = checker.run(longest);
      }
    } else {
      try (Checker checker = new Checker(store(Postgres.shared()), SEED, mutant, 6)) {
        found = checker.run(longest);
      }
    }
    reporter.publishEntry(mutant.name(), found.toString());
    REPORT.mutant(mutant, found);
    assertThat(found.violations()).as(found.toString()).isNotEmpty();
  }

  private static Duration seconds(String property, long otherwise) {
    return Duration.ofSeconds(Long.getLong(property, otherwise));
  }

  private static synchronized ProofStore store(Postgres server) throws SQLException {
    String template = TEMPLATES.get(server.major());
    if (template == null) {
      template = server.createDatabase("proof_template");
      ProofStore.in(server.url(template));
      TEMPLATES.put(server.major(), template);
    }
    return new ProofStore(server.url(server.createDatabase("proof", template)));
  }
}
