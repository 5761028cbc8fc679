package io.guardedjdbc.refresher;

import static org.assertj.core.api.Assertions.assertThat;

import io.guardedjdbc.refresher.testing.Cli;
import io.guardedjdbc.refresher.testing.Shop;
import java.sql.SQLException;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** What gets past the guard. */
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
}
