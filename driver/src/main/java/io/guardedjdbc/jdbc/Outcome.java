package io.guardedjdbc.jdbc;

import io.guardedjdbc.Lineage;
import java.sql.SQLException;
import java.sql.SQLWarning;
import org.jspecify.annotations.Nullable;

/**
 * What may be seen of a statement's last execution: nothing from its start until its release, and
 * nothing after a refusal. Immutable; a statement holds the one of the moment, as other threads may
 * look on while it executes.
 *
 * @param hidden whether nothing may be seen
 * @param lineage what covered it; {@link Lineage#NONE} where nothing guarded was read
 * @param refusal why it was refused; null: it was not
 * @param warning why it would have been; null: it would not
 */
record Outcome(
    boolean hidden, Lineage lineage, @Nullable SQLException refusal, @Nullable SQLWarning warning) {

  /** A new execution begins; what the one before it left is gone. */
  static final Outcome NONE = new Outcome(false, Lineage.NONE, null, null);

  /** It is under way, and touches something guarded. */
  static final Outcome HIDDEN = new Outcome(true, Lineage.NONE, null, null);

  Outcome hide() {
    return refusal == null && warning == null
        ? HIDDEN
        : new Outcome(true, lineage, refusal, warning);
  }

  Outcome released(Lineage covering) {
    return new Outcome(false, covering, refusal, warning);
  }

  /** Keeps why it was refused, for whoever asks for results later. */
  Outcome refused(SQLException why) {
    return new Outcome(hidden, lineage, why, warning);
  }

  Outcome warned(@Nullable SQLWarning of) {
    return new Outcome(hidden, lineage, refusal, of);
  }

  /** Ours ahead of those that came with the result; nothing is kept in theirs. */
  @Nullable SQLWarning warnings(@Nullable SQLWarning given) {
    if (warning == null) {
      return given;
    }
    SQLWarning first = new SQLWarning(warning.getMessage(), warning.getSQLState());
    if (given != null) {
      first.setNextWarning(given);
    }
    return first;
  }

  /** Throws the refusal once more if results are asked for that may not be seen. */
  void check() throws SQLException {
    if (hidden) {
      throw refusal != null ? refusal : new SQLException("The statement is still running", "55000");
    }
  }
}
