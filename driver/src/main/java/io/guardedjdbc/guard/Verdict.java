package io.guardedjdbc.guard;

import io.guardedjdbc.error.GuardState;
import io.guardedjdbc.error.Refusals;
import java.sql.SQLException;
import org.jspecify.annotations.Nullable;

/**
 * The conclusion for one entrypoint: released, or refused with state, reason and what to do.
 *
 * @param state why it is refused; null: released
 * @param lineage which certificates cover the rows; empty where refused
 */
record Verdict(@Nullable GuardState state, String what, String next, String lineage) {
  static Verdict covered(String lineage) {
    return new Verdict(null, "", "", lineage);
  }

  static Verdict refused(GuardState state, String what, String next) {
    return new Verdict(state, what, next, "");
  }

  /** Throws the refusal, if it is one. */
  void orThrow(@Nullable Throwable held) throws SQLException {
    if (state != null) {
      throw Refusals.refusal(state, what, next, held);
    }
  }
}
