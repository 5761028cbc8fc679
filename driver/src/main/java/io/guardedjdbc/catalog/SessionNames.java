package io.guardedjdbc.catalog;

import java.util.HashMap;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * What one session has defined by itself, perhaps not committed yet: names of any kind and schema.
 *
 * @param names what each leads to; {@link Match#NOTHING} for the harmless
 * @param schemasMoved whether schemas were renamed or relations moved, so that qualifiers of the
 *     shared map prove nothing here
 * @param standing what those names lead to that stand on redefined ones, until that is committed
 * @param ambient what every statement touches until the definitions are committed: through implicit
 *     casts, or through objects that no text has named
 */
record SessionNames(
    Map<String, Match> names, boolean schemasMoved, Map<String, Match> standing, Match ambient) {
  static final SessionNames NONE = new SessionNames(Map.of(), false, Map.of(), Match.NOTHING);

  SessionNames {
    names = Map.copyOf(names);
    standing = Map.copyOf(standing);
  }

  /** What a name leads to; null: the session has nothing to do with it. */
  @Nullable Match leadsTo(String name) {
    Match own = names.get(name);
    Match above = standing.get(name);
    return own == null || above == null ? (own == null ? above : own) : own.and(above);
  }

  SessionNames with(Set<String> added, Match leadsTo, boolean moved) {
    return new SessionNames(
        merged(names, added, leadsTo), schemasMoved || moved, standing, ambient);
  }

  SessionNames withStanding(Set<String> users, Match leadsTo) {
    return new SessionNames(names, schemasMoved, merged(standing, users, leadsTo), ambient);
  }

  SessionNames withAmbient(Match touched) {
    return new SessionNames(names, schemasMoved, standing, ambient.and(touched));
  }

  /** The shared map knows by now what stands on what, and what every statement touches. */
  SessionNames committed() {
    return new SessionNames(names, schemasMoved, Map.of(), Match.NOTHING);
  }

  private static Map<String, Match> merged(
      Map<String, Match> known, Set<String> added, Match leadsTo) {
    Map<String, Match> all = new HashMap<>(known);
    added.forEach(name -> all.merge(name, leadsTo, Match::and));
    return all;
  }
}
