package io.guardedjdbc.analysis;

import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * What a text may touch: the facts of each of its statements. Immutable, safe for several threads.
 */
public final class SqlFacts {
  private final List<StatementFacts> parts;
  private final @Nullable String doubt;
  private final boolean runsNowhere;
  private final int weight;

  private SqlFacts(List<StatementFacts> parts, @Nullable String doubt, boolean runsNowhere) {
    this.parts = List.copyOf(parts);
    this.doubt = doubt;
    this.runsNowhere = runsNowhere;
    int sum = 128;
    for (StatementFacts part : parts) {
      sum += part.weight();
    }
    this.weight = sum;
  }

  static SqlFacts of(List<StatementFacts> parts) {
    return new SqlFacts(parts, null, false);
  }

  /** What either reading may touch. */
  SqlFacts or(SqlFacts other) {
    List<StatementFacts> both = new ArrayList<>(parts);
    both.addAll(other.parts);
    return new SqlFacts(both, doubt == null ? other.doubt : doubt, false);
  }

  static SqlFacts touchingEverything(List<StatementFacts> parts, String doubt) {
    return new SqlFacts(parts, doubt, false);
  }

  static SqlFacts runningNowhere(String doubt) {
    return new SqlFacts(List.of(), doubt, true);
  }

  /**
   * The statements in order; empty for a text of blanks and comments. A part may appear twice, read
   * under both settings of {@code standard_conforming_strings}, where nobody can tell which one it
   * will meet. Never complete when {@link #unlexable()}.
   */
  public List<StatementFacts> parts() {
    return parts;
  }

  /**
   * Whether the text can't be understood, and therefore counts as touching everything guarded,
   * unless it {@linkplain #runsNowhere() runs nowhere}.
   */
  public boolean unlexable() {
    return doubt != null;
  }

  /** Whether it can't be understood because it is a syntax error: the server runs nothing of it. */
  public boolean runsNowhere() {
    return runsNowhere;
  }

  /** Why it can't be understood, without any of the text; null when it can. */
  public @Nullable String doubt() {
    return doubt;
  }

  /** Whether every statement passes whatever it names ({@link StatementKind#passes()}). */
  public boolean passes() {
    return !unlexable() && parts.stream().allMatch(part -> part.kind().passes());
  }

  /**
   * Whether a statement that does not pass comes after BEGIN, COMMIT, SET TRANSACTION or their like
   * in the same text: then its snapshot can't be looked into before the text is sent.
   */
  public boolean setsTransactionBeforeRead() {
    return before(Effect.BEGINS_TRANSACTION)
        || before(Effect.ENDS_TRANSACTION)
        || before(Effect.ISOLATION);
  }

  /** Whether a statement that does not pass comes after one with this effect in the same text. */
  public boolean before(Effect effect) {
    boolean seen = false;
    for (StatementFacts part : parts) {
      if (seen && !part.kind().passes()) {
        return true;
      }
      seen |= part.effects().contains(effect);
    }
    return false;
  }

  /** Whether some statement has this effect on what is sent later. */
  public boolean has(Effect effect) {
    return unlexable() || parts.stream().anyMatch(part -> part.effects().contains(effect));
  }

  /** Whether some statement spells this name outside literals; true for all when unlexable. */
  public boolean mentions(String name) {
    return unlexable() || parts.stream().anyMatch(part -> part.mentions(name));
  }

  /** Rough number of bytes that these facts keep, without the text. */
  int weight() {
    return weight;
  }
}
