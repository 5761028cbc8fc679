package io.guardedjdbc.catalog;

import io.guardedjdbc.analysis.SqlLexer;
import io.guardedjdbc.analysis.Token;
import io.guardedjdbc.analysis.TokenKind;
import io.guardedjdbc.analysis.UnlexableException;
import java.util.List;

/**
 * Links a table to what the text of its step names. Steps run with {@code search_path} at {@code
 * pg_catalog}: only a qualified name can mean something of the user's. Literals count too, since
 * blocks and dynamic SQL hide names there.
 */
final class StepReader {
  private static final int DEEPEST_LITERAL = 4;

  private final CatalogGraph graph;

  StepReader(CatalogGraph graph) {
    this.graph = graph;
  }

  void read(CatalogNode table, String text) {
    read(table, text, 0);
  }

  /** A literal that is no SQL names nothing; a step that is none never runs. */
  private void read(CatalogNode table, String text, int depth) {
    List<Token> tokens;
    try {
      tokens = SqlLexer.lex(text, true);
    } catch (UnlexableException e) {
      return;
    }
    for (int i = 0; i < tokens.size(); i++) {
      Token token = tokens.get(i);
      if (token.kind() == TokenKind.STRING && depth < DEEPEST_LITERAL) {
        read(table, token.value(), depth + 1);
      } else if (token.kind().mayName() && i >= 2 && symbol(tokens, i - 1, ".")) {
        Token schema = tokens.get(i - 2);
        if (schema.kind().mayName()) {
          link(table, schema.value(), token.value(), symbol(tokens, i + 1, "("));
        }
      }
    }
  }

  private void link(CatalogNode table, String schema, String name, boolean called) {
    for (CatalogNode node : graph.named(name)) {
      boolean meant =
          node.kind == CatalogNode.Kind.RELATION
              || (called && node.kind == CatalogNode.Kind.FUNCTION);
      if (meant && node != table && schema.equals(node.schema)) {
        table.filledFrom.add(node);
      }
    }
  }

  private static boolean symbol(List<Token> tokens, int i, String symbol) {
    return i < tokens.size()
        && tokens.get(i).kind() == TokenKind.PUNCTUATION
        && tokens.get(i).value().equals(symbol);
  }
}
