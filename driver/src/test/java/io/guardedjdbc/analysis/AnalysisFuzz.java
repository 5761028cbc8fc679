package io.guardedjdbc.analysis;

/** Analysis throws nothing, whatever the text and whatever it is asked. See {@link LexerFuzz}. */
public final class AnalysisFuzz {
  private AnalysisFuzz() {}

  /** One input, as for the lexer. */
  public static void fuzzerTestOneInput(byte[] input) {
    String sql = LexerFuzz.text(input);
    SqlFacts facts = Analyzer.analyze(sql, LexerFuzz.conformingStrings(input));
    for (StatementFacts part : facts.parts()) {
      part.names().keySet().forEach(name -> part.mayBeRelation(name, "ml"));
      part.names().keySet().forEach(part::mayBeFunction);
      part.literalNames();
      part.literalsUnreadable();
      part.runsComputedText();
      part.unknownCandidates();
    }
    if (!facts.unlexable() && facts.parts().isEmpty() && !blank(sql)) {
      throw new AssertionError("no statement in " + sql);
    }
  }

  private static boolean blank(String sql) {
    try {
      for (Token token : SqlLexer.lex(sql, true)) {
        if (!token.value().equals(";")) {
          return false;
        }
      }
      return true;
    } catch (UnlexableException e) {
      return true;
    }
  }
}
