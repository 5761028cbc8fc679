package io.guardedjdbc.analysis;

import java.util.ArrayList;
import java.util.List;

/** Finds out what a text may touch. No state: safe for several threads. */
public final class Analyzer {
  private Analyzer() {}

  /**
   * The facts of a text. Takes time linear in its length and never throws for any text.
   *
   * @param sqlAsSent the text as it goes to the server, after JDBC escapes
   * @param standardConformingStrings the setting of that name on the server
   */
  public static SqlFacts analyze(String sqlAsSent, boolean standardConformingStrings) {
    TokenList tokens;
    try {
      tokens = SqlLexer.lex(sqlAsSent, standardConformingStrings);
    } catch (UnlexableException e) {
      String doubt = String.valueOf(e.getMessage());
      return runsNowhere(sqlAsSent, e) && runsNowhere(sqlAsSent, !standardConformingStrings)
          ? SqlFacts.runningNowhere(doubt)
          : SqlFacts.touchingEverything(List.of(), doubt);
    }
    List<StatementSplitter.Part> parts = StatementSplitter.split(tokens);
    List<StatementFacts> facts = new ArrayList<>(parts.size());
    boolean stringsChange = false;
    boolean doubt = false;
    for (StatementSplitter.Part part : parts) {
      int start = tokens.start(part.from());
      int end = tokens.end(part.to() - 1);
      StatementFacts found =
          StatementFacts.of(
              tokens,
              part,
              new StatementFacts.Source(sqlAsSent, start, end, standardConformingStrings));
      facts.add(found);
      if (facts.size() > 1 && tokens.dependsOnConformingStrings()) {
        boolean unclear =
            addOtherReading(sqlAsSent.substring(start, end), !standardConformingStrings, facts);
        doubt |= stringsChange || unclear;
      }
      stringsChange |= found.effects().contains(Effect.STRINGS) && !mayDoAnything(found.kind());
    }
    return doubt
        ? SqlFacts.touchingEverything(facts, "standard_conforming_strings changes inside the text")
        : SqlFacts.of(facts);
  }

  /** The facts of a text that the server may read, or have read, under either setting. */
  public static SqlFacts analyzeBoth(String sqlAsSent) {
    if (sqlAsSent.indexOf('\\') < 0 || runsNowhere(sqlAsSent, false)) {
      return analyze(sqlAsSent, true);
    }
    SqlFacts escaping = analyze(sqlAsSent, false);
    return runsNowhere(sqlAsSent, true) ? escaping : analyze(sqlAsSent, true).or(escaping);
  }

  private static boolean runsNowhere(String sql, boolean standardConformingStrings) {
    try {
      SqlLexer.lex(sql, standardConformingStrings);
      return false;
    } catch (UnlexableException e) {
      return runsNowhere(sql, e);
    }
  }

  /** Ends inside a literal or comment, and can't be sent in pieces: a syntax error as a whole. */
  private static boolean runsNowhere(String sql, UnlexableException e) {
    return e.endless() && sql.indexOf(';') < 0;
  }

  /** Kinds that have every effect only because nobody knows: for them both readings do. */
  private static boolean mayDoAnything(StatementKind kind) {
    return switch (kind) {
      case DO, CALL, UNKNOWN -> true;
      default -> false;
    };
  }

  /**
   * Adds a statement as it reads under the other setting: an earlier one may have changed it in a
   * function. What the server could not lex, it could not run.
   *
   * @return whether nobody can tell, as it may be beyond the limits of our own lexer
   */
  private static boolean addOtherReading(
      String fragment, boolean conformingStrings, List<StatementFacts> facts) {
    if (fragment.indexOf('\\') < 0) {
      return false;
    }
    TokenList tokens;
    try {
      tokens = SqlLexer.lex(fragment, conformingStrings);
    } catch (UnlexableException e) {
      return fragment.length() > SqlLexer.MAX_TOKENS;
    }
    for (StatementSplitter.Part part : StatementSplitter.split(tokens)) {
      int start = tokens.start(part.from());
      int end = tokens.end(part.to() - 1);
      facts.add(
          StatementFacts.of(
              tokens, part, new StatementFacts.Source(fragment, start, end, conformingStrings)));
    }
    return false;
  }
}
