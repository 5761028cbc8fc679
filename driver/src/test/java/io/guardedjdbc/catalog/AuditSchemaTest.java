package io.guardedjdbc.catalog;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.net.URISyntaxException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Objects;
import java.util.stream.Stream;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** The audit schema as the refresher's migrations leave it, read by a role without grants in it. */
@Tag("postgres14")
class AuditSchemaTest {
  private static final String FOR_READERS =
      """
      select distinct p.proname from pg_proc p where p.pronamespace = 'audit'::regnamespace
        and p.prosecdef and p.prorettype <> 'trigger'::regtype
        and has_function_privilege('public', p.oid, 'EXECUTE')
      """;

  static List<Path> migrations() throws IOException, URISyntaxException {
    Path folder =
        Path.of(Objects.requireNonNull(AuditSchemaTest.class.getResource("/db/migration")).toURI());
    try (Stream<Path> files = Files.list(folder)) {
      return files
          .filter(file -> file.toString().endsWith(".sql"))
          .sorted(
              Comparator.comparing((Path file) -> !file.getFileName().toString().startsWith("V"))
                  .thenComparing(file -> file.getFileName().toString()))
          .toList();
    }
  }

  @Test
  void isReadThroughItsReaderFunctions() throws Exception {
    try (TestDatabase database = new TestDatabase()) {
      database.execute("create schema ml; create schema if not exists audit");
      for (Path migration : migrations()) {
        database.execute(Files.readString(migration));
      }
      database.execute(TestDatabase.STORE);
      database.execute(
          """
          create table ml.legacy(i int);
          insert into audit.entrypoint_policy(entrypoint, store, procedure_suffix, closure,
            key_columns, anchor_column, config, config_digest)
          values ('ml.store', 'demo', 'demo', 'guard', '{id}', 'day', '{}', 'x');
          insert into audit.relation_rule values ('demo', 'refused', 'ml.leg*', 'old');
          """);
      GuardMap map = asReader(database);
      assertThat(map.source().policy()).isEqualTo(MapSource.Policy.FUNCTION);
      assertThat(map.source().registryTable()).isFalse();
      assertThat(TestDatabase.touched(map, "table ml.train").entrypoints())
          .containsExactly("ml.store");
      assertThat(TestDatabase.touched(map, "table ml.features_mv").entrypoints())
          .containsExactly("ml.store");
      assertThat(TestDatabase.touched(map, "table ml.legacy").refused()).hasSize(1);
      for (String allowed :
          new String[] {
            "select * from audit.certificate_look()",
            "select * from audit.guard_policy()",
            "select audit.require_certified_strict('ml.store', interval '24 hours')",
            "select audit.cert_guard('ml.store', interval '24 hours')",
            "select * from audit.t0_cert_registry",
            "select * from audit.certificate_history"
          }) {
        assertThat(TestDatabase.touched(map, allowed).isNothing()).as(allowed).isTrue();
      }
    }
  }

  /** Asking why a store is closed works while it is closed, whatever the store is called. */
  @Test
  void readersMayAskWhyAStoreIsClosed() throws Exception {
    try (TestDatabase database = new TestDatabase()) {
      database.execute("create schema ml; create schema if not exists audit");
      for (Path migration : migrations()) {
        database.execute(Files.readString(migration));
      }
      database.execute(
          """
          create view ml.y as select 1 i;
          insert into audit.t0_cert_registry(entrypoint, status) values ('ml.y', 'FAILED');
          """);
      GuardMap map = asReader(database);
      assertThat(TestDatabase.touched(map, "table ml.y").guarded()).isTrue();
      List<String> asked = new ArrayList<>();
      try (Statement statement = database.connection.createStatement();
          ResultSet functions = statement.executeQuery(FOR_READERS)) {
        while (functions.next()) {
          asked.add(functions.getString(1));
        }
      }
      assertThat(asked).contains("certificate_look", "store_remarks", "why_not_certified");
      for (String function : asked) {
        assertThat(TestDatabase.touched(map, "select * from audit." + function + "()").guarded())
            .as(function)
            .isFalse();
      }
    }
  }

  @Test
  void whatAStepFillsATableFromLiesInTheClosure() throws Exception {
    try (TestDatabase database = new TestDatabase()) {
      database.execute("create schema ml; create schema if not exists audit");
      for (Path migration : migrations()) {
        database.execute(Files.readString(migration));
      }
      database.execute(StepsTest.STEPPED);
      database.execute(
          """
          insert into audit.entrypoint_policy(entrypoint, store, procedure_suffix, key_columns,
            anchor_column, config, config_digest)
          values ('ml.store', 'demo', 'demo', '{id}', 'day', '{}', 'x');
          insert into audit.sql_step(store, name, sql, reads, writes) values
            ('demo', 'fill', 'insert into ml.t select s.id, s.day from ml."Before" s',
              '{ml.declared_mv}', '{ml.t}');
          insert into audit.declared_edge values ('demo', 'ml.unseen_mv', 'fill');
          """);
      StepsTest.assertStepsAreKnown(asReader(database));
    }
  }

  private static GuardMap asReader(TestDatabase database) throws SQLException {
    String role = "reader_" + database.name;
    database.execute("create role " + role + " login");
    try (Connection connection = database.postgres.connect(database.name, role)) {
      GuardMapLoad load = GuardMapLoader.load(connection, GuardMapOptions.DEFAULT, 1);
      assertThat(load).isInstanceOf(GuardMapLoad.Loaded.class);
      return ((GuardMapLoad.Loaded) load).map();
    } finally {
      database.execute("drop role " + role);
    }
  }
}
