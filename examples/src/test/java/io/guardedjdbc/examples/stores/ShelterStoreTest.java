package io.guardedjdbc.examples.stores;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.guardedjdbc.error.GuardRefusal;
import java.io.IOException;
import java.io.Reader;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.SQLException;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.postgresql.PGConnection;

/** Real records of an animal shelter: another domain, and dirt that nobody here has made. */
class ShelterStoreTest {
  private static final Path RECORDS =
      Path.of(System.getProperty("guarded.shared", "../shared"), "data", "longbeach_shelter.csv");
  private static final String FEATURES =
      "SELECT * FROM shelter.intake_features_v WHERE intake_date <= DATE '2024-01-01' ORDER BY 1, 2, 3";

  @TempDir Path directory;

  @Test
  void isRefreshedCertifiedAndReadByConfigurationAlone() throws SQLException, IOException {
    try (ConfiguredStore store = filled()) {
      store.sql("3_views.sql");
      assertThat(store.init(directory, store.text("shelter.yaml")).code()).isZero();
      assertThat(store.approveBaselines("shelter").code()).isZero();
      ConfiguredStore.Answer first = store.refresher("run", "shelter");
      assertThat(first.text()).contains("CERTIFIED", "refresh shelter.intake_mv", "3 days");
      assertThat(first.code()).isZero();

      List<String> certified = store.rows("SELECT * FROM shelter.training_v ORDER BY 1, 2, 3");
      assertThat(certified).hasSizeBetween(29_700, 29_787).doesNotHaveDuplicates();
      readersGet(store, certified);
      readersMayReadLabelsButNoPartOfTheStore(store);

      store.sql("backfill.sql");
      ConfiguredStore.Answer backfilled = store.refresher("run", "shelter");
      assertThat(backfilled.text())
          .contains("dataset-hash", "2024-01-01: intake_condition in ", "regraded: ")
          .doesNotContain("2024-12-01:");
      assertThat(backfilled.code()).isEqualTo(1);
      readersGet(store, certified);
      store.sql("backfill_undo.sql");

      store.sql("leak.sql");
      ConfiguredStore.Answer leaking = store.refresher("run", "shelter");
      assertThat(leaking.text())
          .contains(
              "forbidden-dependency",
              "shelter.intake_features_v → shelter.season_v → shelter.outcome_labels_mv");
      assertThat(leaking.code()).isEqualTo(1);
      refusedWith("RG101", store, "SELECT * FROM shelter.training_v");

      store.sql("leak_undo.sql");
      assertThat(store.refresher("run", "shelter").code()).isZero();
      readersGet(store, certified);
    }
  }

  @Test
  void knowsNothingThatWasNotKnownAtT0() throws SQLException, IOException {
    try (ConfiguredStore whole = filled();
        ConfiguredStore cut = filled()) {
      cut.sql("2_cut.sql");
      whole.sql("3_views.sql");
      cut.sql("3_views.sql");

      List<String> then = cut.rows(FEATURES);
      assertThat(then).hasSizeGreaterThan(20_000);
      assertThat(whole.rows(FEATURES)).isEqualTo(then);

      // The comparison means something only where the future is in the one and not in the other.
      String open =
          "SELECT count(*) FROM shelter_raw.visits"
              + " WHERE outcome_date IS NULL AND intake_date <= DATE '2024-01-01'";
      assertThat(cut.rows(open)).containsExactly("235");
      assertThat(whole.rows(open)).containsExactly("4");
      assertThat(whole.rows("SELECT count(*) FROM shelter.outcome_labels_mv"))
          .isNotEqualTo(cut.rows("SELECT count(*) FROM shelter.outcome_labels_mv"));
    }
  }

  private static ConfiguredStore filled() throws SQLException, IOException {
    assumeTrue(Files.isReadable(RECORDS), "no shared data: " + RECORDS.getFileName());
    ConfiguredStore store = new ConfiguredStore("shelter");
    store.sql("1_raw.sql");
    try (Reader records = Files.newBufferedReader(RECORDS)) {
      long rows =
          store
              .plain
              .unwrap(PGConnection.class)
              .getCopyAPI()
              .copyIn("COPY shelter_raw.visits FROM STDIN (FORMAT csv, HEADER)", records);
      assertThat(rows).isEqualTo(29_787);
    }
    return store;
  }

  private static void readersGet(ConfiguredStore store, List<String> certified)
      throws SQLException {
    assertThat(store.guardedRows("SELECT * FROM shelter.training_v ORDER BY 1, 2, 3"))
        .isEqualTo(certified);
  }

  private static void readersMayReadLabelsButNoPartOfTheStore(ConfiguredStore store)
      throws SQLException {
    assertThat(store.guardedRows("SELECT * FROM shelter.outcome_labels_mv")).isNotEmpty();
    assertThat(
            store.guardedRows(
                "SELECT count(*) FROM shelter.training_v JOIN shelter.outcome_labels_mv"
                    + " USING (animal_id, intake_date)"))
        .isEqualTo(store.rows("SELECT count(*) FROM shelter.training_v"));
    refusedWith("RG201", store, "SELECT * FROM shelter.pace_mv");
    refusedWith("RG201", store, "SELECT * FROM shelter.season_v");
  }

  private static void refusedWith(String state, ConfiguredStore store, String sql) {
    assertThatThrownBy(() -> store.guardedRows(sql))
        .isInstanceOf(GuardRefusal.class)
        .hasMessageContaining("shelter.intake_features_v")
        .isInstanceOfSatisfying(
            SQLException.class, e -> assertThat(e.getSQLState()).isEqualTo(state));
  }
}
