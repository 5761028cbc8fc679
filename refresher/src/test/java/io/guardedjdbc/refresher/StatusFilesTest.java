package io.guardedjdbc.refresher;

import static org.assertj.core.api.Assertions.assertThat;

import io.guardedjdbc.refresher.testing.Cli;
import io.guardedjdbc.refresher.testing.Exposition;
import io.guardedjdbc.refresher.testing.Shop;
import io.guardedjdbc.refresher.testing.WrittenPage;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.SQLException;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** How stores stand, as a page and as metrics. */
@Tag("postgres14")
class StatusFilesTest {
  private static final String BACKFILL =
      "UPDATE shop.orders SET amount = 1 WHERE placed_at::date = (SELECT max(placed_at)::date - 30 FROM shop.orders)";

  @TempDir private Path folder;
  private Shop shop;

  @BeforeEach
  void build() throws SQLException {
    shop = Shop.withBriefLeases();
  }

  @Test
  void thePageHasEveryPartUnderAStableIdAndNeedsNothingElse() {
    WrittenPage page = page();
    assertThat(page.reachesOut()).isEmpty();
    assertThat(page.values("id"))
        .doesNotHaveDuplicates()
        .contains(
            "store-shop",
            "store-shop-ages",
            "store-shop-certificate-age",
            "store-shop-data-age",
            "store-shop-runs",
            "store-shop-durations",
            "store-shop-gates",
            "store-shop-changes");
    assertThat(page().values("id")).isEqualTo(page.values("id"));
    assertThat(page.text())
        .contains("prefers-color-scheme: dark", "✓ CERTIFIED", "shop.orders_mv", "limit 24 h");
    assertThat(page.ofClass("now")).hasSize(2);
    assertThat(page.ofClass("closed")).isEmpty();
    Matcher runs = Pattern.compile("class=\"runs\"[^>]* width=\"([0-9.]+)\"").matcher(page.text());
    assertThat(runs.find()).isTrue();
    assertThat(Double.parseDouble(runs.group(1))).as("of a narrow window").isLessThan(360);
  }

  @Test
  void thePageTellsAFailedRunItsFindingsTheToleranceAndWhyNot() throws SQLException {
    shop.sql(BACKFILL);
    assertThat(shop.cli().run("run", "shop").exit()).isEqualTo(1);
    shop.expectOk(
        "baseline",
        "tolerate",
        "shop",
        "--name",
        "late",
        "--last-days",
        "3",
        "--for",
        "7d",
        "--reviewer",
        "ada",
        "--reason",
        "images <late>");
    shop.sql("UPDATE audit.t0_cert_registry SET status = 'FAILED', failed_gate = 'dataset-hash'");
    WrittenPage page = page();
    assertThat(page.ofClass("why"))
        .containsExactly("FAILED, gate dataset-hash. Run: refresher explain shop");
    assertThat(page.ofClass("remarks"))
        .singleElement()
        .asString()
        .contains("drift of the last 3 days only warns until", "ada: images <late>");
    assertThat(page.ofClass("finding"))
        .anyMatch(text -> text.contains("dataset-hash") && text.contains("What to do:"));
    assertThat(page.ofClass("outcome")).anyMatch(text -> text.contains("run 2, atomic, failed"));
    assertThat(page.ofClass("closed")).isNotEmpty();
    assertThat(page.ofClass("bad")).anyMatch(text -> text.contains("failed, 1 finding"));
  }

  @Test
  void anAgeOverItsLimitIsDrawnAsThat() throws SQLException {
    shop.sql("UPDATE audit.t0_cert_registry SET certified_at = now() - interval '25 hours'");
    Path file = folder.resolve("status.html");
    assertThat(shop.cli().run("status", "--html", file.toString()).exit()).isEqualTo(1);
    WrittenPage page = WrittenPage.of(file);
    assertThat(page.ofClass("over")).isNotEmpty();
    assertThat(page.text()).contains("✗ TOO OLD", "Age of the certificate: 25 h now, limit 24 h");
  }

  @Test
  void aStoreThatNeverRanHasAPageToo() throws SQLException {
    Shop bare = Shop.bare();
    bare.expectOk("init", Shop.yaml().toString());
    Path file = folder.resolve("status.html");
    assertThat(bare.cli().run("status", "--html", file.toString()).exit()).isEqualTo(1);
    assertThat(WrittenPage.of(file).text())
        .contains("NO CERTIFICATE", "None yet. Run: refresher run shop");
  }

  @Test
  void metricsSayWhatStatusSays() throws SQLException, IOException {
    Exposition good = metrics(0);
    String readme = Files.readString(Path.of("README.md"));
    assertThat(good.help().keySet())
        .allMatch(name -> readme.contains("`" + name + "`"), "in the README");
    assertThat(good.samples())
        .containsEntry("guarded_store_certified{entrypoint=shop.features_v, store=shop}", 1.0)
        .containsEntry("guarded_store_certificate_max_age_seconds{store=shop}", 86_400.0)
        .containsEntry("guarded_store_last_run_outcome{outcome=certified, store=shop}", 1.0)
        .containsEntry("guarded_gate_findings{gate=dataset-hash, severity=block, store=shop}", 0.0)
        .containsEntry("guarded_store_sealed{store=shop}", 0.0)
        .containsKeys(
            "guarded_store_certified_timestamp_seconds{store=shop}",
            "guarded_store_certificate_age_seconds{store=shop}",
            "guarded_store_refreshed_timestamp_seconds{store=shop}",
            "guarded_store_data_age_seconds{store=shop}",
            "guarded_store_last_run_timestamp_seconds{store=shop}",
            "guarded_store_last_run_duration_seconds{store=shop}",
            "guarded_metrics_timestamp_seconds");
    shop.sql(BACKFILL);
    shop.cli().run("run", "shop");
    shop.sql("UPDATE audit.t0_cert_registry SET status = 'REVOKED'");
    Exposition bad = metrics(1);
    assertThat(bad.samples())
        .containsEntry("guarded_store_certified{entrypoint=shop.features_v, store=shop}", 0.0)
        .containsEntry("guarded_store_last_run_outcome{outcome=certified, store=shop}", 0.0)
        .containsEntry("guarded_store_last_run_outcome{outcome=failed, store=shop}", 1.0)
        .containsEntry("guarded_gate_findings{gate=dataset-hash, severity=block, store=shop}", 1.0);
  }

  @Test
  void aRunWritesThemAsWellAndItsOutcomeDoesNotDependOnThat() throws IOException {
    Path file = folder.resolve("refresher.prom");
    shop.expectOk("run", "shop", "--metrics", file.toString());
    assertThat(Exposition.of(Files.readString(file)).samples())
        .containsEntry("guarded_store_last_run_outcome{outcome=certified, store=shop}", 1.0);
    assertThat(folder.toFile().list()).containsExactly(file.getFileName().toString());
    assertThat(Files.getPosixFilePermissions(file))
        .as("a collector of another user reads it, as any file")
        .isEqualTo(Files.getPosixFilePermissions(Files.writeString(folder.resolve("any"), "")));
  }

  private Exposition metrics(int expected) throws IOException {
    Path file = folder.resolve("refresher.prom");
    Cli.Result result = shop.cli().run("status", "--metrics", file.toString());
    assertThat(result.exit()).as(result.toString()).isEqualTo(expected);
    return Exposition.of(Files.readString(file));
  }

  private WrittenPage page() {
    Path file = folder.resolve("status.html");
    shop.cli().run("status", "--html", file.toString());
    return WrittenPage.of(file);
  }
}
