package io.guardedjdbc.jdbc;

import io.guardedjdbc.Lineage;
import java.sql.SQLException;
import java.sql.SQLWarning;
import org.jspecify.annotations.Nullable;

/**
 * What may be seen of a statement's last execution: nothing from its start until its release, and
 * nothing after a refusal. Thread-safe, as other threads may look on while one executes.
 */
final class Outcome {
  private volatile boolean hidden;
  private volatile Lineage lineage = Lineage.NONE;
  private volatile @Nullable SQLException refusal;
  private volatile @Nullable SQLWarning warning;

  /**
   * A new execution begins; what the one before it left is gone. Writes only what differs: where
   * nothing is guarded, no volatile write.
   */
  void begin() {
    if (hidden) {
      hidden = false;
    }
    if (!lineage.equals(Lineage.NONE)) {
      lineage = Lineage.NONE;
    }
    if (refusal != null) {
      refusal = null;
    }
    if (warning != null) {
      warning = null;
    }
  }

  void warn(@Nullable SQLWarning of) {
    warning = of;
  }

  /** Ours ahead of those that came with the result; nothing is kept in theirs. */
  @Nullable SQLWarning warnings(@Nullable SQLWarning given) {
    SQLWarning ours = warning;
    if (ours == null) {
      return given;
    }
    SQLWarning first = new SQLWarning(ours.getMessage(), ours.getSQLState());
    if (given != null) {
      first.setNextWarning(given);
    }
    return first;
  }

  void hide() {
    hidden = true;
  }

  void release(Lineage covering) {
    lineage = covering;
    hidden = false;
  }

  /** Keeps why it was refused, for whoever asks for results later. */
  void refused(SQLException why) {
    refusal = why;
  }

  boolean hidden() {
    return hidden;
  }

  /** What covered it; {@link Lineage#NONE} where nothing guarded was read. */
  Lineage lineage() {
    return lineage;
  }

  /** Throws the refusal once more if results are asked for that may not be seen. */
  void check() throws SQLException {
    if (hidden) {
      SQLException why = refusal;
      throw why != null ? why : new SQLException("The statement is still running", "55000");
    }
  }
}
