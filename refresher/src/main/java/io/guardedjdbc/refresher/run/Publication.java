package io.guardedjdbc.refresher.run;

import io.guardedjdbc.refresher.db.Session;
import io.guardedjdbc.refresher.exit.ExitCode;
import io.guardedjdbc.refresher.exit.Failure;
import io.guardedjdbc.refresher.exit.SqlFailures;
import java.sql.SQLException;
import java.time.Duration;
import java.time.Instant;
import java.time.OffsetDateTime;
import java.util.Optional;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * Writes certificates by compare-and-set and commits; finds out what became of a commit whose
 * answer was lost.
 */
final class Publication {
  private static final int QUESTIONS = 50;
  private static final Duration BETWEEN_QUESTIONS = Duration.ofMillis(200);

  private final Session work;
  private final Supplier<Session> fresh;
  private final Interruption interruption;

  Publication(Session work, Supplier<Session> fresh, Interruption interruption) {
    this.work = work;
    this.fresh = fresh;
    this.interruption = interruption;
  }

  /**
   * Puts the certificate into the open transaction.
   *
   * @throws Failure when the row is no longer the one that the run started from
   */
  Published publish(long runId, ActedFor target, Instant certifiedAt) throws SQLException {
    try {
      long id =
          work.number(
              "SELECT audit.publish_certificate(?, ?, ?, ?::timestamptz, ?::timestamptz, ?, audit.watermark(?))",
              runId,
              target.entrypoint(),
              target.row().certificateId(),
              certifiedAt.toString(),
              target.renewed() ? certifiedAt.toString() : null,
              "refresher run " + runId,
              target.store());
      return new Published(target.store(), target.entrypoint(), id, certifiedAt);
    } catch (SQLException e) {
      if ("RG002".equals(e.getSQLState())) {
        throw overtaken(target.entrypoint(), e);
      }
      throw e;
    }
  }

  /** The failure of a run whose registry row was changed by somebody else. */
  static Failure overtaken(String entrypoint, @Nullable SQLException cause) {
    return new Failure(
        ExitCode.COULD_NOT_CHECK,
        "Overtaken: the certificate of "
            + entrypoint
            + " was changed by somebody else while this run was at work; rolled back. Run it again",
        cause);
  }

  /** Commits the transaction, come what may to the connection. */
  void commit() throws SQLException {
    String transaction = work.text("SELECT pg_catalog.pg_current_xact_id()").orElse("");
    interruption.check();
    interruption.cancelsNothing();
    try {
      work.commit();
    } catch (SQLException e) {
      if (!SqlFailures.isConnectionLost(e)) {
        throw e;
      }
      resolve(transaction, e);
    }
  }

  private void resolve(String transaction, SQLException lost) throws SQLException {
    for (int question = 0; question < QUESTIONS; question++) {
      Optional<String> status = ask(transaction);
      if (status.filter("committed"::equals).isPresent()) {
        return;
      }
      if (status.filter("aborted"::equals).isPresent()) {
        throw lost;
      }
      interruption.await(BETWEEN_QUESTIONS);
    }
    throw new Failure(
        ExitCode.COULD_NOT_CHECK,
        "The connection broke during COMMIT and the server does not say whether transaction "
            + transaction
            + " was committed. Ask: refresher status",
        lost);
  }

  private Optional<String> ask(String transaction) {
    try (Session session = fresh.get()) {
      return session.text("SELECT pg_catalog.pg_xact_status(?::xid8)", transaction);
    } catch (SQLException | Failure e) {
      return Optional.empty();
    }
  }

  /** The server's clock, before a snapshot is taken. */
  static Instant serverTime(Session session) throws SQLException {
    return session
        .first(
            "SELECT pg_catalog.clock_timestamp()",
            row -> row.getObject(1, OffsetDateTime.class).toInstant())
        .orElseThrow();
  }
}
