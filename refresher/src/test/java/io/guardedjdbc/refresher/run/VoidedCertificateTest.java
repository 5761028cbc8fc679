package io.guardedjdbc.refresher.run;

import static org.assertj.core.api.Assertions.assertThat;

import io.guardedjdbc.refresher.plan.PublishMode;
import io.guardedjdbc.refresher.testing.Cli;
import io.guardedjdbc.refresher.testing.Hook;
import io.guardedjdbc.refresher.testing.Shop;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** A certificate that the runbook's own procedures gave, of an entrypoint that a run touches. */
@Tag("postgres14")
class VoidedCertificateTest {
  private static final String OLD =
      "SELECT status FROM audit.t0_cert_registry WHERE entrypoint = 'shop.old_store_v'";

  private final Shop shop = Shop.withBriefLeases();

  VoidedCertificateTest() throws SQLException {}

  @BeforeEach
  void certifyByHand() throws SQLException {
    shop.sql(
        "CREATE VIEW shop.old_store_v AS SELECT region, total FROM shop.daily_mv;"
            + "CREATE VIEW shop.alias_v AS SELECT * FROM shop.features_v;"
            + "CREATE VIEW shop.other_v AS SELECT * FROM shop.rates;"
            + "CREATE VIEW shop.apart_v AS SELECT * FROM shop.orders;"
            + "INSERT INTO audit.t0_cert_registry (entrypoint, status) VALUES ('shop.old_store_v', 'certified'), ('shop.alias_v', 'CERTIFIED'),"
            + " ('shop.apart_v', 'CERTIFIED'), ('shop.other_v', 'FAILED'), ('no name of anything', 'CERTIFIED'), ('shop.gone_v', 'CERTIFIED')");
  }

  @Test
  void goesInTheCommitThatPublishesTheRowsItReads() throws SQLException {
    List<String> meanwhile = new ArrayList<>();
    RunResult result = Hook.run(shop, "publish", () -> meanwhile.add(shop.ask(OLD)));
    assertThat(result.outcome()).isEqualTo(RunResult.Outcome.CERTIFIED);
    assertThat(meanwhile).containsExactly("certified");
    assertThat(
            shop.ask(
                "SELECT string_agg(entrypoint || ' ' || status, ', ' ORDER BY entrypoint) FROM audit.t0_cert_registry"))
        .isEqualTo(
            "no name of anything CERTIFIED, shop.alias_v CERTIFIED, shop.apart_v CERTIFIED, shop.features_v CERTIFIED,"
                + " shop.gone_v CERTIFIED, shop.old_store_v REVOKED, shop.other_v FAILED");
    assertThat(
            shop.ask(
                "SELECT count(DISTINCT xmin::text) FROM audit.t0_cert_registry WHERE run_id IS NOT NULL"))
        .isEqualTo("1");
    assertThat(shop.ask(OLD.replace("status", "notes")))
        .endsWith("refreshes shop.daily_mv, which it reads: certify it again, or make it a store");
  }

  @Test
  void staysWhenTheRunPublishesNothing() throws SQLException {
    shop.sql("UPDATE shop.orders SET amount = amount * 2");
    assertThat(shop.cli().run("run", "shop").exit()).isEqualTo(1);
    assertThat(shop.ask(OLD)).isEqualTo("certified");
    shop.sql("UPDATE shop.orders SET amount = amount / 2");
    shop.expectOk("certify", "shop");
    assertThat(shop.ask(OLD)).isEqualTo("certified");
  }

  @Test
  void goesBeforeAStagedRunChangesAnything() throws SQLException {
    List<String> meanwhile = new ArrayList<>();
    RunResult result =
        Hook.run(shop, PublishMode.STAGED, "shop.daily_mv", () -> meanwhile.add(shop.ask(OLD)));
    assertThat(result.outcome()).isEqualTo(RunResult.Outcome.CERTIFIED);
    assertThat(meanwhile).containsExactly("REVOKED");
  }

  @Test
  void endsAStagedRunWhenItIsGivenAgainMeanwhile() throws SQLException {
    RunResult result =
        Hook.run(
            shop,
            PublishMode.STAGED,
            "shop.orders_mv",
            () ->
                shop.sql(
                    "UPDATE audit.t0_cert_registry SET status = 'CERTIFIED' WHERE entrypoint = 'shop.old_store_v'"));
    assertThat(result.failure().orElseThrow().lines().get(0))
        .startsWith("Overtaken:")
        .contains("shop.old_store_v");
  }

  @Test
  void isTakenAwayByTheProcedureToo() throws SQLException {
    shop.sql("CALL audit.refresh_and_certify_shop(true)");
    assertThat(shop.ask(OLD)).isEqualTo("REVOKED");
  }

  @Test
  void isNamedByThePlanAndByTheRun() throws SQLException {
    Cli.Result plan = shop.expectOk("plan", "shop");
    assertThat(plan.out())
        .contains("takes away: the certificate of shop.old_store_v, which reads shop.daily_mv")
        .doesNotContain("alias_v");
    assertThat(shop.ask(OLD)).isEqualTo("certified");
    assertThat(shop.expectOk("run", "shop").out())
        .contains("the certificate of shop.old_store_v goes");
  }
}
