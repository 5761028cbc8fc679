package io.guardedjdbc.guard;

import io.guardedjdbc.analysis.SqlFacts;
import io.guardedjdbc.analysis.StatementFacts;
import io.guardedjdbc.analysis.StatementKind;
import io.guardedjdbc.catalog.Refused;
import io.guardedjdbc.error.GuardState;
import io.guardedjdbc.error.Refusals;
import java.sql.SQLException;
import java.util.List;

/** Which ways of touching something guarded can be validated at all; the others are refused. */
final class Routes {
  private Routes() {}

  /** Refuses what no certificate opens: the first of the relations concerned is named. */
  static void refuse(List<Refused> refused) throws SQLException {
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

  /** Refuses a guarded text whose release could not be validated. */
  static void requireGuardable(SqlFacts sql, boolean failedTransaction) throws SQLException {
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
      requireGuardable(part);
    }
  }

  private static void requireGuardable(StatementFacts part) throws SQLException {
    StatementKind kind = part.kind();
    if (kind.passes()) {
      return;
    }
    switch (kind) {
      case READ, COPY_OUT, UNKNOWN -> {}
      case EXPLAIN -> {
        StatementKind inner = part.inner();
        if (inner != null && inner != StatementKind.READ) {
          throw unguarded("EXPLAIN of a " + name(inner), "Explain the SELECT alone");
        }
      }
      case COPY_FILE ->
          throw unguarded(
              "COPY to a file or program of the server, which no rollback undoes",
              "Use COPY … TO STDOUT, or a plain connection");
      case DECLARE, FETCH ->
          throw unguarded(
              "a cursor declared in SQL over guarded rows",
              "Use setFetchSize with autocommit off, which reads through a guarded cursor");
      case PREPARE, EXECUTE ->
          throw unguarded(
              "PREPARE and EXECUTE in SQL over guarded rows", "Use a PreparedStatement");
      default ->
          throw unguarded(
              "a " + name(kind) + " that reads or may read guarded rows",
              "Read them with SELECT, or use a plain connection");
    }
  }

  private static String name(StatementKind kind) {
    return switch (kind) {
      case WRITE -> "write";
      case COPYING -> "copy into a relation";
      case REFRESH -> "REFRESH MATERIALIZED VIEW";
      case COPY_IN -> "COPY … FROM";
      default -> kind.name().replace('_', ' ');
    };
  }

  static SQLException unguarded(String route, String advice) {
    return Refusals.refusal(GuardState.ROUTE, route + " can't be guarded", advice);
  }
}
