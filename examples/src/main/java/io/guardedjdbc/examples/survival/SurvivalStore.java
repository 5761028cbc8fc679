package io.guardedjdbc.examples.survival;

import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.List;
import java.util.function.Consumer;

/**
 * The survival store in a database: created, completed by its guarded view, dropped. Needs a plain
 * connection whose user may create schemas and roles, and a database that has no schema {@code ml},
 * {@code ref} or {@code iPhone}.
 */
public final class SurvivalStore {
  /** The view that is certified. */
  public static final String ENTRYPOINT = "ml.survival_feature_store_t0_v1_v";

  /** The view that training reads, with the guard inside. */
  public static final String GUARDED_VIEW = "ml.survival_feature_store_train_v";

  private static final List<String> FILES =
      List.of(
          "00_schemas_and_roles.sql",
          "10_raw_tables.sql",
          "11_reference.sql",
          "20_generate_listings.sql",
          "21_generate_enrichments.sql",
          "22_generate_images.sql",
          "30_base_views.sql",
          "40_speed_anchors.sql",
          "41_features_t0.sql",
          "42_images_and_devices_t0.sql",
          "50_read_views.sql",
          "51_entrypoint.sql",
          "60_labels_and_legacy.sql",
          "70_grants.sql");

  private SurvivalStore() {}

  /** Creates and fills the store; see {@link #create(Connection, SurvivalSize, Consumer)}. */
  public static void create(Connection connection, SurvivalSize size) throws SQLException {
    create(connection, size, file -> {});
  }

  /**
   * Creates and fills everything but the guarded view, all or nothing, in one transaction.
   *
   * @param connection in autocommit; it is again afterwards
   * @param beforeFile told the name of each SQL file before it runs
   * @throws SQLException SQLState 42P06 if one of the schemas exists; nothing was changed then
   */
  public static void create(Connection connection, SurvivalSize size, Consumer<String> beforeFile)
      throws SQLException {
    Transaction.run(
        connection,
        () -> {
          set(connection, "survival.listings", Integer.toString(size.listings()));
          set(connection, "survival.days", Integer.toString(size.days()));
          set(connection, "survival.end", size.lastDay().toString());
          for (String file : FILES) {
            beforeFile.accept(file);
            SqlResource.run(connection, file);
          }
        });
  }

  /**
   * Creates the view that training reads. It calls {@code audit.cert_guard}, so {@code refresher
   * init} comes first.
   *
   * @throws SQLException SQLState 42883 if it has not
   */
  public static void createGuardedView(Connection connection) throws SQLException {
    SqlResource.run(connection, "80_guarded_view.sql");
  }

  /**
   * New listings, late sales and late enrichments, all after the last day: no row that is there may
   * change by them.
   */
  public static void addLaterRows(Connection connection) throws SQLException {
    Transaction.run(connection, () -> SqlResource.run(connection, "incidents/later_rows.sql"));
  }

  /**
   * Drops what {@link #create} made, if it is there, and never a schema of somebody else's. Roles
   * stay.
   */
  public static void drop(Connection connection) throws SQLException {
    SqlResource.run(connection, "drop.sql");
  }

  /** The store's configuration, the text of {@code survival.yaml}. */
  public static String configuration() {
    return SqlResource.text("survival.yaml");
  }

  private static void set(Connection connection, String name, String value) throws SQLException {
    try (PreparedStatement statement =
        connection.prepareStatement("select pg_catalog.set_config(?, ?, true)")) {
      statement.setString(1, name);
      statement.setString(2, value);
      try (ResultSet row = statement.executeQuery()) {
        row.next();
      }
    }
  }
}
