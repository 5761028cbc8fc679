package io.guardedjdbc.analysis;

import static java.util.Objects.requireNonNull;

import io.guardedjdbc.testing.Postgres;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.Properties;
import org.postgresql.Driver;

/**
 * The corpus' oracle: a database whose user may do everything but read the guarded views, so that
 * the server refuses exactly what reads them. Whatever a text does is rolled back.
 */
public final class CorpusServer implements AutoCloseable {
  private static final String READER =
      """
      DROP ROLE IF EXISTS corpus_reader;
      CREATE ROLE corpus_reader LOGIN;
      GRANT ALL ON SCHEMA public, ml, other, guarded_rel TO corpus_reader;
      GRANT ALL ON ALL TABLES IN SCHEMA public, ml, other, guarded_rel TO corpus_reader;
      GRANT ALL ON base TO corpus_reader;
      REVOKE ALL ON ml.guarded_rel, ml.guarded_one FROM corpus_reader;
      """;

  private final Connection connection;

  private CorpusServer(Connection connection) {
    this.connection = connection;
  }

  /** A new database, and a connection to it that is not in autocommit. */
  public static CorpusServer open() {
    Postgres postgres = Postgres.shared();
    try {
      String database = postgres.createDatabase("corpus");
      try (Connection owner = postgres.connect(database);
          Statement statement = owner.createStatement()) {
        statement.execute(Corpus.OBJECTS + READER);
      }
      // the server splits, not pgjdbc
      String url = postgres.url("jdbc:postgresql:", database, "corpus_reader");
      Connection connection =
          requireNonNull(new Driver().connect(url + "&preferQueryMode=simple", new Properties()));
      try (Statement statement = connection.createStatement()) {
        statement.execute("SET search_path = ml, public; SET statement_timeout = '2s'");
      }
      connection.setAutoCommit(false);
      return new CorpusServer(connection);
    } catch (SQLException e) {
      throw new IllegalStateException(e);
    }
  }

  /** The user's connection. */
  public Connection connection() {
    return connection;
  }

  /** What the server says to a text: the message of its error, or nothing. */
  String answer(String sql) {
    String answer = "";
    try {
      try (Statement statement = connection.createStatement()) {
        statement.setEscapeProcessing(false);
        statement.execute(sql);
      } catch (SQLException e) {
        answer = String.valueOf(e.getMessage());
      } finally {
        connection.rollback();
      }
    } catch (SQLException e) {
      throw new IllegalStateException("after " + sql, e);
    }
    return answer;
  }

  /** Whether the server refuses a text because it reads a guarded view. */
  public boolean refuses(String sql) {
    return answer(sql).contains("permission denied for view guarded_");
  }

  @Override
  public void close() throws SQLException {
    connection.close();
  }
}
