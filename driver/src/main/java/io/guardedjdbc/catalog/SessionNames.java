package io.guardedjdbc.catalog;

import java.util.HashMap;
import java.util.Map;
import java.util.Set;

/**
 * What one session has defined by itself, perhaps not committed yet: names of any kind and schema.
 *
 * @param names what each leads to; {@link Match#NOTHING} for the harmless
 * @param schemasMoved whether schemas were renamed or relations moved, so that qualifiers of the
 *     shared map prove nothing here
 */
record SessionNames(Map<String, Match> names, boolean schemasMoved) {
  static final SessionNames NONE = new SessionNames(Map.of(), false);

  SessionNames {
    names = Map.copyOf(names);
  }

  SessionNames with(Set<String> added, Match leadsTo, boolean moved) {
    Map<String, Match> all = new HashMap<>(names);
    added.forEach(name -> all.merge(name, leadsTo, Match::and));
    return new SessionNames(all, schemasMoved || moved);
  }
}
