package io.guardedjdbc;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.Objects;
import java.util.Properties;
import org.junit.jupiter.api.Test;
import org.testcontainers.DockerClientFactory;
import org.testcontainers.postgresql.PostgreSQLContainer;

/** The official image, where a Docker engine runs: another build, with passwords. */
class DockerPostgresTest {
  private static final String READ = "SELECT count(*) FROM ml.store_v";

  @Test
  void guardsTheOfficialImage() throws SQLException {
    assumeTrue(DockerClientFactory.instance().isDockerAvailable(), "no Docker");
    try (PostgreSQLContainer server = new PostgreSQLContainer("postgres:18")) {
      server.start();
      String url = server.getJdbcUrl().replace("jdbc:postgresql:", GuardedUrl.PREFIX);
      Properties login = new Properties();
      login.setProperty("user", server.getUsername());
      login.setProperty("password", server.getPassword());
      try (Connection connection = Objects.requireNonNull(new GuardedDriver().connect(url, login));
          Statement statement = connection.createStatement()) {
        statement.execute(
            """
            CREATE SCHEMA ml; CREATE SCHEMA audit;
            CREATE VIEW ml.store_v AS SELECT 1 AS id;
            CREATE TABLE audit.t0_cert_registry (entrypoint text PRIMARY KEY, status text,
              certified_at timestamptz DEFAULT now());
            INSERT INTO audit.t0_cert_registry VALUES ('ml.store_v', 'FAILED')
            """);
        assertThatThrownBy(() -> statement.executeQuery(READ)).hasMessageContaining("[RG101]");
        statement.execute("UPDATE audit.t0_cert_registry SET status = 'CERTIFIED'");
        try (ResultSet row = statement.executeQuery(READ)) {
          row.next();
          assertThat(row.getInt(1)).isEqualTo(1);
        }
      }
    }
  }
}
