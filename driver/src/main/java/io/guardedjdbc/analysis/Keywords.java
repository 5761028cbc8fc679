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

  /** Functions whose call has a FROM of its own. */
  private static final Set<String> TAKES_FROM = words("extract overlay substring trim");

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

  /** The other keywords of 14 to 18: they may name things, and the grammar uses them too. */
  private static final Set<String> OTHERS =
      words(
          "abort absent absolute access action add admin after aggregate also alter always",
          "asensitive assertion assignment at atomic attach attribute authorization backward",
          "before begin binary breadth by cache call called cascade cascaded catalog chain",
          "characteristics checkpoint class close cluster collation columns comment comments",
          "commit committed compression concurrently conditional configuration conflict",
          "connection constraints content continue conversion copy cost cross csv cube current",
          "current_schema cursor cycle data database day deallocate declare defaults deferred",
          "definer delete delimiter delimiters depends depth detach dictionary disable discard",
          "document domain double drop each empty enable encoding encrypted enforced enum error",
          "escape event exclude excluding exclusive execute explain expression extension external",
          "family filter finalize first following force format forward freeze full function",
          "functions generated global granted groups handler header hold hour identity if ilike",
          "immediate immutable implicit import include including increment index indexes inherit",
          "inherits inline inner input insensitive insert instead invoker is isnull isolation",
          "join json json_array json_arrayagg json_exists json_object json_objectagg json_query",
          "json_scalar json_serialize json_table json_value keep key keys label language large",
          "last leakproof left level like listen load local location lock locked logged mapping",
          "match matched materialized maxvalue merge merge_action method minute minvalue mode",
          "month move name names natural nested new next nfc nfd nfkc nfkd no normalized nothing",
          "notify notnull nowait nulls object objects of off oids old omit operator option",
          "options ordinality others outer over overlaps overriding owned owner parallel",
          "parameter parser partial partition passing password path period plan plans policy",
          "preceding prepare prepared preserve prior privileges procedural procedure procedures",
          "program publication quote quotes range read reassign recheck recursive ref referencing",
          "refresh reindex relative release rename repeatable replace replica reset restart",
          "restrict return returns revoke right role rollback rollup routine routines rows rule",
          "savepoint scalar schema schemas scroll search second security sequence sequences",
          "serializable server session set sets share show similar simple skip snapshot source",
          "sql stable standalone start statement statistics stdin stdout storage stored strict",
          "string strip subscription support sysid system system_user tables tablesample",
          "tablespace target temp template temporary text ties transaction transform trigger",
          "truncate trusted type types uescape unbounded uncommitted unconditional unencrypted",
          "unknown unlisten unlogged until update vacuum valid validate validator value varying",
          "verbose version view views virtual volatile whitespace within without work wrapper",
          "write xml year yes zone");

  private Keywords() {}

  /** Whether the grammar of some version uses this word. */
  static boolean isKeyword(String word) {
    return OTHERS.contains(word) || RESERVED.contains(word) || NEVER_CALLED.contains(word);
  }

  static boolean isNeverCalled(String word) {
    return NEVER_CALLED.contains(word);
  }

  static boolean isReserved(String word) {
    return RESERVED.contains(word);
  }

  static boolean endsFrom(String word) {
    return ENDS_FROM.contains(word);
  }

  /** Whether FROM directly inside the parentheses of this function is part of its call. */
  static boolean takesFrom(String function) {
    return TAKES_FROM.contains(function);
  }

  static boolean isBeforeRelation(String word) {
    return BEFORE_RELATION.contains(word);
  }

  static Set<String> words(String... lines) {
    return Set.of(String.join(" ", lines).split(" "));
  }
}
