package io.guardedjdbc.refresher.audit;

import io.guardedjdbc.testing.Postgres;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URISyntaxException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * A database with the audit schema and the small store of {@code shop.sql}, copied from a template,
 * and one connection to it in autocommit. Not thread-safe.
 */
final class AuditDatabase implements AutoCloseable {
  static final String ENTRYPOINT = "shop.features_v";

  /** The store's policy with all five gates. */
  static final String POLICY =
      """
      {"store": "shop", "entrypoint": "shop.features_v", "max_age": "24 hours", "lease": "10 seconds",
       "key_columns": ["shop", "sale_id"], "anchor_column": "sold_at",
       "forbidden": [{"pattern": "legacy.*", "reason": "labels"}],
       "refused": ["legacy.old_mv"],
       "gates": {"forbidden-dependency": {}, "time-of-query": {}, "definition-drift": {},
                 "sla-leakage": {"settings": {"flag": "in time", "prefixes": ["img__"]}},
                 "dataset-hash": {"settings": {"days": [1, 10, 30]}}}}
      """;

  private static @Nullable String template;
  private static @Nullable String templateWithPolicy;

  private final Postgres server = Postgres.shared();
  private final String name;
  private final Connection connection;

  private AuditDatabase(String template) throws SQLException {
    this.name = server.createDatabase("audit", template);
    this.connection = server.connect(name);
  }

  /** The store without a policy: no gate knows it yet. */
  static AuditDatabase withStore() throws SQLException {
    return new AuditDatabase(template());
  }

  /** The store with its policy, approved baselines, and no certificate yet. */
  static synchronized AuditDatabase withPolicy() throws SQLException {
    String made = templateWithPolicy;
    if (made == null) {
      try (AuditDatabase database = withStore()) {
        database.run("SELECT audit.apply_policy(?::jsonb, 'digest')", POLICY);
        database.approveWhatIsThere();
        made = database.name;
      }
      templateWithPolicy = made;
    }
    return new AuditDatabase(made);
  }

  /** A database without our schema, for upgrades. */
  static AuditDatabase withoutSchema() throws SQLException {
    return new AuditDatabase("template1");
  }

  private static synchronized String template() throws SQLException {
    String made = template;
    if (made == null) {
      made = Postgres.shared().createDatabase("audit_template");
      try (Connection connection = Postgres.shared().connect(made)) {
        migrate(connection);
        try (Statement statement = connection.createStatement()) {
          statement.execute(read(resource("/io/guardedjdbc/refresher/audit/shop.sql")));
        }
      }
      template = made;
    }
    return made;
  }

  /** Applies our migrations in Flyway's order: versioned, then repeatable ones. */
  static void migrate(Connection connection) throws SQLException {
    apply(connection, "V");
    repeat(connection);
  }

  /** Applies the repeatable migrations. */
  static void repeat(Connection connection) throws SQLException {
    apply(connection, "R");
  }

  private static void apply(Connection connection, String kind) throws SQLException {
    try (Stream<Path> files = Files.list(resource("/db/migration"))) {
      for (Path file : files.sorted().toList()) {
        if (String.valueOf(file.getFileName()).startsWith(kind)) {
          try (Statement statement = connection.createStatement()) {
            statement.execute(read(file));
          }
        }
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static Path resource(String path) {
    try {
      return Path.of(Objects.requireNonNull(AuditDatabase.class.getResource(path)).toURI());
    } catch (URISyntaxException e) {
      throw new IllegalArgumentException(path, e);
    }
  }

  private static String read(Path file) {
    try {
      return Files.readString(file);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  int major() {
    return server.major();
  }

  Connection connection() {
    return connection;
  }

  /** Another session of the same database. */
  Connection another(String user) throws SQLException {
    return server.connect(name, user);
  }

  void approveWhatIsThere() throws SQLException {
    run("SELECT * FROM audit.propose_baseline('shop')");
    run(
        "SELECT audit.approve_baseline(b, 'Ann', 'first', NULL)"
            + " FROM (SELECT baseline_id FROM audit.baseline WHERE status = 'proposed') x (b)");
  }

  void run(String sql, Object... arguments) throws SQLException {
    run(connection, sql, arguments);
  }

  static void run(Connection connection, String sql, Object... arguments) throws SQLException {
    if (arguments.length == 0) {
      try (Statement statement = connection.createStatement()) {
        statement.execute(sql);
      }
      return;
    }
    try (PreparedStatement statement = connection.prepareStatement(sql)) {
      bind(statement, arguments);
      statement.execute();
    }
  }

  /** The first column of all rows, SQL's NULL as "null". */
  List<String> list(String sql, Object... arguments) throws SQLException {
    return list(connection, sql, arguments);
  }

  static List<String> list(Connection connection, String sql, Object... arguments)
      throws SQLException {
    try (PreparedStatement statement = connection.prepareStatement(sql)) {
      bind(statement, arguments);
      List<String> rows = new ArrayList<>();
      try (ResultSet result = statement.executeQuery()) {
        while (result.next()) {
          rows.add(String.valueOf(result.getString(1)));
        }
      }
      return rows;
    }
  }

  /** The only value of a query. */
  String value(String sql, Object... arguments) throws SQLException {
    List<String> rows = list(sql, arguments);
    if (rows.size() != 1) {
      throw new AssertionError(rows + " is not one row: " + sql);
    }
    return rows.get(0);
  }

  long number(String sql, Object... arguments) throws SQLException {
    return Long.parseLong(value(sql, arguments));
  }

  /** Messages of a gate's findings, each behind its severity. */
  List<String> gate(String id) throws SQLException {
    return list("SELECT severity || ' ' || message FROM audit.run_gate('shop', ?)", id);
  }

  /** The value of a registry column of the entrypoint. */
  String registry(String column) throws SQLException {
    return value(
        "SELECT " + column + " FROM audit.t0_cert_registry WHERE entrypoint = ?", ENTRYPOINT);
  }

  /** SQLState and message that a statement fails with, empty when it does not. */
  Optional<String> failure(String sql, Object... arguments) {
    return failure(connection, sql, arguments);
  }

  static Optional<String> failure(Connection connection, String sql, Object... arguments) {
    try {
      run(connection, sql, arguments);
      return Optional.empty();
    } catch (SQLException e) {
      return Optional.of(e.getSQLState() + " " + e.getMessage());
    }
  }

  private static void bind(PreparedStatement statement, Object... arguments) throws SQLException {
    for (int i = 0; i < arguments.length; i++) {
      statement.setObject(i + 1, arguments[i]);
    }
  }

  @Override
  public void close() throws SQLException {
    connection.close();
  }
}
