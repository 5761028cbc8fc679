package io.guardedjdbc.examples.figures;

import io.guardedjdbc.examples.survival.SurvivalStore;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.List;
import java.util.Locale;

/** The dataset hash of 60 days, against one query a day; and its memory, by number of rows. */
final class HashFigures {
  private static final String DAYS =
      "SELECT array_agg(d) FROM (SELECT (max(edited_date) AT TIME ZONE 'UTC')::date - n AS d FROM "
          + SurvivalStore.ENTRYPOINT
          + ", generate_series(1, 60) n GROUP BY n) x";
  private static final String OURS =
      "SELECT count(*) FROM audit.dataset_digest('%s', (%s), ARRAY(SELECT name FROM audit.dataset_columns('%s')))";

  private final FigureServer server;
  private final FigureStore store;

  HashFigures(FigureServer server, FigureStore store) {
    this.server = server;
    this.store = store;
  }

  void speed(Figures figures, int rounds) throws Exception {
    Connection connection = store.connection();
    FigureServer.run(connection, "SET TimeZone = 'UTC'");
    String days = FigureServer.text(connection, DAYS);
    String list = "SELECT '" + days + "'::date[]";
    Spread ours = new Spread();
    Spread theirs = new Spread();
    for (int round = 0; round < rounds; round++) {
      ours.add(
          FigureServer.millis(
              () ->
                  FigureServer.text(
                      connection, String.format(Locale.ROOT, OURS, "survival", list, "survival"))));
      theirs.add(
          FigureServer.millis(
              () -> {
                for (String day : days.substring(1, days.length() - 1).split(",", -1)) {
                  FigureServer.text(
                      connection,
                      "SELECT encode(sha256(convert_to(string_agg(to_jsonb(t)::text, '' ORDER BY generation, listing_id), 'UTF8')), 'hex') FROM "
                          + SurvivalStore.ENTRYPOINT
                          + " t WHERE (edited_date AT TIME ZONE 'UTC')::date = '"
                          + day
                          + "'");
                }
              }));
    }
    figures.row(
        "one sha256(string_agg(to_jsonb(row))) query a day, 60 days", theirs.toString(), "");
    figures.row(
        "dataset-hash of the same 60 days",
        ours.toString(),
        String.format(
            Locale.ROOT, "%.1f times as fast; aim at least 5", theirs.median() / ours.median()));
  }

  /** Every size in a backend of its own, so that its peak is its own. */
  void memory(Figures figures, List<Integer> sizes) throws SQLException, IOException {
    for (int rows : sizes) {
      try (Connection connection = server.connect("hash")) {
        FigureServer.run(
            connection,
            "DROP SCHEMA IF EXISTS big CASCADE; CREATE SCHEMA big; SET TimeZone = 'UTC';"
                + "CREATE TABLE big.rows AS SELECT n AS id, timestamptz '2026-01-01' + n * interval '60 days' / "
                + rows
                + " AS at, md5(n::text) AS a, n * 0.37 AS b, n / 7.0::float8 AS c, n % 2 = 0 AS d, repeat('x', n % 50) AS e FROM generate_series(0, "
                + (rows - 1)
                + ") n; CREATE VIEW big.store_v AS SELECT * FROM big.rows; ANALYZE big.rows;"
                + "SELECT audit.apply_policy('{\"store\": \"big\", \"entrypoint\": \"big.store_v\", \"key_columns\": [\"id\"], \"anchor_column\": \"at\", \"gates\": {\"dataset-hash\": {}}}', 'd')");
      }
      try (Connection connection = server.connect("hash")) {
        FigureServer.run(connection, "SET TimeZone = 'UTC'");
        long pid = Long.parseLong(FigureServer.text(connection, "SELECT pg_backend_pid()"));
        String temp = "SELECT temp_bytes FROM pg_stat_database WHERE datname = current_database()";
        FigureServer.run(connection, "SELECT count(*) FROM audit.dataset_columns('big')");
        long before = own(pid);
        long tempBefore = Long.parseLong(FigureServer.text(connection, temp));
        String days =
            "SELECT array_agg(d::date) FROM generate_series(date '2026-01-01', date '2026-03-01', interval '1 day') d";
        String counted =
            FigureServer.text(connection, String.format(Locale.ROOT, OURS, "big", days, "big"));
        long after = own(pid);
        FigureServer.run(connection, "SELECT pg_stat_force_next_flush()");
        long tempAfter = Long.parseLong(FigureServer.text(connection, temp));
        figures.row(
            String.format(Locale.ROOT, "memory of dataset-hash over %,d rows", rows),
            String.format(
                Locale.ROOT,
                "private memory %.1f MB before, %.1f MB after; peak with shared buffers %.1f MB; temporary files %d kB",
                before / 1024.0,
                after / 1024.0,
                status(pid, "VmHWM") / 1024.0,
                (tempAfter - tempBefore) / 1024),
            counted + " days; constant is the aim");
      }
    }
    try (Connection connection = server.connect("hash")) {
      FigureServer.run(
          connection,
          "DELETE FROM audit.entrypoint_policy WHERE store = 'big'; DROP SCHEMA big CASCADE");
    }
  }

  private static long own(long pid) throws IOException {
    return status(pid, "RssAnon");
  }

  private static long status(long pid, String field) throws IOException {
    return Files.readAllLines(Path.of("/proc", Long.toString(pid), "status")).stream()
        .filter(line -> line.startsWith(field + ":"))
        .mapToLong(line -> Long.parseLong(line.replaceAll("\\D+", "")))
        .findFirst()
        .orElse(0);
  }
}
