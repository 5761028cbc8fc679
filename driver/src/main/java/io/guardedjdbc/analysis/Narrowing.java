package io.guardedjdbc.analysis;

import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * What a parser could prove about the names of one statement; it only makes a match smaller.
 *
 * @param relations for each name of which something was proved: the schemas in which it may still
 *     mean a relation, the empty string standing for any; an empty set when it means none
 * @param noFunctions names that call no function
 */
record Narrowing(Map<String, Set<String>> relations, Set<String> noFunctions) {
  /** Nothing proved: each name may mean anything. */
  static final Narrowing NONE = new Narrowing(Map.of(), Set.of());

  static final String ANY_SCHEMA = "";

  Narrowing {
    relations = Map.copyOf(relations);
    noFunctions = Set.copyOf(noFunctions);
  }

  /** Whether the name may still mean a relation of this schema (null: of any). */
  boolean mayBeRelation(String name, @Nullable String schema) {
    Set<String> schemas = relations.get(name);
    if (schemas == null) {
      return true;
    }
    return schema == null
        ? !schemas.isEmpty()
        : schemas.contains(ANY_SCHEMA) || schemas.contains(schema);
  }

  boolean mayBeFunction(String name) {
    return !noFunctions.contains(name);
  }
}
