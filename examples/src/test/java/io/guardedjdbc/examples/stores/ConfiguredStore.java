package io.guardedjdbc.examples.stores;

import io.guardedjdbc.GuardedDriver;
import io.guardedjdbc.refresher.RefresherApp;
import io.guardedjdbc.testing.Postgres;
import java.io.IOException;
import java.io.InputStream;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Objects;
import java.util.Properties;

/**
 * A store in a database of its own, known to the refresher by its YAML alone and read through the
 * guarding driver. Its files are resources beside each other. Not thread-safe.
 */
final class ConfiguredStore implements AutoCloseable {
  /** What a command of the refresher gave back: exit code, and both of its outputs in one line. */
  record Answer(int code, String text) {}

  final Connection plain;

  private final Postgres server = Postgres.shared();
  private final String folder;
  private final String database;

  ConfiguredStore(String folder) throws SQLException {
    this(folder, "template1");
  }

  private ConfiguredStore(String folder, String template) throws SQLException {
    this.folder = folder;
    this.database = server.createDatabase(folder, template);
    this.plain = server.connect(database);
  }

  /**
   * The same store in another database; this one is closed, and nobody may have read it guarded.
   */
  ConfiguredStore copy() throws SQLException {
    close();
    return new ConfiguredStore(folder, database);
  }

  /** Runs one of the store's SQL files. */
  void sql(String file) throws SQLException {
    try (Statement statement = plain.createStatement()) {
      statement.setEscapeProcessing(false);
      statement.execute(text(file));
    }
  }

  /** The text of one of the store's files. */
  String text(String file) {
    try (InputStream stream =
        ConfiguredStore.class.getResourceAsStream("/stores/" + folder + "/" + file)) {
      return new String(
          Objects.requireNonNull(stream, file).readAllBytes(), StandardCharsets.UTF_8);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** {@code refresher init} with a configuration, by way of a file as anybody would. */
  Answer init(Path directory, String yaml) throws IOException {
    Path file = directory.resolve(folder + ".yaml");
    Files.writeString(file, yaml);
    return refresher("init", file.toString());
  }

  /** Approves what {@code baseline propose} proposed. */
  Answer approveBaselines(String store) throws SQLException {
    Answer proposed = refresher("baseline", "propose", store);
    for (String id :
        rows("SELECT baseline_id FROM audit.baseline WHERE status = 'proposed' ORDER BY 1")) {
      Answer approved =
          refresher("baseline", "approve", id, "--reviewer", "ada", "--reason", "first");
      if (approved.code() != 0) {
        return approved;
      }
    }
    return proposed;
  }

  Answer refresher(String... arguments) {
    List<String> all = new ArrayList<>(Arrays.asList(arguments));
    all.addAll(List.of("--url", url()));
    StringWriter answer = new StringWriter();
    PrintWriter writer = new PrintWriter(answer);
    int code = new RefresherApp().execute(writer, writer, all.toArray(String[]::new));
    return new Answer(code, answer.toString().replaceAll("\\s+", " "));
  }

  /** pgjdbc's URL of the store's database, with user and whatever else it takes. */
  String url() {
    return server.url(database);
  }

  /** Runs a text over the plain connection. */
  void plainly(String sql) throws SQLException {
    try (Statement statement = plain.createStatement()) {
      statement.execute(sql);
    }
  }

  /** All rows of a query as text, read plainly. */
  List<String> rows(String sql) throws SQLException {
    return rows(plain, sql);
  }

  /** The same through the guarding driver, on a connection of its own. */
  List<String> guardedRows(String sql) throws SQLException {
    try (Connection guarded =
        Objects.requireNonNull(
            new GuardedDriver().connect(server.guardedUrl(database), new Properties()))) {
      return rows(guarded, sql);
    }
  }

  private static List<String> rows(Connection connection, String sql) throws SQLException {
    List<String> rows = new ArrayList<>();
    try (Statement statement = connection.createStatement();
        ResultSet result = statement.executeQuery(sql)) {
      int columns = result.getMetaData().getColumnCount();
      while (result.next()) {
        StringBuilder row = new StringBuilder();
        for (int column = 1; column <= columns; column++) {
          row.append(column == 1 ? "" : "|").append(result.getString(column));
        }
        rows.add(row.toString());
      }
    }
    return rows;
  }

  @Override
  public void close() throws SQLException {
    plain.close();
  }
}
