package io.guardedjdbc.refresher.db;

import io.guardedjdbc.refresher.exit.ExitCode;
import io.guardedjdbc.refresher.exit.Failure;
import io.guardedjdbc.refresher.exit.SqlFailures;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.sql.SQLException;
import java.util.Arrays;
import java.util.List;
import java.util.function.Supplier;
import org.flywaydb.core.Flyway;
import org.flywaydb.core.api.FlywayException;
import org.flywaydb.core.api.MigrationInfo;
import org.postgresql.ds.PGSimpleDataSource;

/** The audit schema's migrations, applied by Flyway. The only class that loads it. */
public final class Migrations {
  /** Whatever the role's or the database's defaults are. */
  private static final String SESSION =
      "SET standard_conforming_strings = on; SET quote_all_identifiers = off;"
          + " SET default_transaction_read_only = off; SET idle_in_transaction_session_timeout = 0";

  private static final String LOCATION = "db/migration";

  private final Flyway flyway;

  /** The migrations of this program against a database. */
  public Migrations(Target target) {
    PGSimpleDataSource source = new PGSimpleDataSource();
    source.setUrl(target.url());
    try {
      for (String name : target.properties().stringPropertyNames()) {
        source.setProperty(name, target.properties().getProperty(name));
      }
      source.setApplicationName("guarded-jdbc refresher init");
    } catch (SQLException e) {
      throw SqlFailures.connecting(target.toString(), e);
    }
    this.flyway =
        Flyway.configure(Migrations.class.getClassLoader())
            .dataSource(source)
            .initSql(SESSION)
            .locations("classpath:" + LOCATION)
            .schemas("audit")
            .defaultSchema("audit")
            .createSchemas(true)
            .table("guard_schema_history")
            .baselineOnMigrate(true)
            .baselineVersion("0")
            .placeholderReplacement(false)
            .validateMigrationNaming(true)
            // A file of functions may have been split since: what it made is replaced by others.
            .ignoreMigrationPatterns("repeatable:missing")
            .load();
  }

  /** Scripts that are not applied yet, in order. */
  public List<String> pending() {
    return caught(
        () -> Arrays.stream(flyway.info().pending()).map(MigrationInfo::getScript).toList());
  }

  /** All scripts of this program. */
  public List<String> all() {
    return caught(
        () ->
            Arrays.stream(flyway.info().all())
                .filter(info -> info.getState().isResolved())
                .map(MigrationInfo::getScript)
                .filter(script -> script.endsWith(".sql"))
                .distinct()
                .toList());
  }

  /** Applies what is pending. */
  public void apply() {
    caught(flyway::migrate);
  }

  /** The SQL of a script. */
  public static String sql(String script) {
    return resource(LOCATION + "/" + script);
  }

  /** The SQL of a script that is no migration. */
  public static String script(String name) {
    return resource("db/" + name);
  }

  private static String resource(String path) {
    try (InputStream in = Migrations.class.getClassLoader().getResourceAsStream(path)) {
      if (in == null) {
        throw new IllegalStateException("no such resource: " + path);
      }
      return new String(in.readAllBytes(), StandardCharsets.UTF_8);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static <T> T caught(Supplier<T> work) {
    try {
      return work.get();
    } catch (FlywayException e) {
      for (Throwable cause = e.getCause(); cause != null; cause = cause.getCause()) {
        if (cause instanceof SQLException sql) {
          throw SqlFailures.of("Migration of schema audit", sql);
        }
      }
      String line = String.valueOf(e.getMessage()).lines().findFirst().orElse("unknown");
      throw new Failure(ExitCode.COULD_NOT_CHECK, "Migration of schema audit failed: " + line, e);
    }
  }
}
