package io.guardedjdbc.testing;

import static org.assertj.core.api.Assertions.assertThat;

import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

@Tag("postgres14")
class PostgresTest {
  @Test
  void isTheMajorThatThisRunIsFor() throws SQLException {
    Postgres postgres = Postgres.shared();
    try (Connection connection = postgres.connect(postgres.createDatabase("fixture"));
        Statement statement = connection.createStatement();
        ResultSet rows = statement.executeQuery("select current_setting('server_version_num')")) {
      rows.next();
      assertThat(rows.getInt(1) / 10_000).isEqualTo(postgres.major());
    }
  }
}
