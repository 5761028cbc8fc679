package io.guardedjdbc.analysis;

import java.util.HashMap;
import java.util.HashSet;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/**
 * Proves of names that they are no relation. Two readings must agree on each occurrence: the tree
 * of a parser, and our own {@link Positions}, which knows PostgreSQL's grammar and says "perhaps"
 * too often. One occurrence without proof keeps the name: where {@link NameScan} has found one that
 * no tree can prove harmless, nobody asks here.
 */
final class Narrower {
  private final TokenList tokens;
  private final StatementKind kind;
  private final TreeRoles roles;
  private final CommonTables commonTables;
  private final Map<String, Set<String>> relations = new HashMap<>();
  private final Set<String> functions = new HashSet<>();
  private final Set<String> unproved = new HashSet<>();

  private Narrower(TokenList tokens, StatementKind kind, TreeRoles roles) {
    this.tokens = tokens;
    this.kind = kind;
    this.roles = roles;
    this.commonTables = CommonTables.of(tokens, 0, tokens.size(), kind);
  }

  /** What can be proved of the names of a statement: of all that stand in its query alone. */
  static Narrowing narrow(StatementFacts.Source source, StatementFacts.Query query) {
    TokenList tokens = source.between(query.start(), query.end()).tokens();
    if (tokens.word(0).equals("truncate")) {
      return Narrowing.NONE;
    }
    String text = CanonicalText.print(tokens);
    Optional<TreeRoles> roles = text.isEmpty() ? Optional.empty() : ParsedTree.read(text);
    if (roles.isEmpty()) {
      return Narrowing.NONE;
    }
    Narrower narrower = new Narrower(tokens, query.kind(), roles.get());
    narrower.unprovedIn(source.between(source.start(), query.start()));
    narrower.unprovedIn(source.between(query.end(), source.end()));
    return narrower.narrow();
  }

  private void unprovedIn(StatementFacts.Source outside) {
    TokenList others = outside.tokens();
    for (int i = 0; i < others.size(); i++) {
      if (others.kind(i).mayName()) {
        unproved.add(others.value(i));
      }
    }
  }

  private Narrowing narrow() {
    Positions positions = new Positions(tokens, kind);
    for (int i = 0; i < tokens.size(); i++) {
      if (tokens.kind(i).mayName()) {
        occurrence(i, positions);
      }
      positions.pass(i, 0);
    }
    relations.keySet().removeAll(unproved);
    Set<String> noFunctions = new HashSet<>(relations.keySet());
    noFunctions.removeAll(functions);
    return new Narrowing(relations, noFunctions);
  }

  private void occurrence(int i, Positions positions) {
    String name = tokens.value(i);
    unproved.addAll(tokens.otherEncodings(i));
    Set<String> schemas = relations.computeIfAbsent(name, unused -> new HashSet<>());
    if (!roles.isNoFunction(i)) {
      functions.add(name);
    }
    boolean qualifies = i + 1 < tokens.size() && tokens.isSymbol(i + 1, ".");
    boolean position =
        !qualifies && (i == 0 || positions.mayBeRelation(Positions.chainStart(tokens, i, 0), 0));
    if (roles.isNoRelation(i) && !position) {
      return;
    }
    if (roles.isTable(i) && (qualifies || commonTables.isMeantAt(i))) {
      return; // a schema, or what the statement itself defines
    }
    schemas.add(schemaOf(tokens, i, 0));
  }

  /** The only schema that this occurrence can mean a relation of; the empty string: any. */
  static String schemaOf(TokenList tokens, int i, int first) {
    boolean qualified =
        i - 2 >= first && tokens.isSymbol(i - 1, ".") && tokens.kind(i - 2).mayName();
    boolean sure = qualified && tokens.otherEncodings(i - 2).isEmpty();
    return sure ? tokens.value(i - 2) : Narrowing.ANY_SCHEMA;
  }
}
