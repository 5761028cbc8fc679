package io.guardedjdbc.analysis;

import static java.util.Objects.requireNonNull;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import io.guardedjdbc.testing.Postgres;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.Properties;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.postgresql.Driver;

/**
 * The corpus against its oracle, a real server: it refuses a role without permission exactly the
 * statements that read the guarded view.
 */
class CorpusOnServerTest {
  private static Connection connection;

  static Stream<Corpus.Line> lines() {
    return Corpus.lines().filter(Corpus.Line::triedOnServer);
  }

  @BeforeAll
  static void createObjects() throws SQLException {
    Postgres postgres = Postgres.shared();
    String database = postgres.createDatabase("corpus");
    try (Connection owner = postgres.connect(database);
        Statement statement = owner.createStatement()) {
      statement.execute(
          Corpus.OBJECTS
              + """
          DROP ROLE IF EXISTS corpus_reader;
          CREATE ROLE corpus_reader LOGIN;
          GRANT ALL ON SCHEMA public, ml, other TO corpus_reader;
          GRANT ALL ON ALL TABLES IN SCHEMA public, ml, other TO corpus_reader;
          GRANT ALL ON base TO corpus_reader;
          REVOKE ALL ON ml.guarded_rel, ml.guarded_one FROM corpus_reader;
          """);
    }
    // the server splits, not pgjdbc
    String url = postgres.url("jdbc:postgresql:", database, "corpus_reader");
    connection =
        requireNonNull(new Driver().connect(url + "&preferQueryMode=simple", new Properties()));
    try (Statement statement = connection.createStatement()) {
      statement.execute("SET search_path = ml, public");
    }
    connection.setAutoCommit(false);
  }

  @AfterAll
  static void close() throws SQLException {
    connection.close();
  }

  @ParameterizedTest
  @MethodSource("lines")
  void serverAgrees(Corpus.Line line) throws SQLException {
    SQLException refused;
    try (Statement statement = connection.createStatement()) {
      refused = catchThrowableOfType(SQLException.class, () -> statement.execute(line.sql()));
    } finally {
      connection.rollback();
    }
    String message = refused == null ? "" : refused.getMessage();
    if (line.claim() == 'R' || line.claim() == 'L') {
      assertThat(message).contains("permission denied for view guarded_");
    } else {
      assertThat(message).isEmpty();
    }
  }
}
