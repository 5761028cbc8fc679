package io.guardedjdbc.refresher.run;

import static org.assertj.core.api.Assertions.assertThat;

import io.guardedjdbc.refresher.plan.PublishMode;
import io.guardedjdbc.refresher.testing.Cli;
import io.guardedjdbc.refresher.testing.Hook;
import io.guardedjdbc.refresher.testing.Shop;
import io.guardedjdbc.testing.HotStandby;
import io.guardedjdbc.testing.Postgres;
import io.zonky.test.db.postgres.embedded.EmbeddedPostgres;
import java.nio.file.Path;
import java.sql.SQLException;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A standby that is promoted while a staged run is at work on its primary; profile chaos only. */
class FailoverTrial {
  private static final String ROW =
      "SELECT status || ' ' || certificate_id FROM audit.t0_cert_registry";

  @Test
  void findsTheStoreClosedAndTheOldRunFencedOffOnceAnotherHasCertified(@TempDir Path folder)
      throws Exception {
    try (EmbeddedPostgres primary = Postgres.own(18)) {
      Shop shop = Shop.withBriefLeasesOn(primary.getPort());
      try (EmbeddedPostgres standby = HotStandby.of(primary, 18, folder.resolve("standby"))) {
        Shop promoted = Shop.on(standby.getPort());
        changesNothingOnAStandby(promoted);
        RunResult result =
            Hook.run(shop, PublishMode.STAGED, "shop.orders_mv", () -> failOver(shop, promoted));
        assertThat(result.outcome())
            .as("the run on the server that is no longer anybody's primary")
            .isEqualTo(RunResult.Outcome.CERTIFIED);
      }
    }
  }

  private static void changesNothingOnAStandby(Shop standby) {
    String same = Shop.yaml().toString();
    String other =
        Shop.file("s.yaml", Shop.resource("shop/shop.yaml").replace("20h", "21h")).toString();
    for (String line :
        List.of(
            "init " + same,
            "init --dry-run " + same,
            "plan " + other,
            "run shop",
            "run " + other,
            "run shop --mode staged",
            "certify shop",
            "extend shop --for 1h --reviewer a --reason b",
            "baseline propose shop",
            "baseline approve 1 --reviewer a --reason b",
            "baseline tolerate shop --name n --last-days 3 --for 1d --reviewer a --reason b",
            "seal shop",
            "seal shop --remove",
            "uninstall --yes")) {
      Cli.Result readOnly = standby.cli().run(line.split(" "));
      assertThat(readOnly.exit()).as(line + ": " + readOnly).isEqualTo(3);
      assertThat(readOnly.err())
          .as(line)
          .isEqualTo("This server is a read-only standby: connect to the primary\n");
    }
    for (String line :
        List.of(
            "plan shop",
            "status",
            "explain shop",
            "baseline list",
            "baseline history shop",
            "baseline diff 1",
            "graph shop",
            "doctor")) {
      standby.expectOk(line.split(" "));
    }
  }

  private static void failOver(Shop shop, Shop promoted) throws SQLException {
    String revoked = shop.ask(ROW);
    assertThat(revoked).startsWith("REFRESHING");
    await(promoted, ROW, revoked);
    promoted.ask("SELECT pg_promote()");
    await(promoted, "SELECT pg_is_in_recovery()", "f");
    String id = revoked.replaceAll("\\D+", "");
    String fence = "SELECT audit.fence('{shop.features_v}', '{" + id + "}')";
    assertThat(promoted.ask(fence)).isEqualTo("t");
    assertThat(promoted.expectOk("run", "shop").out())
        .contains("was interrupted: its connection was gone", "CERTIFIED");
    assertThat(promoted.ask(fence)).as("the old run's row is another's").isEqualTo("f");
  }

  private static void await(Shop shop, String question, String answer) throws SQLException {
    while (!shop.ask(question).equals(answer)) {
      LockSupport.parkNanos(TimeUnit.MILLISECONDS.toNanos(20));
    }
  }
}
