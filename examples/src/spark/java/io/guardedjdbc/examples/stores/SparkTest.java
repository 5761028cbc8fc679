package io.guardedjdbc.examples.stores;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.guardedjdbc.GuardedPlainUrlDriver;
import java.io.IOException;
import java.nio.file.Path;
import java.sql.SQLException;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.SparkSession;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Spark reads a store in partitions, each over a connection of its own, by pgjdbc's own URL. */
class SparkTest {
  private static final String FEATURES = "\"Ward 7\".\"Features @T0\"";
  private static final String PARTS = "icu.\"Scores\"";

  @TempDir static Path directory;

  @SuppressWarnings("NullAway.Init")
  private static SparkSession spark;

  @SuppressWarnings("NullAway.Init")
  private static ConfiguredStore original;

  @SuppressWarnings("NullAway.Init")
  private ConfiguredStore store;

  @BeforeAll
  static void certify() throws SQLException, IOException {
    original = new ConfiguredStore("ward");
    original.sql("1_create.sql");
    assertThat(original.init(directory, original.text("ward.yaml")).code()).isZero();
    assertThat(original.approveBaselines("ward_7").code()).isZero();
    assertThat(original.refresher("run", "ward_7").code()).isZero();
    spark =
        SparkSession.builder()
            .master("local[2]")
            .config("spark.ui.enabled", false)
            .config("spark.sql.session.timeZone", "UTC")
            .config("spark.sql.warehouse.dir", directory.toString())
            .getOrCreate();
  }

  @AfterAll
  static void stop() {
    spark.stop();
  }

  @BeforeEach
  void copy() throws SQLException {
    store = original.copy();
  }

  @AfterEach
  void close() throws SQLException {
    store.close();
  }

  @Test
  void readsPartitionsAsPlainPgjdbcDoes() {
    Dataset<Row> guarded = read(GuardedPlainUrlDriver.class.getName(), FEATURES, "");
    Dataset<Row> plain = read("org.postgresql.Driver", FEATURES, "");
    assertThat(guarded.schema()).isEqualTo(plain.schema());
    assertThat(guarded.rdd().getNumPartitions()).isEqualTo(4);
    assertThat(guarded.count()).isEqualTo(4_800);
    assertThat(guarded.exceptAll(plain).count()).isZero();
  }

  @Test
  void pushesFiltersAndAggregatesDownAsWithPgjdbc() {
    Dataset<Row> beds =
        read(GuardedPlainUrlDriver.class.getName(), FEATURES, "")
            .filter("Bed = 'bed 9'")
            .groupBy("Bed")
            .count();
    assertThat(beds.collectAsList().get(0).getLong(1)).isEqualTo(400);
  }

  @Test
  void isRefusedWhatNoCertificateCovers() throws SQLException {
    assertRefused(() -> read(GuardedPlainUrlDriver.class.getName(), PARTS, ""), "RG201");
    Dataset<Row> open = read(GuardedPlainUrlDriver.class.getName(), FEATURES, "");
    store.plainly("UPDATE audit.t0_cert_registry SET status = 'FAILED'");
    assertRefused(open::count, "RG101");
  }

  @Test
  void pinsAllPartitionsToOneCertificate() throws SQLException {
    Dataset<Row> pinned =
        read(
            GuardedPlainUrlDriver.class.getName(), FEATURES, "&guard.certificate=" + certificate());
    assertThat(pinned.count()).isEqualTo(4_800);
    store.sql("later.sql");
    assertThat(store.refresher("run", "ward_7").code()).isZero();
    assertRefused(pinned::count, "RG103");
  }

  private static void assertRefused(ThrowingCallable read, String state) {
    assertThatThrownBy(read).hasStackTraceContaining("Read refused").hasStackTraceContaining(state);
  }

  private String certificate() throws SQLException {
    return store.rows("SELECT certificate_id FROM audit.t0_cert_registry").get(0);
  }

  private Dataset<Row> read(String driver, String relation, String properties) {
    return spark
        .read()
        .format("jdbc")
        .option("driver", driver)
        .option("url", store.url() + properties)
        .option("dbtable", relation)
        .option("partitionColumn", "day")
        .option("lowerBound", "2026-01-01")
        .option("upperBound", "2026-04-11")
        .option("numPartitions", 4)
        .load();
  }
}
