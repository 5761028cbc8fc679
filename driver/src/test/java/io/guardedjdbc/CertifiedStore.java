package io.guardedjdbc;

import io.guardedjdbc.testing.Postgres;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.Properties;

/**
 * A database of the shared server with one certified store {@code ml.store_v} of three rows, and a
 * registry that grants leases of an hour.
 */
final class CertifiedStore implements AutoCloseable {
  static final String READ = "SELECT id FROM ml.store_v ORDER BY id";

  static final String SETUP =
      """
      CREATE SCHEMA ml; CREATE SCHEMA audit;
      CREATE TABLE ml.raw (id int PRIMARY KEY);
      INSERT INTO ml.raw VALUES (1), (2), (3);
      CREATE MATERIALIZED VIEW ml.store_mv AS SELECT id FROM ml.raw;
      CREATE VIEW ml.store_v AS SELECT id FROM ml.store_mv;
      CREATE TABLE ml.labels (id int, label int);
      CREATE TABLE audit.t0_cert_registry (entrypoint text PRIMARY KEY, status text,
        certified_at timestamptz DEFAULT now(), certificate_id bigint, chain_start bigint,
        lease interval, max_age interval, max_data_age interval, refreshed_at timestamptz,
        failed_gate text);
      INSERT INTO audit.t0_cert_registry VALUES
        ('ml.store_v', 'CERTIFIED', now(), 1, 1, '1 hour', '1 day', NULL, now(), NULL)
      """;

  final Postgres postgres = Postgres.shared();
  final String database;
  final Connection admin;

  CertifiedStore() throws SQLException {
    database = postgres.createDatabase("certified");
    admin = postgres.connect(database);
    admin(SETUP);
  }

  /** The guarding driver's URL, for user postgres. */
  String url() {
    return postgres.guardedUrl(database);
  }

  /** A guarded connection of user postgres; {@code more} is appended to the URL. */
  Connection connect(String more) throws SQLException {
    return Objects.requireNonNull(new GuardedDriver().connect(url() + more, new Properties()));
  }

  void admin(String sql) throws SQLException {
    run(admin, sql);
  }

  /** What the registry says from now on, under another certificate and chain. */
  void status(String status) throws SQLException {
    admin(
        "UPDATE audit.t0_cert_registry SET status = '"
            + status
            + "', certificate_id = certificate_id + 1, chain_start = certificate_id + 1");
  }

  static void run(Connection connection, String sql) throws SQLException {
    try (Statement statement = connection.createStatement()) {
      statement.execute(sql);
    }
  }

  static List<Integer> ids(Connection connection, String sql) throws SQLException {
    try (Statement statement = connection.createStatement();
        ResultSet rows = statement.executeQuery(sql)) {
      List<Integer> ids = new ArrayList<>();
      while (rows.next()) {
        ids.add(rows.getInt(1));
      }
      return ids;
    }
  }

  @Override
  public void close() throws SQLException {
    admin.close();
  }
}
