package io.guardedjdbc.refresher.exit;

import java.io.IOException;
import java.sql.SQLException;
import java.util.Optional;
import java.util.stream.Collectors;
import org.postgresql.util.PSQLException;
import org.postgresql.util.ServerErrorMessage;

/**
 * What an SQLState means for the command line: the exit code, and the advice. The one place of
 * these rules.
 */
public final class SqlFailures {
  /**
   * The lock wait was over, or the deadlock detector chose us, or a snapshot was overtaken: worth
   * another try.
   */
  public static boolean isRetryable(SQLException e) {
    return switch (state(e)) {
      case "40001", "40P01", "55P03" -> true;
      default -> false;
    };
  }

  /** The connection is gone, so whatever was sent last may or may not have happened. */
  public static boolean isConnectionLost(SQLException e) {
    String state = state(e);
    return state.startsWith("08") || state.startsWith("57P");
  }

  /** The order of a store's steps has a cycle. */
  public static boolean isCycle(SQLException e) {
    return state(e).equals("42P19");
  }

  /** Our own cancel request arrived. */
  public static boolean isCanceled(SQLException e) {
    return state(e).equals("57014");
  }

  /** A failure while connecting. */
  public static Failure connecting(String target, SQLException e) {
    String state = state(e);
    String why = message(e);
    if (state.startsWith("28")) {
      why += ". Set --user and PGPASSWORD, or a line in the password file (PGPASSFILE)";
    } else if (state.equals("3D000")) {
      why += ". Name an existing database in --url";
    } else if (e.getCause() instanceof IOException) {
      why = "no PostgreSQL answers there. Check --url, or start the server";
    } else if (state.equals("08001") || state.equals("08004")) {
      why += " Check --url";
    }
    return new Failure(ExitCode.COULD_NOT_CHECK, "Can't connect to " + target + ": " + why, e);
  }

  /**
   * A failure of a statement.
   *
   * @param doing what was being done, to begin the sentence: "Refreshing ml.a_mv"
   */
  public static Failure of(String doing, SQLException e) {
    return of(doing, e, "");
  }

  /**
   * The same.
   *
   * @param aside what else is known of it, to follow the server's sentence; may be empty
   */
  public static Failure of(String doing, SQLException e, String aside) {
    String line = doing + " failed: " + message(e) + aside + advice(e) + tag(e);
    return new Failure(exitCode(e), line, e);
  }

  /** The exit code of an SQLState. */
  static ExitCode exitCode(SQLException e) {
    return switch (state(e)) {
      // What a person wrote does not fit the database: running again changes nothing.
      case "42P01",
          "42703",
          "42883",
          "42601",
          "42P07",
          "3F000",
          "22023",
          "42809",
          "42P17",
          "42P19" ->
          ExitCode.USAGE;
      case "RG003" -> ExitCode.LOCKED;
      case "RG001", "RG101", "RG102" -> ExitCode.NOT_CERTIFIED;
      default -> ExitCode.COULD_NOT_CHECK;
    };
  }

  private static String advice(SQLException e) {
    return switch (state(e)) {
      case "42501" ->
          ". Run as the owner of the store's views and of schema audit, or: GRANT the owner's role TO this user."
              + " A refresh reads as the owner of its view: where that role lacks a privilege, GRANT it";
      case "55P03" -> ". Somebody holds the lock; try again, or raise --lock-timeout";
      case "57014" -> ". It was cancelled, by a person or by --statement-timeout";
      case "25006" -> ". The server is read-only: connect to the primary";
      case "53100", "53200", "53300" -> ". The server is out of disk, memory or connections";
      default -> "";
    };
  }

  private static String tag(SQLException e) {
    String state = state(e);
    return state.isEmpty() ? "" : " [" + state + "]";
  }

  /** The server's own sentence, without detail or hint: those may carry row values. */
  public static String message(SQLException e) {
    if (e instanceof PSQLException postgres) {
      Optional<String> server =
          Optional.ofNullable(postgres.getServerErrorMessage()).map(ServerErrorMessage::getMessage);
      if (server.isPresent()) {
        return oneLine(server.get());
      }
    }
    return oneLine(String.valueOf(e.getMessage()));
  }

  /** What stands in the way of a DROP, as the server lists it; empty for any other failure. */
  public static Optional<String> dependents(SQLException e) {
    return e instanceof PSQLException postgres && state(e).equals("2BP01")
        ? Optional.ofNullable(postgres.getServerErrorMessage())
            .map(ServerErrorMessage::getDetail)
            .map(detail -> detail.lines().collect(Collectors.joining("; ")))
        : Optional.empty();
  }

  private static String oneLine(String text) {
    return text.lines().findFirst().orElse("").strip();
  }

  private static String state(SQLException e) {
    return Optional.ofNullable(e.getSQLState()).orElse("");
  }

  private SqlFailures() {}
}
