package io.guardedjdbc.refresher.run;

import static org.assertj.core.api.Assertions.assertThat;

import io.guardedjdbc.refresher.testing.Cli;
import io.guardedjdbc.refresher.testing.Shop;
import java.sql.Connection;
import java.sql.SQLException;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** The refresher's user is no superuser, and a member of the role that everything belongs to. */
@Tag("postgres14")
class MemberOfOwnerTest {
  private Shop shop;
  private Cli member;

  @BeforeEach
  void build() throws SQLException {
    shop = Shop.bare();
    shop.sql(
        "DO $$ BEGIN IF to_regrole('shop_master') IS NULL THEN CREATE ROLE shop_master LOGIN; CREATE ROLE shop_hand LOGIN IN ROLE shop_master; END IF; END $$");
    shop.sql(
        "GRANT CREATE ON DATABASE "
            + shop.database()
            + " TO shop_master; ALTER SCHEMA shop OWNER TO shop_master");
    shop.sql(
        "DO $$ DECLARE r record; BEGIN FOR r IN SELECT c.oid::regclass AS name FROM pg_class c WHERE c.relnamespace = 'shop'::regnamespace"
            + " AND c.relkind IN ('r', 'v', 'm') LOOP EXECUTE format('ALTER TABLE %s OWNER TO shop_master', r.name); END LOOP; END $$;"
            + " ALTER FUNCTION shop.region_name(text) OWNER TO shop_master");
    Cli owner = as("shop_master");
    String yaml = Shop.resource("shop/shop.yaml").replace("lease: 10s", "lease: 40ms");
    ok(owner, "init", Shop.file("shop.yaml", yaml).toString());
    ok(owner, "baseline", "propose", "shop");
    ok(owner, "baseline", "approve", "1", "2", "--reviewer", "test", "--reason", "as built");
    member = as("shop_hand");
  }

  private Cli as(String role) {
    return new Cli(shop.url().replace("user=postgres", "user=" + role));
  }

  private static void ok(Cli cli, String... command) {
    Cli.Result result = cli.run(command);
    assertThat(result.exit()).as(result.toString()).isZero();
  }

  @Test
  void runsInEveryMode() throws SQLException {
    ok(member, "run", "shop");
    ok(member, "run", "shop", "--mode", "staged");
    assertThat(shop.registry()).startsWith("CERTIFIED");
    ok(member, "certify", "shop");
  }

  @Test
  void runsOnASealedStoreWhoseSealKnowsEverybodyElse() throws SQLException {
    ok(member, "run", "shop");
    ok(shop.cli(), "seal", "shop");
    assertThat(shop.registry()).as("the seal's own triggers").startsWith("CERTIFIED");
    ok(member, "run", "shop");
    ok(member, "run", "shop", "--mode", "staged");
    ok(member, "run", "shop", "--mode", "blocking");
    assertThat(shop.registry()).startsWith("CERTIFIED");
    try (Connection connection = hand()) {
      connection.createStatement().execute("CALL audit.refresh_and_certify_shop(true)");
      assertThat(shop.registry()).startsWith("CERTIFIED");
    }
    shop.sql("REFRESH MATERIALIZED VIEW shop.daily_mv");
    assertThat(shop.registry()).startsWith("REVOKED");
    ok(member, "run", "shop");
    try (Connection connection = hand()) {
      // a run that died, whose process number is another session's by now
      shop.sql(
          "INSERT INTO audit.run (store, mode, backend_pid) VALUES ('shop', 'atomic', "
              + Shop.ask(connection, "SELECT pg_backend_pid()")
              + ")");
      connection.createStatement().execute("REFRESH MATERIALIZED VIEW shop.daily_mv");
    }
    assertThat(shop.registry()).startsWith("REVOKED");
    ok(shop.cli(), "seal", "shop", "--remove");
  }

  private Connection hand() throws SQLException {
    return new org.postgresql.Driver()
        .connect(shop.url().replace("user=postgres", "user=shop_hand"), new java.util.Properties());
  }
}
