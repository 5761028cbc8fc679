package io.guardedjdbc.refresher.run;

import static org.assertj.core.api.Assertions.assertThat;

import io.guardedjdbc.refresher.plan.PublishMode;
import io.guardedjdbc.refresher.testing.Hook;
import io.guardedjdbc.refresher.testing.Shop;
import io.guardedjdbc.registry.ReaderClock;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.SQLWarning;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** An atomic run publishes nothing while readers may be on leases on what was closed before. */
@Tag("postgres14")
class ClosedLeasesTest {
  private static final String STEPS =
      "SELECT string_agg(kind || coalesce(' ' || nullif(detail, ''), ''), ', ' ORDER BY step) FROM audit.run_step"
          + " WHERE run_id = (SELECT max(run_id) FROM audit.run) AND kind IN ('wait', 'publish')";

  private final Shop shop = Shop.withBriefLeases();

  ClosedLeasesTest() throws SQLException {}

  /** Stands still until the run has begun to wait. */
  private static final class Patient implements ReaderClock {
    private int readings;

    @Override
    public long monotonicNanos() {
      readings++;
      return readings > 3 ? 60_000_000_000L : 0;
    }

    @Override
    public long wallMillis() {
      return readings > 3 ? 60_000 : 0;
    }
  }

  private String steps() throws SQLException {
    String outcome =
        new DrivenCycle(shop.url(), new Patient(), true)
            .run("shop", PublishMode.ATOMIC, (connection, sql) -> sql);
    assertThat(outcome).isEqualTo("CERTIFIED");
    return shop.ask(STEPS);
  }

  @Test
  void thePlanSaysWhatIsWaitedFor() throws SQLException {
    assertThat(shop.expectOk("plan", "shop").out()).doesNotContain("waits before that commit");
    shop.sql("UPDATE audit.t0_cert_registry SET status = 'REVOKED'");
    assertThat(shop.expectOk("plan", "shop").out())
        .contains("waits before that commit: until no lease is left on shop.features_v");
    assertThat(shop.expectOk("plan", "shop", "--mode", "staged").out())
        .doesNotContain("waits before that commit");
  }

  @Test
  void aCertificateThatStandsIsReplacedWithoutAWait() throws SQLException {
    assertThat(steps()).isEqualTo("publish");
  }

  @Test
  void whatIsClosedIsPublishedOverAfterTheWait() throws SQLException {
    shop.sql("UPDATE audit.t0_cert_registry SET status = 'REVOKED'");
    assertThat(steps()).isEqualTo("wait 150 ms for leases, publish");
  }

  @Test
  void soIsARowThatSomebodyRemoved() throws SQLException {
    shop.sql("DELETE FROM audit.t0_cert_registry");
    assertThat(steps()).isEqualTo("wait 150 ms for leases, publish");
  }

  private void certifyRegions() throws SQLException {
    shop.sql("CREATE VIEW shop.regions_v AS SELECT day, region, total FROM shop.daily_mv");
    shop.expectOk(
        "init",
        Shop.file(
                "regions.yaml",
                """
                store: regions
                entrypoint: shop.regions_v
                key: [day, region]
                anchor: day
                time_zone: UTC
                lease: 80ms
                gates:
                  key-unique: {}
                  time-of-query: {}
                """)
            .toString());
    shop.expectOk("run", "regions");
  }

  @Test
  void anotherStoreThatIsLeftClosedIsWaitedForToo() throws SQLException {
    certifyRegions();
    shop.sql(
        "UPDATE audit.t0_cert_registry SET status = 'FAILED' WHERE entrypoint = 'shop.regions_v'");
    assertThat(steps()).isEqualTo("wait 200 ms for leases, publish");
  }

  @Test
  void soIsOneThatTheRunItselfClosesForItsDefinitions() throws SQLException {
    certifyRegions();
    shop.sql(
        "CREATE OR REPLACE VIEW shop.regions_v AS SELECT day, region, total FROM shop.daily_mv WHERE now() IS NOT NULL");
    assertThat(steps()).isEqualTo("wait 200 ms for leases, publish");
    assertThat(
            shop.ask(
                "SELECT status FROM audit.t0_cert_registry WHERE entrypoint = 'shop.regions_v'"))
        .isEqualTo("FAILED");
  }

  @Test
  void aCertificateThatNobodyCanGiveAgainGoesBeforeItsRowsDoWhereLeasesWereGrantedOnIt()
      throws SQLException {
    shop.sql(
        "CREATE VIEW shop.old_store_v AS SELECT region, total FROM shop.daily_mv;"
            + " INSERT INTO audit.t0_cert_registry (entrypoint, status) VALUES ('shop.old_store_v', 'CERTIFIED');"
            + " INSERT INTO audit.certificate_history (operation, entrypoint, certificate_id, status, lease)"
            + " VALUES ('UPDATE', 'shop.old_store_v', 0, 'CERTIFIED', '40 ms')");
    List<String> meanwhile = new ArrayList<>();
    RunResult result =
        Hook.run(
            shop,
            "refresh",
            () ->
                meanwhile.add(
                    shop.ask(
                        "SELECT status FROM audit.t0_cert_registry WHERE entrypoint = 'shop.old_store_v'")));
    assertThat(result.outcome()).isEqualTo(RunResult.Outcome.CERTIFIED);
    assertThat(meanwhile).containsExactly("REVOKED");
  }

  @Test
  void theProcedureWaitsToo() throws SQLException {
    shop.sql("UPDATE audit.t0_cert_registry SET status = 'REVOKED'");
    assertThat(notices("CALL audit.refresh_and_certify_shop(true)"))
        .contains("waiting for leases on what was closed: 00:00:00.15");
    assertThat(notices("CALL audit.refresh_and_certify_shop(true)"))
        .noneMatch(notice -> notice.contains("waiting for leases"));
  }

  private List<String> notices(String sql) throws SQLException {
    List<String> notices = new ArrayList<>();
    try (Connection connection = shop.connect();
        Statement statement = connection.createStatement()) {
      statement.execute(sql);
      for (SQLWarning w = statement.getWarnings(); w != null; w = w.getNextWarning()) {
        notices.add(String.valueOf(w.getMessage()));
      }
    }
    return notices;
  }
}
