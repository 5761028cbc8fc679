package io.guardedjdbc.examples.survival;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;

/** A file of the sample's resources. */
final class SqlResource {
  private SqlResource() {}

  static String text(String file) {
    try (InputStream stream = SqlResource.class.getResourceAsStream("/survival/" + file)) {
      if (stream == null) {
        throw new IllegalStateException("the jar lacks survival/" + file);
      }
      return new String(stream.readAllBytes(), StandardCharsets.UTF_8);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** Sends the whole file as one string; as a transaction of its own under autocommit. */
  static void run(Connection connection, String file) throws SQLException {
    try (Statement statement = connection.createStatement()) {
      statement.setEscapeProcessing(false);
      statement.execute(text(file));
    }
  }
}
