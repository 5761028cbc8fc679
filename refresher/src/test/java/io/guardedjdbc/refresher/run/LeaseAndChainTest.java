package io.guardedjdbc.refresher.run;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.guardedjdbc.GuardedDriver;
import io.guardedjdbc.Lineage;
import io.guardedjdbc.refresher.testing.Shop;
import io.guardedjdbc.testing.Postgres;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.Objects;
import java.util.Properties;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** Both halves together: what a reader with the driver sees of the refresher's certificates. */
@Tag("postgres14")
class LeaseAndChainTest {
  private static final String READ =
      "SELECT count(*)::text, sum(amount)::text FROM shop.features_v";
  private static final String NEW_ORDER =
      "INSERT INTO shop.orders VALUES ('B-1', 'r1', '2026-06-01', 17, '2026-06-01', 0.5)";

  private Shop shop = Shop.certified();

  LeaseAndChainTest() throws SQLException {}

  @Test
  void readsOnALeaseThatTheRefresherGranted() throws SQLException {
    try (Connection reader = reader("")) {
      assertThat(Shop.ask(reader, READ)).isEqualTo("200");
      assertThat(lineage(reader).leased()).isTrue();
      assertThat(lineage(reader).certificates()).containsExactly("shop.features_v=" + id());
    }
  }

  @Test
  void looksAfterEachResultWhereToldTo() throws SQLException {
    try (Connection reader = reader("&guard.validation=always")) {
      assertThat(Shop.ask(reader, READ)).isEqualTo("200");
      assertThat(lineage(reader).leased()).isFalse();
      shop.sql("UPDATE audit.t0_cert_registry SET status = 'REVOKED'");
      assertThatThrownBy(() -> Shop.ask(reader, READ)).hasMessageContaining("[RG101]");
    }
  }

  @Test
  void anAtomicPublishGoesOnUnderAnOpenSnapshot() throws SQLException {
    String first = id();
    try (Connection reader = reader("&guard.validation=always")) {
      reader.setTransactionIsolation(Connection.TRANSACTION_REPEATABLE_READ);
      reader.setAutoCommit(false);
      assertThat(Shop.ask(reader, READ)).isEqualTo("200");
      shop.sql(NEW_ORDER);
      shop.expectOk("run", "shop");
      assertThat(Shop.ask(reader, READ)).as("the snapshot's rows").isEqualTo("200");
      assertThat(lineage(reader).certificates())
          .containsExactly("shop.features_v=" + first + ".." + id());
      reader.commit();
      assertThat(Shop.ask(reader, READ)).as("the new rows").isEqualTo("201");
      assertThat(lineage(reader).certificates()).containsExactly("shop.features_v=" + id());
    }
  }

  @Test
  void aRevocationBreaksTheChainUnderAnOpenSnapshot() throws SQLException {
    shop = Shop.withBriefLeases();
    try (Connection reader = reader("&guard.validation=always")) {
      reader.setTransactionIsolation(Connection.TRANSACTION_REPEATABLE_READ);
      reader.setAutoCommit(false);
      assertThat(Shop.ask(reader, READ)).isEqualTo("200");
      shop.sql("UPDATE audit.t0_cert_registry SET status = 'REVOKED'");
      shop.expectOk("run", "shop");
      assertThatThrownBy(() -> Shop.ask(reader, READ))
          .as("certified again is not enough")
          .hasMessageContaining("[RG002]");
      reader.rollback();
      assertThat(Shop.ask(reader, READ)).isEqualTo("200");
    }
  }

  @Test
  void aWriterThatIsNoRefresherGrantsNoLease() throws SQLException {
    shop.sql("UPDATE audit.t0_cert_registry SET notes = 'touched by hand'");
    try (Connection reader = reader("")) {
      assertThat(Shop.ask(reader, READ)).isEqualTo("200");
      assertThat(lineage(reader).leased()).isFalse();
    }
  }

  @Test
  void aPinHoldsUntilTheDataAreReplaced() throws SQLException {
    try (Connection reader = reader("&guard.certificate=" + id())) {
      assertThat(Shop.ask(reader, READ)).isEqualTo("200");
      assertThat(lineage(reader).leased()).isFalse();
      shop.expectOk("run", "shop");
      assertThatThrownBy(() -> Shop.ask(reader, READ))
          .hasMessageContaining("pinned")
          .hasMessageContaining("[RG103]");
    }
  }

  @Test
  void selectOnTheAliasIsAllThatARoleNeeds() throws SQLException {
    shop.sql(
        "DO $$BEGIN CREATE ROLE shop_training LOGIN;"
            + " EXCEPTION WHEN duplicate_object THEN NULL; END$$;"
            + " CREATE VIEW shop.train_v AS SELECT * FROM shop.features_v;"
            + " GRANT USAGE ON SCHEMA shop TO shop_training;"
            + " GRANT SELECT ON shop.train_v TO shop_training");
    try (Connection reader = reader("", "shop_training")) {
      assertThat(Shop.ask(reader, "SELECT count(*)::text FROM shop.train_v")).isEqualTo("200");
      assertThat(lineage(reader).leased()).isTrue();
      assertThatThrownBy(() -> Shop.ask(reader, "SELECT count(*)::text FROM shop.orders_mv"))
          .hasMessageContaining("[RG201]");
    }
  }

  private String id() throws SQLException {
    return shop.ask("SELECT certificate_id FROM audit.t0_cert_registry");
  }

  private static Lineage lineage(Connection connection) throws SQLException {
    return connection.unwrap(Lineage.class);
  }

  private Connection reader(String more) throws SQLException {
    return reader(more, "postgres");
  }

  private Connection reader(String more, String user) throws SQLException {
    String url = Postgres.shared().url("jdbc:guarded:postgresql:", shop.database(), user) + more;
    Connection connection =
        Objects.requireNonNull(new GuardedDriver().connect(url, new Properties()));
    try (Statement statement = connection.createStatement();
        ResultSet one = statement.executeQuery("SELECT 1")) {
      assertThat(one.next()).isTrue();
    }
    return connection;
  }
}
