package io.guardedjdbc.refresher.proof;

import io.guardedjdbc.testing.HotStandby;
import io.guardedjdbc.testing.Postgres;
import io.zonky.test.db.postgres.embedded.EmbeddedPostgres;
import java.io.IOException;
import java.nio.file.Path;
import java.sql.SQLException;

/** A primary with the proof's stores, and a hot standby of it that can be made to lag behind. */
final class Standby implements AutoCloseable {
  private final EmbeddedPostgres primary;
  private final EmbeddedPostgres standby;

  private Standby(EmbeddedPostgres primary, EmbeddedPostgres standby) {
    this.primary = primary;
    this.standby = standby;
  }

  /** On two servers of their own. */
  static Standby built(int major, Path folder) throws IOException, SQLException {
    EmbeddedPostgres primary = Postgres.own(major);
    ProofStore store = new ProofStore(url(primary, "postgres"));
    // The fixture's servers write late; what is not written yet reaches no standby.
    store.sql("ALTER ROLE postgres SET synchronous_commit = on");
    ProofStore.in(store.url());
    EmbeddedPostgres standby = HotStandby.of(primary, major, folder);
    store.sql("SELECT proof.next_input(true)");
    return new Standby(primary, standby);
  }

  private static String url(EmbeddedPostgres server, String database) {
    return "jdbc:postgresql://localhost:" + server.getPort() + "/" + database + "?user=postgres";
  }

  ProofStore onPrimary() {
    return new ProofStore(url(primary, "postgres"));
  }

  ProofStore onStandby() {
    return new ProofStore(url(standby, "postgres"));
  }

  /** What the primary commits from here on is shown by the standby in one burst, later. */
  void lags(boolean behind) throws SQLException {
    onStandby().sql("SELECT pg_wal_replay_" + (behind ? "pause" : "resume") + "()");
  }

  @Override
  public void close() throws IOException {
    standby.close();
    primary.close();
  }
}
