package io.guardedjdbc.catalog;

import java.util.Locale;
import org.jspecify.annotations.Nullable;

/** What a read of a view inside an entrypoint's closure costs; ordered from strict to lax. */
public enum ClosureRule {
  /** Refused: the entrypoint is to be read instead. */
  DENY,
  /** Needs a usable certificate of the entrypoint. */
  GUARD,
  /** Passes as if it were not guarded. */
  ALLOW;

  /** The rule that a policy row spells; anything that is no rule counts as {@link #DENY}. */
  static ClosureRule ofPolicy(@Nullable String text) {
    if (text != null) {
      for (ClosureRule rule : values()) {
        if (rule.name().toLowerCase(Locale.ROOT).equals(text)) {
          return rule;
        }
      }
    }
    return DENY;
  }

  ClosureRule stricter(ClosureRule other) {
    return compareTo(other) <= 0 ? this : other;
  }
}
