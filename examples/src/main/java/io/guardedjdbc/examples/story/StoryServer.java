package io.guardedjdbc.examples.story;

import io.zonky.test.db.postgres.embedded.EmbeddedPostgres;
import java.io.Closeable;
import java.io.IOException;
import java.sql.Connection;
import java.sql.SQLException;
import java.time.Duration;
import java.util.Objects;
import java.util.Properties;
import org.jspecify.annotations.Nullable;

/** Where the story takes place: an embedded PostgreSQL, or the user's own. */
final class StoryServer implements Closeable {
  private static final String PLAIN = "jdbc:postgresql:";

  private final @Nullable EmbeddedPostgres embedded;
  private final String url;

  private StoryServer(@Nullable EmbeddedPostgres embedded, String url) {
    this.embedded = embedded;
    this.url = url;
  }

  static StoryServer embedded() throws IOException {
    EmbeddedPostgres server =
        EmbeddedPostgres.builder()
            .setPGStartupWait(Duration.ofMinutes(1))
            .setServerConfig("timezone", "UTC")
            .start();
    return new StoryServer(
        server, PLAIN + "//localhost:" + server.getPort() + "/postgres?user=postgres");
  }

  /**
   * @throws IllegalArgumentException if it is no URL of pgjdbc's
   */
  static StoryServer own(String url) {
    if (!url.startsWith(PLAIN)) {
      throw new IllegalArgumentException("--url must begin with " + PLAIN + ", not " + url);
    }
    return new StoryServer(null, url);
  }

  boolean isOwn() {
    return embedded == null;
  }

  /** The plain URL, for pgjdbc. */
  String url() {
    return url;
  }

  /** The same database through the guarding driver, with more properties ({@code name=value}). */
  String guardedUrl(String... properties) {
    StringBuilder guarded =
        new StringBuilder("jdbc:guarded:postgresql:" + url.substring(PLAIN.length()));
    for (String property : properties) {
      guarded.append(guarded.indexOf("?") < 0 ? '?' : '&').append(property);
    }
    return guarded.toString();
  }

  Connection connect() throws SQLException {
    return Objects.requireNonNull(new org.postgresql.Driver().connect(url, new Properties()));
  }

  @Override
  public void close() throws IOException {
    if (embedded != null) {
      embedded.close();
    }
  }
}
