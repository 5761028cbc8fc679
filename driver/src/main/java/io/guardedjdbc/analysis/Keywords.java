package io.guardedjdbc.analysis;

import java.util.Set;

/** Words of PostgreSQL's grammar that analysis must know. */
final class Keywords {
  /**
   * Words that are reserved in each of PostgreSQL 14 to 18: unquoted and not after a point they can
   * name nothing. {@code system_user} is reserved from 16 on only, so it is not among them.
   */
  private static final Set<String> RESERVED =
      words(
          "all analyse analyze and any array as asc asymmetric both case cast check collate column",
          "constraint create current_catalog current_date current_role current_time",
          "current_timestamp current_user default deferrable desc distinct do else end except",
          "false fetch for foreign from grant group having in initially intersect into lateral",
          "leading limit localtime localtimestamp not null offset on only or order placing primary",
          "references returning select session_user some symmetric table then to trailing true",
          "union unique user using variadic when where window with");

  /** Words after which the clause that lists relations is over, at the same nesting. */
  private static final Set<String> ENDS_FROM =
      words(
          "where group having order limit offset fetch for union except intersect window select",
          "returning");

  /** Words directly after which a relation may be named. */
  private static final Set<String> BEFORE_RELATION =
      words(
          "from join into update table only using view copy lateral",
          "like inherits references of");

  /**
   * Words that may name a column or a relation, but unquoted and unqualified no function: the
   * grammar has its own use for them before a parenthesis.
   */
  private static final Set<String> NEVER_CALLED =
      words(
          "between bigint bit boolean char character coalesce dec decimal exists extract float",
          "greatest grouping inout int integer interval least national nchar none normalize nullif",
          "numeric out overlay position precision real row setof smallint substring time timestamp",
          "treat trim values varchar xmlattributes xmlconcat xmlelement xmlexists xmlforest",
          "xmlnamespaces xmlparse xmlpi xmlroot xmlserialize xmltable");

  private Keywords() {}

  static boolean isNeverCalled(String word) {
    return NEVER_CALLED.contains(word);
  }

  static boolean isReserved(String word) {
    return RESERVED.contains(word);
  }

  static boolean endsFrom(String word) {
    return ENDS_FROM.contains(word);
  }

  static boolean isBeforeRelation(String word) {
    return BEFORE_RELATION.contains(word);
  }

  static Set<String> words(String... lines) {
    return Set.of(String.join(" ", lines).split(" "));
  }
}
