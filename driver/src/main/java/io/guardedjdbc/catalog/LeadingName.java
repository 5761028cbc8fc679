package io.guardedjdbc.catalog;

import org.jspecify.annotations.Nullable;

/**
 * One object that leads to something guarded, as the map keeps it under its last name part.
 *
 * @param schema null where the object may be in any
 * @param read what reading it touches
 * @param anyUse what any use touches, writing to it included
 * @param refresh what REFRESH touches, for materialized views
 * @param ownClass for relations: the class, null where it only leads to one
 */
record LeadingName(
    CatalogNode.Kind kind,
    @Nullable String schema,
    Match read,
    Match anyUse,
    Match refresh,
    @Nullable RelationClass ownClass) {

  /** Something that is guarded whatever schema or kind it has. */
  static LeadingName everywhere(Match match) {
    return new LeadingName(CatalogNode.Kind.RELATION, null, match, match, match, null);
  }
}
