package io.guardedjdbc.examples.stores;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.guardedjdbc.error.GuardRefusal;
import io.guardedjdbc.examples.stores.ConfiguredStore.Answer;
import java.io.IOException;
import java.nio.file.Path;
import java.sql.SQLException;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A small store of a third kind: quoted names, a composite key, a table between two views. */
@Tag("postgres14")
class WardStoreTest {
  private static final String ALL = "SELECT * FROM \"Ward 7\".\"Features @T0\" ORDER BY 1, 2";
  private static final String STEP_READS =
      "SELECT d.\"Bed\", d.day, sum(b.total) / sum(b.readings)";

  @TempDir static Path directory;

  @SuppressWarnings("NullAway.Init")
  private static ConfiguredStore original;

  @SuppressWarnings("NullAway.Init")
  private static List<String> certified;

  @SuppressWarnings("NullAway.Init")
  private ConfiguredStore store;

  @BeforeAll
  static void certify() throws SQLException, IOException {
    original = new ConfiguredStore("ward");
    original.sql("1_create.sql");
    assertThat(original.init(directory, original.text("ward.yaml")).code()).isZero();
    assertThat(original.approveBaselines("ward_7").code()).isZero();
    Answer first = original.refresher("run", "ward_7");
    assertThat(first.text())
        .contains("CERTIFIED", "usual pulse of the week before 2400 rows written");
    assertThat(first.code()).isZero();
    certified = original.rows(ALL);
    assertThat(certified).hasSize(4_800);
  }

  @BeforeEach
  void copy() throws SQLException {
    store = original.copy();
    readersGet(certified);
  }

  @AfterEach
  void close() throws SQLException {
    store.close();
  }

  @Test
  void rebuildsTheTableBetweenTheViews() throws SQLException {
    store.sql("later.sql");
    run(0, "4,848 rows", "2412 rows written");
    List<String> now = store.rows(ALL);
    assertThat(now).hasSize(4_848).containsAll(certified);
    assertThat(now.get(now.size() - 1))
        .startsWith("bed 9|2026-04-11 ")
        .doesNotContain("|null|none");
    readersGet(now);
  }

  @Test
  void letsReadersHaveLabelsButNeitherPartsNorRefusedTables() throws SQLException {
    assertThat(store.guardedRows("SELECT * FROM icu.\"Outcome: alarm\"")).hasSize(4_800);
    refused("RG201", "SELECT * FROM icu.\"Scores\"");
    refused("RG201", "SELECT * FROM \"Ward 7\".\"Clean.Readings\"");
    refused("RG202", "SELECT * FROM \"Ward 7\".\"Lab results\"");
  }

  @Test
  void keepsReadersOnCertifiedRowsThroughABackfill() throws SQLException {
    store.sql("backfill.sql");
    run(1, "dataset-hash", "2026-02-10: \"SpO2 %\" in 4 rows", "bed 3");
    readersGet(certified);
    store.sql("backfill_undo.sql");
    run(0, "CERTIFIED");
    readersGet(certified);
  }

  @Test
  void findsTheColumnThatLostItsGate() throws SQLException {
    store.sql("late_lab.sql");
    run(1, "sla-leakage", "\"lab_Na+\" has a value in", "definition-drift");
    refused("RG101", ALL);
    store.sql("late_lab_undo.sql");
    run(0, "CERTIFIED");
    readersGet(certified);
  }

  @Test
  void findsALabelThatComesInThroughTheTable() throws SQLException, IOException {
    configure(
        STEP_READS,
        "SELECT d.\"Bed\", d.day, sum(b.total) / sum(b.readings)"
            + " + (SELECT count(*) FROM icu.\"Outcome: alarm\" o WHERE o.\"Bed\" = d.\"Bed\" AND o.alarm)");
    run(
        1,
        "forbidden-dependency",
        "\"Ward 7\".\"Features @T0\" → icu.\"Scores\" → \"Ward 7\".\"Usual pulse\" → icu.\"Outcome: alarm\"",
        "definition-drift");
    refused("RG101", ALL);
    configure(STEP_READS, STEP_READS);
    run(0, "CERTIFIED");
    readersGet(certified);
  }

  @Test
  void findsALabelEvenInAViewThatCantBeRefreshed() throws SQLException {
    store.sql("leak.sql");
    run(1, "forbidden-dependency", "\"Ward 7\".\"Features @T0\" → icu.\"Outcome: counted\"");
    refused("RG101", ALL);
  }

  @Test
  void findsTheClockInTheStepThatFillsTheTable() throws SQLException, IOException {
    configure("GROUP BY d.\"Bed\", d.day", "WHERE d.day < now() GROUP BY d.\"Bed\", d.day");
    run(1, "\"Ward 7\".\"Usual pulse\" depends on the time of the query: now()");
    refused("RG101", ALL);
  }

  private void configure(String sql, String other) throws IOException {
    String yaml = store.text("ward.yaml");
    assertThat(yaml).contains(sql);
    assertThat(store.init(directory, yaml.replace(sql, other)).code()).isZero();
  }

  private void run(int code, String... said) {
    Answer answer = store.refresher("run", "ward_7");
    assertThat(answer.text()).contains(said);
    assertThat(answer.code()).as(answer.text()).isEqualTo(code);
  }

  private void readersGet(List<String> rows) throws SQLException {
    assertThat(store.guardedRows(ALL)).isEqualTo(rows);
  }

  private void refused(String state, String sql) {
    assertThatThrownBy(() -> store.guardedRows(sql))
        .isInstanceOf(GuardRefusal.class)
        .hasMessageContaining("\"Ward 7\".")
        .isInstanceOfSatisfying(
            SQLException.class, e -> assertThat(e.getSQLState()).isEqualTo(state));
  }
}
