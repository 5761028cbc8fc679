package io.guardedjdbc.catalog;

import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * One rule of a policy over relations or functions.
 *
 * @param store the policy's store; null for rules that come from a property
 * @param rule {@code refused}, {@code alias}, {@code safe_function} or {@code filled}; others are
 *     not ours to heed
 * @param pattern {@code schema.name}; {@code *} stands for any text, all else for itself. For
 *     {@code filled} the relation, as SQL spells it
 * @param reason for a person; for {@code filled} a text that names what the relation is filled from
 */
record PolicyRule(@Nullable String store, String rule, String pattern, @Nullable String reason) {
  static final String REFUSED = "refused";
  static final String ALIAS = "alias";
  static final String SAFE_FUNCTION = "safe_function";
  static final String FILLED = "filled";

  /** Whether the pattern fits the name, spelled quoted or bare. */
  boolean fits(CatalogNode node) {
    return fits(node.plainName()) || fits(node.spelling);
  }

  private boolean fits(String name) {
    int star = pattern.indexOf('*');
    return star < 0 ? pattern.equals(name) : glob().matcher(name).matches();
  }

  private Pattern glob() {
    StringBuilder expression = new StringBuilder();
    for (String literal : pattern.split("\\*", -1)) {
      if (!expression.isEmpty()) {
        expression.append(".*");
      }
      expression.append(Pattern.quote(literal));
    }
    return Pattern.compile(expression.toString(), Pattern.DOTALL);
  }
}
