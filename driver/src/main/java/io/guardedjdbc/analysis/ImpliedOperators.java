package io.guardedjdbc.analysis;

import java.util.List;

/**
 * The operators that words of the grammar call without spelling them. The server looks them up by
 * name along the {@code search_path}, as if they were spelled. What sorts and groups takes its
 * operators from operator classes instead, which superusers alone can make.
 */
public final class ImpliedOperators {
  private static final List<String> EQUAL = List.of("=");
  private static final List<String> EQUAL_OR_NOT = List.of("=", "<>");
  private static final List<String> ORDER = List.of("<", ">", "<=", ">=");
  private static final List<String> LIKE = List.of("~~", "!~~");
  private static final List<String> ILIKE = List.of("~~*", "!~~*");
  private static final List<String> SIMILAR = List.of("~", "!~");

  private ImpliedOperators() {}

  /** What this word may call where it is a keyword; empty for most. */
  public static List<String> of(String word) {
    return switch (word) {
      case "case", "distinct", "natural", "nullif", "using" -> EQUAL;
      case "in" -> EQUAL_OR_NOT;
      case "between" -> ORDER;
      case "like" -> LIKE;
      case "ilike" -> ILIKE;
      case "similar" -> SIMILAR;
      default -> List.of();
    };
  }
}
