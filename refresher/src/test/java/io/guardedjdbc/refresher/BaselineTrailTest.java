package io.guardedjdbc.refresher;

import static org.assertj.core.api.Assertions.assertThat;

import io.guardedjdbc.refresher.testing.Cli;
import io.guardedjdbc.refresher.testing.Shop;
import java.sql.SQLException;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** The review trail of baselines, and tolerances. */
class BaselineTrailTest {
  private Shop shop;

  @BeforeEach
  void build() throws SQLException {
    shop = Shop.certified();
  }

  @Test
  void baselinesHaveAReviewTrailAndADifference() {
    assertThat(shop.expectOk("baseline", "list").out()).contains("approved", "dataset, 3 days");
    assertThat(shop.expectOk("baseline", "history", "shop.features_v").out())
        .contains("approved", "by test: as built");
    assertThat(shop.expectOk("baseline", "diff", "1").out()).contains("added", "differ");
    assertThat(shop.expectOk("baseline", "list", "--json").json()).containsKey("baselines");
    expect(shop.cli().run("baseline", "diff", "77"), 2, "There is no baseline 77");
  }

  @Test
  void ofSeveralProposalsAllAreApprovedOrNone() throws SQLException {
    shop.expectOk("baseline", "propose", "shop");
    expect(
        shop.cli()
            .run("baseline", "approve", "3", "77", "--reviewer", "ada", "--reason", "reviewed"),
        2,
        "There is no proposal 77. Nothing was approved");
    expect(
        shop.cli()
            .run("baseline", "approve", "4", "1", "--reviewer", "ada", "--reason", "reviewed"),
        2,
        "baseline 1 is approved already. Nothing was approved. Those that wait for review: refresher baseline list");
    assertThat(shop.ask("SELECT string_agg(status, ' ' ORDER BY baseline_id) FROM audit.baseline"))
        .isEqualTo("approved approved proposed proposed");
    shop.expectOk("baseline", "approve", "3", "4", "--reviewer", "ada", "--reason", "reviewed");
    assertThat(shop.ask("SELECT string_agg(status, ' ' ORDER BY baseline_id) FROM audit.baseline"))
        .isEqualTo("superseded superseded approved approved");
  }

  @Test
  void aToleranceWarnsUntilItEndsAndStatusShowsIt() throws SQLException {
    shop.sql(
        "UPDATE shop.orders SET amount = 1 WHERE placed_at::date = (SELECT max(placed_at)::date - 10 FROM shop.orders)");
    assertThat(shop.cli().run("run", "shop").exit()).isEqualTo(1);
    shop.expectOk(
        "baseline",
        "tolerate",
        "shop",
        "--name",
        "late loads",
        "--last-days",
        "11",
        "--for",
        "7d",
        "--reviewer",
        "ada",
        "--reason",
        "source repairs itself");
    assertThat(shop.expectOk("run", "shop").out().replaceAll("\\s+", " "))
        .contains("tolerated by policy late loads");
    assertThat(shop.expectOk("status").out())
        .contains("drift of the last 11 days only warns until", "policy late loads, ada");
    shop.expectOk("baseline", "tolerate", "shop", "--name", "late loads", "--end");
    assertThat(shop.cli().run("run", "shop").exit()).isEqualTo(1);
    assertThat(shop.expectOk("baseline", "history", "shop").out())
        .contains("tolerance late loads: drift of the last 11 days", "ended by postgres");
    expect(
        shop.cli().run("baseline", "tolerate", "shop", "--name", "x", "--for", "7d"),
        2,
        "--last-days");
  }

  private static void expect(Cli.Result result, int exit, String... parts) {
    assertThat(result.exit()).as(result.toString()).isEqualTo(exit);
    assertThat(result.err()).contains(parts);
  }
}
