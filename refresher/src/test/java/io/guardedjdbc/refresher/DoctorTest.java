package io.guardedjdbc.refresher;

import static org.assertj.core.api.Assertions.assertThat;

import io.guardedjdbc.refresher.testing.Cli;
import io.guardedjdbc.refresher.testing.Shop;
import java.sql.SQLException;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** What gets past the guard. */
@Tag("postgres14")
class DoctorTest {
  private Shop shop;

  @BeforeEach
  void build() throws SQLException {
    shop = Shop.certified();
  }

  @Test
  void doctorNamesWhatGetsPastTheGuardAndWhatARoleLacks() throws SQLException {
    shop.sql(
        "DROP ROLE IF EXISTS shop_pupil; CREATE ROLE shop_pupil LOGIN; GRANT USAGE ON SCHEMA shop TO shop_pupil;"
            + "GRANT SELECT ON shop.orders_mv TO shop_pupil");
    Cli.Result misspelt = shop.cli().run("doctor", "--role", "shop_pupli");
    assertThat(misspelt.exit()).isEqualTo(2);
    assertThat(misspelt.err())
        .contains("--role is 'shop_pupli'; there is no such role", "did you mean shop_pupil?");
    assertThat(shop.expectOk("doctor", "--role", "shop_pupil").out())
        .contains(
            "shop_pupil may read shop.orders_mv around the guard  →  REVOKE SELECT ON shop.orders_mv FROM shop_pupil",
            "GRANT SELECT ON shop.features_v TO shop_pupil",
            "superusers that may log in")
        .doesNotContain("GRANT USAGE ON SCHEMA shop");
    shop.sql(
        "GRANT UPDATE ON audit.t0_cert_registry TO shop_pupil; GRANT USAGE ON SCHEMA audit TO shop_pupil");
    Cli.Result broken = shop.cli().run("doctor");
    assertThat(broken.exit()).isEqualTo(1);
    assertThat(broken.out()).contains("problem  registry  shop_pupil may write certificates");
    shop.sql("REVOKE ALL ON audit.t0_cert_registry FROM shop_pupil");
    shop.sql("ALTER TABLE audit.t0_cert_registry DISABLE TRIGGER zz_guard_certificate_id");
    assertThat(shop.cli().run("doctor", "-q").out()).contains("trigger zz_guard_certificate_id");
    shop.sql("DROP OWNED BY shop_pupil; DROP ROLE shop_pupil");
  }

  @Test
  void doctorFollowsMembershipsColumnsPublicAndOwners() throws SQLException {
    shop.sql(
        "CREATE ROLE shop_group; CREATE ROLE shop_outer; CREATE ROLE shop_owner; CREATE ROLE shop_member LOGIN;"
            + "GRANT shop_group TO shop_outer; GRANT shop_owner TO shop_outer; GRANT shop_outer TO shop_member;"
            + "GRANT USAGE ON SCHEMA shop TO shop_member; GRANT SELECT ON shop.orders_mv TO shop_group;"
            + "GRANT SELECT (region) ON shop.daily_mv TO PUBLIC; ALTER TABLE shop.rates OWNER TO shop_owner");
    try {
      String of = shop.expectOk("doctor", "--role", "shop_member").out();
      assertThat(of)
          .contains(
              "shop_member may read shop.orders_mv around the guard, as a member of shop_group  →  REVOKE SELECT ON shop.orders_mv FROM shop_group",
              "shop_member may read shop.daily_mv around the guard, as PUBLIC may  →  REVOKE SELECT ON shop.daily_mv FROM PUBLIC",
              "shop_member may read shop.rates around the guard, as a member of its owner shop_owner  →  REVOKE shop_outer FROM shop_member")
          .doesNotContain("shop_member may read shop.orders around");
      assertThat(shop.expectOk("doctor").out())
          .contains(
              "shop_group may read shop.orders_mv around the guard  →  REVOKE SELECT ON shop.orders_mv FROM shop_group",
              "PUBLIC may read shop.daily_mv around the guard");
      shop.sql(
          "REVOKE SELECT ON shop.orders_mv FROM shop_group; REVOKE SELECT ON shop.daily_mv FROM PUBLIC; REVOKE shop_outer FROM shop_member");
      assertThat(shop.expectOk("doctor", "--role", "shop_member").out())
          .as("the remedies close it")
          .doesNotContain("around the guard  ", "around the guard,");
      shop.sql("GRANT pg_read_all_data TO shop_outer; GRANT shop_outer TO shop_member");
      assertThat(shop.expectOk("doctor", "--role", "shop_member").out())
          .contains(
              "shop_member may read all data around the guard (pg_read_all_data)  →  REVOKE pg_read_all_data FROM shop_outer");
    } finally {
      shop.sql(
          "ALTER TABLE shop.rates OWNER TO postgres;"
              + "DROP OWNED BY shop_group, shop_outer, shop_owner, shop_member; DROP ROLE shop_group, shop_outer, shop_owner, shop_member");
    }
  }

