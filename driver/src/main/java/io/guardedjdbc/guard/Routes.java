package io.guardedjdbc.guard;

import io.guardedjdbc.analysis.SqlFacts;
import io.guardedjdbc.analysis.StatementFacts;
import io.guardedjdbc.analysis.StatementKind;
import io.guardedjdbc.catalog.Match;
import io.guardedjdbc.catalog.Refused;
import io.guardedjdbc.error.GuardState;
import io.guardedjdbc.error.Refusals;
import java.sql.SQLException;
import java.util.List;
import java.util.Locale;
import java.util.Set;

/** Which ways of touching something guarded can be validated at all; the others are refused. */
record Routes(Copies copies) {
  /** Functions of a SELECT whose effect in the session or database ends with a rollback. */
  private static final Set<String> LEAVES_SOMETHING =
      Set.of("set_config", "pg_notify", "lo_create", "lo_from_bytea", "lo_put", "lowrite");

  static final String PLAIN = "use a plain connection";

  /** Whether a statement may leave something behind that a refusal has to take back. */
  static boolean changes(StatementFacts part) {
    StatementKind inner = part.inner();
    return switch (part.kind()) {
      case WRITE, COPYING, COPY_IN, DO, CALL, REFRESH, DECLARE, EXECUTE, FETCH, UNKNOWN -> true;
      case EXPLAIN -> part.analyzes() && inner != StatementKind.READ;
      case COPY_OUT, COPY_FILE -> inner != StatementKind.READ;
      default -> part.calls().keySet().stream().anyMatch(LEAVES_SOMETHING::contains);
    };
  }

  /**
   * Refuses what no certificate opens, and what could not be validated.
   *
   * @param match what the text touches: something guarded
   * @param memory what prepared statements mean
   * @param failedTransaction whether it would run in a transaction that has failed
   */
  void require(SqlFacts sql, Match match, SessionMemory memory, boolean failedTransaction)
      throws SQLException {
    refuse(match.refused());
    if (sql.unlexable()) {
      throw unguarded(
          "a text that can't be understood (" + sql.doubt() + ")",
          "Send it as plain statements, one at a time");
    }
    if (sql.setsTransactionBeforeRead() || (failedTransaction && sql.parts().size() > 1)) {
      throw unguarded(
          "a guarded read behind transaction control in the same text",
          "Send BEGIN, COMMIT, ROLLBACK and SET TRANSACTION apart from it");
    }
    for (StatementFacts part : sql.parts()) {
      require(part, match);
      if (copies == Copies.DENY && mayCopy(sql, part, match, memory)) {
        throw unguarded(
            "a copy of guarded rows (guard.copies=deny)", "Read them with SELECT, or " + PLAIN);
      }
    }
    if (!match.irrevocable().isEmpty()) {
      String what = match.irrevocable().stream().sorted().findFirst().orElseThrow();
      requireCopies(what + ", which no rollback undoes,", "Read the rows first, or ");
    }
  }

  private static void refuse(List<Refused> refused) throws SQLException {
    if (refused.isEmpty()) {
      return;
    }
    Refused first = refused.get(0);
    String others = refused.size() == 1 ? "" : " (and " + (refused.size() - 1) + " more)";
    String entrypoints = String.join(" or ", first.entrypoints());
    throw switch (first.kind()) {
      case CLOSURE ->
          Refusals.refusal(
              GuardState.CLOSURE,
              first.object() + others + " lies inside the closure of " + entrypoints,
              "Read " + entrypoints);
      case COPY ->
          Refusals.refusal(
              GuardState.REFUSED,
              first.object()
                  + others
                  + " is a copy of "
                  + entrypoints
                  + " whose rows no certificate covers",
              "Read " + entrypoints);
      case POLICY, IMMUTABLE_FUNCTION, NOT_AN_ALIAS ->
          Refusals.refusal(
              GuardState.REFUSED,
              first.object() + others + " may not be read: " + first.reason(),
              entrypoints.isEmpty() ? "Read the certified store instead" : "Read " + entrypoints);
    };
  }

  private void require(StatementFacts part, Match match) throws SQLException {
    switch (part.kind()) {
      case COPY_OUT, DECLARE -> {
        if (match.throughVolatileFunction()) {
          throw unguarded(
              (part.kind() == StatementKind.DECLARE ? "a cursor over" : "COPY of")
                  + " what a volatile function reads",
              "Read it by a SELECT statement");
        }
      }
      case COPY_IN -> throw unguarded("COPY … FROM into what reads guarded rows", PLAIN);
      case COPY_FILE ->
          requireCopies("COPY to a file or program of the server", "Use COPY … TO STDOUT, or ");
      default -> {}
    }
  }

  /** By its own text, by one that was prepared, or by code: what that does is not shown. */
  private static boolean mayCopy(
      SqlFacts sql, StatementFacts part, Match match, SessionMemory memory) {
    return switch (part.kind()) {
      case WRITE, COPYING, REFRESH, DO, CALL, UNKNOWN -> true;
      case EXPLAIN -> part.analyzes() && part.inner() != StatementKind.READ;
      // what stands before it in the same text may have prepared another one
      case EXECUTE ->
          sql.parts().size() > 1 || memory.mayWrite(part) || match.throughVolatileFunction();
      default -> match.throughVolatileFunction();
    };
  }

  private void requireCopies(String route, String advice) throws SQLException {
    if (copies != Copies.ALLOW) {
      throw unguarded(route, advice + PLAIN + ", or set guard.copies=allow");
    }
  }

  /** Its snapshot is older than what the registry says now. */
  static SQLException definedAnew() {
    return unguarded(
        "further rows of a query that reads something else than when it began", "Run it again");
  }

  static SQLException unguarded(String route, String advice) {
    return Refusals.refusal(GuardState.ROUTE, route + " can't be guarded", capital(advice));
  }

  private static String capital(String advice) {
    return advice.substring(0, 1).toUpperCase(Locale.ROOT) + advice.substring(1);
  }
}
