package io.guardedjdbc.analysis;

import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * How a statement mentions one name, over all its occurrences.
 *
 * @param name last part of the name, as the catalog spells it
 * @param qualifiers the names that stand directly before it with a point between (a schema, a
 *     table, an alias); empty when it always stands alone
 * @param unqualified whether it occurs without a qualifier, or with one that is no plain name, as
 *     in {@code (x).name}: then any schema may be meant
 * @param called whether it is directly followed by a parenthesis
 * @param attribute whether it occurs directly after a point: what looks like a column may be a
 *     function in attribute notation
 * @param candidate whether it occurs where a relation or a function may stand
 * @param mayBeType whether it occurs elsewhere than as a qualifier or as a relation in FROM
 * @param definedOnly whether it occurs only as the object that the statement defines or alters, so
 *     that the statement does not read it
 * @param relationIn the schemas, the empty string standing for any, of those occurrences in a query
 *     that stay a relation whatever a parser says
 */
public record Mention(
    String name,
    Set<String> qualifiers,
    boolean unqualified,
    boolean called,
    boolean attribute,
    boolean candidate,
    boolean mayBeType,
    boolean definedOnly,
    Set<String> relationIn) {
  /** Copies the sets. */
  public Mention {
    qualifiers = Set.copyOf(qualifiers);
    relationIn = Set.copyOf(relationIn);
  }

  /** Whether some occurrence means a relation of this schema (null: of any) for certain. */
  boolean isRelation(@Nullable String schema) {
    return schema == null
        ? !relationIn.isEmpty()
        : relationIn.contains(Narrowing.ANY_SCHEMA) || relationIn.contains(schema);
  }

  /** Whether it occurs as a column or as a function in attribute notation, and as nothing else. */
  public boolean mayBeColumn() {
    return attribute && !candidate;
  }

  /** Whether some occurrence may mean an object of this schema. */
  public boolean mayBeIn(String schema) {
    return unqualified || qualifiers.contains(schema);
  }
}