  @Test
  void doctorNamesViewsBesideTheStoreThatReadItByTheirOwnersRights() throws SQLException {
    shop.sql(
        "CREATE ROLE shop_beside LOGIN; GRANT USAGE ON SCHEMA shop TO shop_beside;"
            + "CREATE VIEW shop.beside_v AS SELECT * FROM shop.orders_mv; CREATE VIEW shop.upon_v AS SELECT * FROM shop.beside_v;"
            + "CREATE MATERIALIZED VIEW shop.copy_mv AS SELECT * FROM shop.features_v; CREATE VIEW shop.alias_v AS SELECT * FROM shop.features_v;"
            + "CREATE VIEW shop.ungranted_v AS SELECT * FROM shop.orders_mv;"
            + "GRANT SELECT ON shop.upon_v, shop.copy_mv, shop.alias_v TO shop_beside");
    try {
      assertThat(shop.expectOk("doctor", "--role", "shop_beside").out())
          .contains(
              "shop_beside may read shop.upon_v, which reads shop.orders_mv by its owner's rights, around the guard  →  REVOKE SELECT ON shop.upon_v FROM shop_beside",
              "shop_beside may read shop.copy_mv, a copy of rows of shop.features_v, around the guard  →  REVOKE SELECT ON shop.copy_mv FROM shop_beside",
              "note     bypass    shop: shop_beside may read shop.alias_v, with any client")
          .doesNotContain("ungranted_v", "may read shop.beside_v", "may read shop.orders_mv");
      shop.sql(
          "INSERT INTO audit.relation_rule (store, rule, pattern) VALUES ('shop', 'alias', 'shop.train_v')");
      assertThat(shop.expectOk("doctor").out())
          .contains(
              "shop_beside may read shop.alias_v, which reads shop.features_v by its owner's rights, around the guard");
    } finally {
      shop.sql("DROP OWNED BY shop_beside; DROP ROLE shop_beside");
    }
  }

