package io.guardedjdbc.catalog;

import static org.assertj.core.api.Assertions.assertThat;

import io.guardedjdbc.analysis.Analyzer;
import io.guardedjdbc.testing.Postgres;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.HashSet;
import java.util.Set;

/** A database of its own with the runbook's registry, and guard maps read from it. */
final class TestDatabase implements AutoCloseable {
  /** The registry and baselines as the runbook's system leaves them. */
  static final String RUNBOOK =
      """
      create schema audit; create schema ml;
      create table audit.t0_cert_registry(entrypoint text primary key, status text,
        certified_at timestamptz default now(), viewdef_objects int, dataset_days int, notes text);
      create table audit.t0_viewdef_baseline(entrypoint text, object_fqn text, relkind text,
        viewdef_sha256 text, captured_at timestamptz, primary key (entrypoint, object_fqn));
      """;

  /** One store: table raw, view features_mv under entrypoint store, alias train. */
  static final String STORE =
      """
      create table ml.raw(id int primary key, day date);
      create materialized view ml.features_mv as select * from ml.raw;
      create view ml.store as select * from ml.features_mv;
      create view ml.train as select * from ml.store;
      insert into audit.t0_cert_registry(entrypoint, status) values ('ml.store', 'CERTIFIED');
      """;

  final Postgres postgres = Postgres.shared();
  final String name;
  final Connection connection;

  TestDatabase(String... setup) throws SQLException {
    name = postgres.createDatabase("catalog");
    connection = postgres.connect(name);
    for (String sql : setup) {
      execute(sql);
    }
  }

  void execute(String sql) throws SQLException {
    try (Statement statement = connection.createStatement()) {
      statement.execute(sql);
    }
  }

  GuardMap map() throws SQLException {
    return map(GuardMapOptions.DEFAULT);
  }

  GuardMap map(GuardMapOptions options) throws SQLException {
    GuardMapLoad load = GuardMapLoader.load(connection, options, 1);
    assertThat(load).isInstanceOf(GuardMapLoad.Loaded.class);
    return ((GuardMapLoad.Loaded) load).map();
  }

  /** Reads the registry's rows each time, as of the moment asked for. */
  Registered.Rows registered(long nanos, Connection reader) throws SQLException {
    Set<String> entrypoints = new HashSet<>();
    try (Statement statement = reader.createStatement();
        ResultSet rows = statement.executeQuery("SELECT entrypoint FROM audit.t0_cert_registry")) {
      while (rows.next()) {
        entrypoints.add(rows.getString(1));
      }
    }
    return new Registered.Rows(entrypoints, nanos + 1);
  }

  /** What the text touches by a map read now. */
  Match touched(String sql) throws SQLException {
    return touched(map(), sql);
  }

  static Match touched(GuardMap map, String sql) {
    return map.match(Analyzer.analyze(sql, true));
  }

  @Override
  public void close() throws SQLException {
    connection.close();
  }
}
