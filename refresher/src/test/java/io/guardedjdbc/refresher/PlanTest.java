package io.guardedjdbc.refresher;

import static org.assertj.core.api.Assertions.assertThat;

import io.guardedjdbc.refresher.run.RunResult;
import io.guardedjdbc.refresher.testing.Hook;
import io.guardedjdbc.refresher.testing.Shop;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** What a plan says of the surroundings of a run. */
@Tag("postgres14")
class PlanTest {
  private Shop shop;

  @BeforeEach
  void build() throws SQLException {
    shop = Shop.withBriefLeases();
  }

  @Test
  void namesTheRunThatIsUnderWay() {
    List<String> plans = new ArrayList<>();
    RunResult run = Hook.run(shop, "refresh", () -> plans.add(shop.expectOk("plan", "shop").out()));
    assertThat(plans)
        .singleElement()
        .asString()
        .containsPattern(
            "note: a run of store shop is under way: pid \\d+, guarded-jdbc refresher shop, user postgres, run "
                + run.header().runId()
                + ", since 20");
    assertThat(shop.expectOk("plan", "shop").out()).doesNotContain("under way");
  }

  @Test
  void namesTablesThatAreReadLiveAndWhetherTheyAreSealed() throws SQLException {
    assertThat(shop.expectOk("plan", "shop").out()).doesNotContain("read live");
    shop.sql(
        "CREATE TABLE shop.pin (release int); INSERT INTO shop.pin VALUES (1);"
            + "CREATE OR REPLACE VIEW shop.features_v AS SELECT order_no, shop.region_name(region) AS region, placed_at, day, amount, rate,"
            + " day_total, in_time, late__score FROM shop.orders_mv CROSS JOIN shop.pin");
    assertThat(shop.expectOk("plan", "shop").out())
        .contains(
            "note: shop.pin is read live: a write to it changes certified rows without a refresh. To have it noticed: refresher seal shop")
        .doesNotContain("shop.orders is read live", "shop.rates is read live");
    shop.approve();
    shop.expectOk("seal", "shop");
    assertThat(shop.expectOk("plan", "shop").out())
        .contains(
            "note: shop.pin is read live and sealed: a write to it takes the certificate away");
    shop.expectOk("seal", "shop", "--remove");
  }
}