  @Test
  void doctorNamesFunctionsThatReadTheStoreByTheirOwnersRights() throws SQLException {
    String definer = " LANGUAGE sql STABLE SECURITY DEFINER AS ";
    shop.sql(
        "CREATE ROLE shop_caller LOGIN; CREATE ROLE shop_poor; GRANT USAGE ON SCHEMA shop TO shop_caller;"
            + "CREATE FUNCTION shop.all_orders(text) RETURNS SETOF shop.orders_mv"
            + definer
            + "'SELECT * FROM shop.orders_mv';"
            + "CREATE FUNCTION shop.days() RETURNS date LANGUAGE sql STABLE AS 'SELECT max(day) FROM shop.daily_mv';"
            + "CREATE FUNCTION shop.newest() RETURNS date"
            + definer
            + "'SELECT shop.days()';"
            + "CREATE PROCEDURE shop.first_order(INOUT o bigint) LANGUAGE plpgsql SECURITY DEFINER AS 'BEGIN SELECT min(order_no) INTO o FROM shop.features_v; END';"
            // not ways around: by the caller's rights, by those of somebody who has none, nothing
            // given back, not of the store
            + "CREATE FUNCTION shop.mine() RETURNS bigint LANGUAGE sql STABLE AS 'SELECT count(*) FROM shop.orders_mv';"
            + "CREATE FUNCTION shop.poor() RETURNS bigint"
            + definer
            + "'SELECT count(*) FROM shop.orders_mv'; ALTER FUNCTION shop.poor() OWNER TO shop_poor;"
            + "CREATE FUNCTION shop.refresh() RETURNS void LANGUAGE plpgsql SECURITY DEFINER AS 'BEGIN REFRESH MATERIALIZED VIEW shop.orders_mv; END';"
            + "CREATE FUNCTION shop.other() RETURNS text"
            + definer
            + "'SELECT status FROM audit.t0_cert_registry';"
            + "CREATE FUNCTION shop.closed() RETURNS bigint"
            + definer
            + "'SELECT count(*) FROM shop.orders_mv'; REVOKE EXECUTE ON FUNCTION shop.closed() FROM PUBLIC;"
            + "REVOKE EXECUTE ON FUNCTION shop.newest() FROM PUBLIC; GRANT EXECUTE ON FUNCTION shop.newest() TO shop_caller");
    try {
      String of = shop.expectOk("doctor", "--role", "shop_caller").out();
      assertThat(of)
          .contains(
              "shop_caller may call shop.all_orders(text), which reads shop.orders_mv by its owner's rights, around the guard, as PUBLIC may"
                  + "  →  REVOKE EXECUTE ON FUNCTION shop.all_orders(text) FROM PUBLIC",
              "shop_caller may call shop.newest(), which reads shop.daily_mv by its owner's rights, around the guard"
                  + "  →  REVOKE EXECUTE ON FUNCTION shop.newest() FROM shop_caller",
              "shop_caller may call shop.first_order(bigint), which reads shop.features_v by its owner's rights, around the guard, as PUBLIC may"
                  + "  →  REVOKE EXECUTE ON PROCEDURE shop.first_order(bigint) FROM PUBLIC")
          .doesNotContain(
              "shop.days()",
              "shop.mine",
              "shop.poor",
              "shop.refresh()",
              "shop.other",
              "shop.closed")
          .doesNotContain("call audit.");
      assertThat(shop.expectOk("doctor").out()).contains("PUBLIC may call shop.all_orders(text)");
      shop.sql(
          "REVOKE EXECUTE ON FUNCTION shop.all_orders(text) FROM PUBLIC; REVOKE EXECUTE ON FUNCTION shop.newest() FROM shop_caller;"
              + "REVOKE EXECUTE ON PROCEDURE shop.first_order(bigint) FROM PUBLIC");
      assertThat(shop.expectOk("doctor", "--role", "shop_caller").out())
          .as("the remedies close it")
          .doesNotContain("may call");
      shop.sql(
          "CREATE FUNCTION shop.total() RETURNS bigint"
              + definer
              + "'SELECT count(*) FROM shop.orders_mv';"
              + "CREATE VIEW shop.wider_v AS SELECT f.*, shop.total() AS total FROM shop.features_v f;"
              + "UPDATE audit.entrypoint_policy SET entrypoint = 'shop.wider_v'");
      assertThat(shop.expectOk("doctor", "--role", "shop_caller").out())
          .contains(
              "shop_caller may call shop.total(), which reads shop.orders_mv by its owner's rights, around the guard, as PUBLIC may;"
                  + " the store's views need that: put its query into them")
          .doesNotContain("REVOKE EXECUTE ON FUNCTION shop.total()");
    } finally {
      shop.sql("DROP OWNED BY shop_caller, shop_poor; DROP ROLE shop_caller; DROP ROLE shop_poor");
    }
  }
}
