package io.guardedjdbc.refresher.config;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import io.guardedjdbc.refresher.exit.ExitCode;
import io.guardedjdbc.refresher.exit.Failure;
import io.guardedjdbc.refresher.testing.Shop;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class StoreFileTest {
  private static final String GOOD =
      """
      store: shop
      entrypoint: shop.features_v
      key: [order_no]
      anchor: placed_at
      gates:
        definition-drift:
      """;

  @Test
  void readsTheStoreOfTheTests() {
    StoreConfig shop = StoreFile.parse("shop.yaml", Shop.resource("shop/shop.yaml"));
    assertThat(shop.store()).isEqualTo("shop");
    assertThat(shop.maxAge()).isEqualTo(Duration.ofHours(24));
    assertThat(shop.lease()).isEqualTo(Duration.ofSeconds(10));
    assertThat(shop.key()).containsExactly("order_no");
    assertThat(shop.timeZone()).isEqualTo("UTC");
    assertThat(shop.gates()).hasSize(5);
    assertThat(shop.sqlSteps()).singleElement().extracting(SqlStep::target).isEqualTo("shop.rates");
  }

  @Test
  void readsTheSampleStore() {
    Path sample = Path.of("../examples/src/main/resources/survival/survival.yaml");
    StoreConfig survival = StoreFile.read(sample);
    assertThat(survival.procedures()).isEqualTo("survival_v1");
    assertThat(survival.forbidden()).hasSizeGreaterThan(5);
  }

  @Test
  void fillsInWhatIsNotSaid() {
    StoreConfig store = StoreFile.parse("s.yaml", GOOD);
    assertThat(store.procedures()).isEqualTo("shop");
    assertThat(store.publish()).isEqualTo("atomic");
    assertThat(store.closure()).isEqualTo("deny");
  }

  @Test
  void tellsAllComplaintsAtOnceWithTheirLines() {
    assertThat(
            complaints(
                """
                store: Shop Of Mine
                entrypoint: features_v
                maxage: 24h
                lease: soon
                key: []
                anchor: placed_at
                forbidden:
                  - pattern: shop.returns_v
                    raeson: late
                gates:
                  dataset-hash:
                    days: [30, -1, x]
                  dataset-hsh: {}
                  sla-leakage:
                    flag: in_time
                    prefixes: [late__]
                    severity: fatal
                """))
        .satisfiesExactly(
            line -> assertThat(line).startsWith("s.yaml:1: 'store' is 'Shop Of Mine'"),
            line -> assertThat(line).startsWith("s.yaml:2: 'entrypoint' is 'features_v'; expected"),
            line ->
                assertThat(line)
                    .isEqualTo("s.yaml:3: 'maxage' is no known key; did you mean 'max_age'?"),
            line ->
                assertThat(line)
                    .startsWith("s.yaml:4: 'lease' is 'soon'; expected a duration like 24h"),
            line -> assertThat(line).isEqualTo("s.yaml:5: 'key' must name at least one"),
            line -> assertThat(line).isEqualTo("s.yaml:8: 'forbidden[1].reason' is missing"),
            line ->
                assertThat(line)
                    .startsWith(
                        "s.yaml:9: 'forbidden[1].raeson' is no known key; did you mean 'reason'?"),
            line -> assertThat(line).startsWith("s.yaml:12: 'gates.dataset-hash.days' has '-1'"),
            line -> assertThat(line).startsWith("s.yaml:12: 'gates.dataset-hash.days' has 'x'"),
            line ->
                assertThat(line)
                    .isEqualTo(
                        "s.yaml:13: 'gates.dataset-hsh' is no known key; did you mean 'dataset-hash'?"),
            line ->
                assertThat(line)
                    .startsWith(
                        "s.yaml:17: 'gates.sla-leakage.severity' is 'fatal'; expected one of block, warn"),
            line -> assertThat(line).isEqualTo("s.yaml: 11 complaints, nothing was done"));
  }

  @Test
  void namesWhatIsMissing() {
    assertThat(complaints("lease: 10s\n"))
        .contains(
            "s.yaml:1: 'store' is missing",
            "s.yaml:1: 'entrypoint' is missing",
            "s.yaml:1: 'key' is missing",
            "s.yaml:1: 'anchor' is missing",
            "s.yaml:1: 'gates' is missing");
  }

  @Test
  void refusesWhatIsNestedDeeperThanAnyStore() {
    assertThat(complaints("store: " + "[".repeat(5_000) + "]".repeat(5_000)))
        .containsExactly(
            "s.yaml:1: not YAML: more than 50 levels deep",
            "s.yaml: 1 complaint, nothing was done");
  }

  @Test
  void tellsWhatAListShouldHoldWithoutGuessingItsKeys() {
    assertThat(complaints(GOOD + "sql_steps: 5\n"))
        .contains("s.yaml:7: 'sql_steps' expects a list of entries, each with keys of its own");
  }

  @Test
  void saysWhatIsWrongWithAFileThatIsNone() throws IOException {
    Path folder = Files.createTempDirectory("store.yaml");
    assertThat(catchThrowableOfType(Failure.class, () -> StoreFile.read(folder)))
        .hasMessage(folder + " is a folder; name a store's file in it");
    Path latin = Files.write(folder.resolve("s.yaml"), new byte[] {'a', (byte) 0xff});
    assertThat(catchThrowableOfType(Failure.class, () -> StoreFile.read(latin)))
        .hasMessage(latin + " is not UTF-8; save it as UTF-8. Nothing was done");
  }

  @Test
  void refusesAKeyThatIsThereTwice() {
    assertThat(complaints(GOOD + "anchor: other\n"))
        .contains("s.yaml:7: key 'anchor' is there twice");
  }

  @Test
  void refusesAWarnAgeBehindTheMaximum() {
    assertThat(complaints(GOOD + "max_age: 1h\nwarn_age: 2h\n"))
        .anyMatch(line -> line.startsWith("s.yaml:8: 'warn_age' is longer than max_age"));
  }

  @Test
  void refusesAnOffsetAsTimeZone() {
    assertThat(complaints(GOOD + "time_zone: '+02:00'\n"))
        .anyMatch(line -> line.contains("'time_zone' is '+02:00'; expected a time zone like UTC"));
  }

  @Test
  void refusesAStepThatCommits() {
    assertThat(complaints(GOOD + step("DELETE FROM shop.rates; COMMIT")))
        .anyMatch(line -> line.contains("COMMIT can't be part of a run's transaction"));
    assertThat(
            StoreFile.parse("s.yaml", GOOD + step("DELETE FROM shop.rates -- commit")).sqlSteps())
        .hasSize(1);
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "VACUUM shop.rates | VACUUM",
        "DO $$ BEGIN VACUUM shop.rates; END $$ | VACUUM",
        "CREATE UNIQUE INDEX CONCURRENTLY i ON shop.rates (a) | CREATE UNIQUE INDEX CONCURRENTLY",
        "drop index concurrently if exists shop.i | drop index concurrently",
        "REINDEX (VERBOSE) TABLE CONCURRENTLY shop.rates | REINDEX (VERBOSE) TABLE CONCURRENTLY",
        "REINDEX DATABASE shop | REINDEX DATABASE",
        "DELETE FROM shop.rates; CLUSTER; | CLUSTER",
        "ALTER SYSTEM SET work_mem = '1GB' | ALTER SYSTEM",
        "ALTER TABLE shop.rates DETACH PARTITION shop.old CONCURRENTLY | ALTER TABLE shop.rates DETACH PARTITION shop.old CONCURRENTLY",
        "CREATE DATABASE x | CREATE DATABASE"
      })
  void refusesAStepThatNoTransactionCanHold(String sql, String what) {
    assertThat(complaints(GOOD + step(sql)))
        .first()
        .asString()
        .startsWith(
            "s.yaml:8: 'sql_steps[1].sql' is not allowed: " + what + " can't be part of a run's");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "CREATE INDEX i ON shop.rates (a)",
        "REINDEX TABLE shop.rates",
        "DO $$ BEGIN DELETE FROM shop.rates; END $$",
        "CLUSTER shop.rates",
        "INSERT INTO shop.rates SELECT 'CREATE INDEX CONCURRENTLY; VACUUM', vacuum FROM shop.x",
        "ALTER TABLE shop.rates DETACH PARTITION shop.old",
        "REFRESH MATERIALIZED VIEW CONCURRENTLY shop.extra_mv"
      })
  void allowsAStepThatATransactionCanHold(String sql) {
    assertThat(StoreFile.parse("s.yaml", GOOD + step(sql)).sqlSteps()).hasSize(1);
  }

  @Test
  void tellsWhereTheTextIsNotYaml() {
    assertThat(complaints("store: [a\nentrypoint: b\n"))
        .anyMatch(line -> line.startsWith("s.yaml:2: not YAML"));
    assertThat(complaints("")).anyMatch(line -> line.startsWith("s.yaml:1: the file is empty"));
    assertThat(complaints("- a\n- b\n"))
        .anyMatch(line -> line.startsWith("s.yaml:1: expected keys and values"));
    assertThat(complaints("a: &x [*x]\n")).isNotEmpty();
  }

  @Test
  void theSameConfigurationHasTheSameDigest() {
    PolicyDocument first = PolicyDocument.of(StoreFile.parse("a.yaml", GOOD));
    PolicyDocument same = PolicyDocument.of(StoreFile.parse("b.yaml", "# a comment\n" + GOOD));
    PolicyDocument other = PolicyDocument.of(StoreFile.parse("c.yaml", GOOD + "lease: 5s\n"));
    assertThat(same).isEqualTo(first);
    assertThat(other.digest()).isNotEqualTo(first.digest());
  }

  private static String step(String sql) {
    return "sql_steps:\n  - {name: a, target: shop.rates, sql: \"" + sql + "\"}\n";
  }

  private static List<String> complaints(String yaml) {
    Failure failure = catchThrowableOfType(Failure.class, () -> StoreFile.parse("s.yaml", yaml));
    assertThat(failure.exitCode()).isEqualTo(ExitCode.USAGE);
    return failure.lines();
  }
}
