package io.guardedjdbc.examples.story;

import static org.assertj.core.api.Assertions.assertThat;

import io.guardedjdbc.testing.Postgres;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The whole of both halves, end to end, in somebody's own database. */
class StoryTest {
  private final Postgres server = Postgres.shared();
  private final StringWriter told = new StringWriter();

  @Test
  @Tag("smoke")
  @Tag("postgres14")
  void goesAsToldAndTidiesUp() throws SQLException {
    String database = server.createDatabase("story");
    int code = story("--url", server.url(database), "--listings", "1500");
    assertThat(told.toString())
        .contains("dropped everything that the story made", "Every step went as told.");
    assertThat(code).isZero();
    assertThat(schemas(database)).isEqualTo("public");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {"CREATE MATERIALIZED VIEW", "CREATE PROCEDURE", "REFRESH MATERIALIZED VIEW"})
  void tidiesUpTooWhenItDoesNotGoAsTold(String breaks) throws SQLException {
    String database = server.createDatabase("story");
    try (Connection connection = server.connect(database);
        Statement statement = connection.createStatement()) {
      statement.execute(
          "CREATE FUNCTION public.breaks() RETURNS event_trigger LANGUAGE plpgsql AS"
              + " $$ BEGIN RAISE EXCEPTION 'not here'; END $$;"
              + " CREATE EVENT TRIGGER breaks ON ddl_command_end WHEN TAG IN ('"
              + breaks
              + "') EXECUTE FUNCTION public.breaks()");
    }
    int code = story("--url", server.url(database), "--listings", "1000");
    assertThat(told.toString())
        .contains("not here", "dropped everything that the story made")
        .doesNotContain("Every step went as told.");
    assertThat(code).isEqualTo(1);
    assertThat(schemas(database)).isEqualTo("public");
  }

  @Test
  void leavesADatabaseAloneThatHasASchemaOfItsNames() throws SQLException {
    String database = server.createDatabase("story");
    try (Connection connection = server.connect(database);
        Statement statement = connection.createStatement()) {
      statement.execute("CREATE SCHEMA ml CREATE TABLE mine (id integer)");
    }
    int code = story("--url", server.url(database));
    assertThat(told.toString()).contains("will not touch yours: ml");
    assertThat(code).isEqualTo(2);
    assertThat(schemas(database)).isEqualTo("ml, public");
  }

  @Test
  void refusesOptionsThatItCantPlayWith() {
    assertThat(story("--listings", "12")).isEqualTo(2);
    assertThat(story("--url", "jdbc:mysql://localhost/x")).isEqualTo(2);
    assertThat(told.toString())
        .contains("--listings must be 1000 to 500000, not 12", "must begin with jdbc:postgresql:");
  }

  @Test
  void saysInALineThatItGotNoConnection() {
    assertThat(story("--url", server.url("nobody_made_this"))).isEqualTo(1);
    assertThat(told.toString())
        .contains("The story ended early", "nobody_made_this")
        .doesNotContain("at org.postgresql");
  }

  private int story(String... arguments) {
    PrintWriter writer = new PrintWriter(told, true);
    return StoryCommand.execute(writer, writer, arguments);
  }

  private String schemas(String database) throws SQLException {
    try (Connection connection = server.connect(database);
        Statement statement = connection.createStatement();
        ResultSet row =
            statement.executeQuery(
                "SELECT string_agg(nspname, ', ' ORDER BY nspname) FROM pg_namespace"
                    + " WHERE nspname NOT LIKE 'pg\\_%' AND nspname <> 'information_schema'")) {
      row.next();
      return row.getString(1);
    }
  }
}
