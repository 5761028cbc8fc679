package io.guardedjdbc.jmh;

import io.guardedjdbc.testing.Postgres;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;

/** The databases of a run, on a server of their own. */
record Store(Postgres postgres, String database, String crowded, int rows) {
  /** System property: what follows the prefix of a URL. */
  static final String SERVER = "jmh.server";

  /** How many relations the crowded database has. */
  static final int RELATIONS = 10_000;

  private static final String REGISTRY =
      """
      CREATE SCHEMA ml; CREATE SCHEMA audit;
      CREATE TABLE audit.t0_cert_registry (entrypoint text PRIMARY KEY, status text,
        certified_at timestamptz DEFAULT now(), certificate_id bigint, chain_start bigint,
        lease interval, max_age interval, max_data_age interval, refreshed_at timestamptz,
        failed_gate text);
      INSERT INTO audit.t0_cert_registry VALUES
        ('ml.store_v', 'CERTIFIED', now(), 1, 1, '1 hour', '1 day', NULL, now(), NULL);
      """;

  /** Rows of ten columns, each of a type with a getter of its own. */
  private static final String ROWS =
      """
      CREATE MATERIALIZED VIEW ml.store_mv AS
        SELECT i AS id, i::bigint * 1000 AS listing, i / 3.0::float8 AS score, (i %% 97)::smallint AS small,
          (i / 7)::numeric(12,2) AS price, i %% 2 = 0 AS sold, 'text ' || i AS title,
          date '2026-01-01' + i %% 300 AS day, timestamptz '2026-01-01Z' + i * interval '1 min' AS at,
          (i / 11.0)::float4 AS ratio
        FROM generate_series(1, %d) i;
      CREATE UNIQUE INDEX ON ml.store_mv (id);
      CREATE VIEW ml.store_v AS SELECT * FROM ml.store_mv;
      ANALYZE ml.store_mv
      """;

  /** Commits on the way: a transaction can't hold so many locks. */
  private static final String CROWD =
      """
      DO $$BEGIN FOR i IN 1..%d LOOP
        EXECUTE format('CREATE VIEW ml.relation_%%s AS SELECT %%s AS id', i, i);
        IF i %% 1000 = 0 THEN COMMIT; END IF;
      END LOOP; END$$
      """;

  static Store create(int rows) throws SQLException {
    Postgres postgres = Postgres.shared();
    Store store =
        new Store(
            postgres, postgres.createDatabase("cost"), postgres.createDatabase("crowded"), rows);
    run(postgres, store.database, REGISTRY, ROWS.formatted(rows));
    run(postgres, store.crowded, REGISTRY + "CREATE VIEW ml.store_v AS SELECT 1 AS id");
    run(postgres, store.crowded, CROWD.formatted(RELATIONS));
    return store;
  }

  private static void run(Postgres postgres, String database, String... texts) throws SQLException {
    try (Connection connection = postgres.connect(database);
        Statement statement = connection.createStatement()) {
      for (String text : texts) {
        statement.execute(text);
      }
    }
  }

  String server() {
    return postgres.url("", database, "postgres");
  }
}
