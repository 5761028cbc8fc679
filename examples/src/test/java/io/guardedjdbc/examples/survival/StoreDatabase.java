package io.guardedjdbc.examples.survival;

import io.guardedjdbc.testing.Postgres;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/** A database with a survival store of its own, for one test class. */
final class StoreDatabase implements AutoCloseable {
  static final List<String> BASE_VIEWS =
      List.of(
          "ml.tom_features_v1_mv",
          "ml.tom_features_v1_enriched_mv",
          "ml.tom_features_v1_enriched_clean_mv",
          "ml.sold_durations_v1_mv");

  static final List<String> T0_VIEWS =
      List.of(
          "ml.tom_speed_anchor_asof_v1_mv",
          "ml.tom_features_v1_enriched_speed_t0_v1_mv",
          "ml.tom_features_v1_enriched_ai_clean_t0_v1_mv",
          "ml.iphone_image_features_unified_t0_v1_mv",
          "ml.v_damage_fusion_features_v2_scored_t0_v1_mv",
          "ml.iphone_device_meta_encoded_t0_v1_mv");

  final String name;
  final Connection connection;

  StoreDatabase(SurvivalSize size) throws SQLException {
    this(size, "UTC");
  }

  StoreDatabase(SurvivalSize size, String timeZone) throws SQLException {
    this(Postgres.shared().createDatabase("survival"));
    run("set timezone = '" + timeZone + "'");
    SurvivalStore.create(connection, size);
  }

  private StoreDatabase(String name) throws SQLException {
    this.name = name;
    this.connection = Postgres.shared().connect(name);
  }

  /** A copy of a store's database, which nobody may be connected to. */
  static StoreDatabase copyOf(String template) throws SQLException {
    return new StoreDatabase(Postgres.shared().createDatabase("survival", template));
  }

  void run(String sql) throws SQLException {
    try (Statement statement = connection.createStatement()) {
      statement.execute(sql);
    }
  }

  void refreshConcurrently() throws SQLException {
    for (List<String> views : List.of(BASE_VIEWS, T0_VIEWS)) {
      for (String view : views) {
        run("refresh materialized view concurrently " + view);
      }
    }
  }

  /** The first column of every row, as text. */
  List<String> texts(String sql) throws SQLException {
    List<String> texts = new ArrayList<>();
    try (Statement statement = connection.createStatement();
        ResultSet rows = statement.executeQuery(sql)) {
      while (rows.next()) {
        texts.add(rows.getString(1));
      }
    }
    return texts;
  }

  String text(String sql) throws SQLException {
    return texts(sql).get(0);
  }

  int count(String sql) throws SQLException {
    return Integer.parseInt(text("select count(*) from " + sql));
  }

  /** One hash over the text of every row and column that training can see. */
  String hashOfEntrypoint() throws SQLException {
    run("set datestyle = 'ISO'; set timezone = 'UTC'; set extra_float_digits = 1");
    return text(
        "select md5(string_agg(md5(e::text), '' order by generation, listing_id)) from "
            + SurvivalStore.ENTRYPOINT
            + " as e");
  }

  /** Hashes of the entrypoint's rows by key. */
  Map<String, String> rowsOfEntrypoint() throws SQLException {
    TreeMap<String, String> hashes = new TreeMap<>();
    try (Statement statement = connection.createStatement();
        ResultSet rows =
            statement.executeQuery(
                "select generation || '/' || listing_id, md5(e::text) from "
                    + SurvivalStore.ENTRYPOINT
                    + " as e")) {
      while (rows.next()) {
        hashes.put(rows.getString(1), rows.getString(2));
      }
    }
    return hashes;
  }

  @Override
  public void close() throws SQLException {
    connection.close();
  }
}
