package io.guardedjdbc.catalog;

import io.guardedjdbc.analysis.ImpliedOperators;
import io.guardedjdbc.analysis.SqlLexer;
import io.guardedjdbc.analysis.Token;
import io.guardedjdbc.analysis.TokenKind;
import io.guardedjdbc.analysis.UnlexableException;
import java.util.List;

/**
 * Links a function to what its body names: every word and operator counts, by last name part; a
 * qualified one only where the schema fits. A body that hides what it runs makes its function
 * opaque.
 */
final class BodyReader {
  private final CatalogGraph graph;

  BodyReader(CatalogGraph graph) {
    this.graph = graph;
  }

  /** A body counts under both settings of {@code standard_conforming_strings}, where it can run. */
  void read(CatalogNode function, String body) {
    boolean conforming = readAs(function, body, true);
    boolean otherwise = readAs(function, body, false);
    if (!conforming && !otherwise) {
      function.opaque = true;
    }
  }

  /** False where the server could not lex the body under that setting, and so not run it. */
  private boolean readAs(CatalogNode function, String body, boolean conformingStrings) {
    if (!conformingStrings && body.indexOf('\\') < 0) {
      return false;
    }
    try {
      link(function, SqlLexer.lex(body, conformingStrings));
      return true;
    } catch (UnlexableException e) {
      return false;
    }
  }

  private void link(CatalogNode function, List<Token> tokens) {
    int size = tokens.size();
    for (int i = 0; i < size; i++) {
      Token token = tokens.get(i);
      if (token.kind().mayName()) {
        name(function, tokens, i, token);
        if (token.kind() == TokenKind.WORD) {
          ImpliedOperators.of(token.value()).forEach(implied -> operator(function, implied));
        }
      } else if (token.kind() == TokenKind.OPERATOR) {
        operator(function, token.value());
      }
    }
  }

  private void operator(CatalogNode function, String name) {
    for (CatalogNode node : graph.named(name)) {
      if (node.kind == CatalogNode.Kind.OPERATOR) {
        function.reads(node);
      }
    }
  }

  private void name(CatalogNode function, List<Token> tokens, int i, Token token) {
    String name = token.value();
    if (runsText(tokens, i, token)) {
      function.opaque = true;
    }
    if ((IrrevocableNames.function(name) && symbol(tokens, i + 1, "("))
        || (IrrevocableNames.ofOneArgument(name) && symbol(tokens, i - 1, "."))) {
      function.doesForGood(name + "()");
    }
    if (token.kind() == TokenKind.WORD && name.equals("copy") && copiesToFile(tokens, i)) {
      function.doesForGood(IrrevocableNames.COPY_TO_FILE);
    }
    if (OpaqueNames.CALL_INPUT_FUNCTIONS.contains(name)) {
      typesInLiterals(function, tokens);
    }
    for (CatalogNode node : graph.named(name)) {
      if (node.kind != CatalogNode.Kind.OPERATOR && mayMean(node, tokens, i)) {
        function.reads(node);
      }
    }
  }

  /** Some literal may spell the type whose input function is called. */
  private void typesInLiterals(CatalogNode function, List<Token> tokens) {
    for (Token token : tokens) {
      if (token.kind() == TokenKind.STRING) {
        try {
          for (Token word : SqlLexer.lex(token.value(), true)) {
            for (CatalogNode node : graph.named(word.value())) {
              if (word.kind().mayName() && node.kind == CatalogNode.Kind.TYPE) {
                function.reads(node);
              }
            }
          }
        } catch (UnlexableException e) {
          // spells no type
        }
      }
    }
  }

  /** {@code q.n} means a relation n only in schema q; a function n also as attribute of q. */
  private boolean mayMean(CatalogNode node, List<Token> tokens, int i) {
    if (node.kind != CatalogNode.Kind.RELATION || i < 2 || !symbol(tokens, i - 1, ".")) {
      return true;
    }
    Token qualifier = tokens.get(i - 2);
    return !qualifier.kind().mayName()
        || qualifier.value().equals(node.schema)
        || qualifier.value().equals("pg_temp");
  }

  private static boolean runsText(List<Token> tokens, int i, Token token) {
    if (token.kind() == TokenKind.WORD) {
      if (token.value().equals("execute") || token.value().equals("load")) {
        return true;
      }
      if (token.value().equals("do") && i + 1 < tokens.size()) {
        Token next = tokens.get(i + 1);
        return next.kind() == TokenKind.STRING || next.value().equals("language");
      }
    }
    if (!OpaqueNames.BUILT_IN_FUNCTIONS.contains(token.value())) {
      return false;
    }
    if (!symbol(tokens, i + 1, "(")) {
      // attribute notation calls functions of one argument
      return symbol(tokens, i - 1, ".") && !token.value().equals("set_config");
    }
    return !token.value().equals("set_config") || !setsSomethingElse(tokens, i + 2);
  }

  /** {@code COPY … TO 'file'} or {@code TO PROGRAM 'command'}, up to the end of the statement. */
  private static boolean copiesToFile(List<Token> tokens, int copy) {
    for (int i = copy + 1; i + 1 < tokens.size() && !symbol(tokens, i, ";"); i++) {
      Token next = tokens.get(i + 1);
      if (symbol(tokens, i, "to")
          && (next.kind() == TokenKind.STRING || symbol(tokens, i + 1, "program"))) {
        return true;
      }
    }
    return false;
  }

  /** The first argument is a literal, alone, that names a setting we do not rely on. */
  private static boolean setsSomethingElse(List<Token> tokens, int i) {
    return i + 1 < tokens.size()
        && tokens.get(i).kind() == TokenKind.STRING
        && symbol(tokens, i + 1, ",")
        && !OpaqueNames.reliedOn(tokens.get(i).value());
  }

  private static boolean symbol(List<Token> tokens, int i, String symbol) {
    return i >= 0
        && i < tokens.size()
        && tokens.get(i).kind() != TokenKind.STRING
        && tokens.get(i).kind() != TokenKind.QUOTED
        && tokens.get(i).value().equals(symbol);
  }
}
