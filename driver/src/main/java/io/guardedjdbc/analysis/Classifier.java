package io.guardedjdbc.analysis;

import java.util.EnumSet;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** Tells from its words what a statement does. What it does not know is UNKNOWN. */
final class Classifier {
  private static final Set<String> DEFINES = Keywords.words("drop grant revoke reassign import");

  private static final Set<String> HARMLESS =
      Keywords.words("analyze analyse vacuum lock checkpoint comment security reindex cluster");

  private static final int MAX_CARRIED = 8;

  private final TokenList tokens;
  private final int to;

  private Classifier(TokenList tokens, int to) {
    this.tokens = tokens;
    this.to = to;
  }

  /** What the statement in this range does. */
  static Classification classify(TokenList tokens, StatementSplitter.Part part) {
    return new Classifier(tokens, part.to()).classify(part.from(), 0);
  }

  private Classification classify(int from, int carried) {
    if (from >= to || carried > MAX_CARRIED) {
      return Classification.of(from >= to ? StatementKind.EMPTY : StatementKind.UNKNOWN);
    }
    Classification found = byFirstWord(from, carried);
    return found.kind().passes() && holdsSemicolon(from)
        ? Classification.of(StatementKind.UNKNOWN, EnumSet.allOf(Effect.class))
        : found;
  }

  /**
   * A semicolon inside, where no rule and no routine explains it: the text is not what it seems.
   */
  private boolean holdsSemicolon(int from) {
    boolean rule =
        word(from, "create")
            && (word(from + 1, "rule") || (word(from + 1, "or") && word(from + 3, "rule")));
    if (rule || StatementSplitter.isRoutine(tokens, from)) {
      return false;
    }
    for (int i = from; i < to; i++) {
      if (tokens.isSymbol(i, ";")) {
        return true;
      }
    }
    return false;
  }

  private Classification byFirstWord(int from, int carried) {
    String first = word(from);
    if (DEFINES.contains(first)) {
      return Classification.defining(
          StatementKind.DDL,
          first.equals("drop") ? Definition.read(tokens, from, to) : Definition.NONE);
    }
    if (HARMLESS.contains(first)) {
      return Classification.of(StatementKind.DDL);
    }
    return switch (first) {
      case "" ->
          tokens.isSymbol(from, "(")
              ? query(from)
              : Classification.of(StatementKind.UNKNOWN, EnumSet.allOf(Effect.class));
      case "select", "values", "table", "with" -> query(from);
      case "insert", "update", "delete", "merge", "truncate" ->
          Classification.of(StatementKind.WRITE);
      case "explain" -> explain(from, carried);
      case "prepare" -> prepare(from, carried);
      case "execute" -> Classification.naming(StatementKind.EXECUTE, name(from + 1));
      case "deallocate" -> deallocate(from);
      case "declare" -> declare(from, carried);
      case "fetch", "move" -> Classification.naming(StatementKind.FETCH, lastName());
      case "close" ->
          Classification.naming(StatementKind.CLOSE, word(from + 1, "all") ? null : name(from + 1));
      case "copy" -> copy(from, carried);
      case "do" -> Classification.of(StatementKind.DO, EnumSet.allOf(Effect.class));
      case "call" -> Classification.of(StatementKind.CALL, EnumSet.allOf(Effect.class));
      case "refresh" ->
          Classification.defining(StatementKind.REFRESH, Definition.read(tokens, from, to));
      case "create", "alter" -> new DefinitionClassifier(tokens, from, to).classify();
      case "set", "reset", "discard" ->
          Classification.of(StatementKind.SET, Settings.effects(tokens, from, to));
      case "show" -> Classification.of(StatementKind.SHOW);
      case "begin", "start", "commit", "end", "rollback", "abort", "savepoint", "release" ->
          transaction(from, first);
      case "listen", "unlisten", "notify" -> Classification.of(StatementKind.NOTIFY);
      default -> Classification.of(StatementKind.UNKNOWN, EnumSet.allOf(Effect.class));
    };
  }

  /** SELECT, VALUES, TABLE or WITH: a read, unless it holds a write or INTO. */
  private Classification query(int from) {
    int i = from;
    while (i < to && tokens.isSymbol(i, "(")) {
      i++;
    }
    switch (word(i)) {
      case "select", "values", "table", "with" -> {}
      default -> {
        return Classification.of(StatementKind.UNKNOWN, EnumSet.allOf(Effect.class));
      }
    }
    StatementKind kind = StatementKind.READ;
    for (; i < to; i++) {
      String word = word(i);
      if (word.isEmpty()) {
        continue;
      }
      if (writes(i, word)) {
        return Classification.of(StatementKind.WRITE);
      }
      if (word.equals("into")) {
        kind = StatementKind.COPYING;
      }
    }
    return kind == StatementKind.COPYING
        ? Classification.of(kind, Set.of(Effect.DEFINES))
        : Classification.of(kind);
  }

  /** Whether an INSERT, UPDATE, DELETE or MERGE may begin at this word. */
  private boolean writes(int i, String word) {
    return switch (word) {
      case "insert", "merge" -> word(i + 1, "into");
      case "delete" -> word(i + 1, "from");
      case "update" ->
          i + 1 < to
              && tokens.kind(i + 1).mayName()
              && !word(i - 1, "for")
              && !(word(i - 1, "key") && word(i - 2, "no"));
      default -> false;
    };
  }

  private Classification explain(int from, int carried) {
    int i = from + 1;
    boolean analyzes = false;
    if (tokens.isSymbol(i, "(") && !isQueryWord(i + 1)) {
      int close = Definition.closing(tokens, i, to);
      for (int j = i + 1; j < close; j++) {
        boolean named =
            tokens.kind(j).mayName()
                && (tokens.value(j).equals("analyze") || tokens.value(j).equals("analyse"));
        analyzes |= named && !isOff(j + 1);
      }
      i = close + 1;
    } else {
      while (word(i, "analyze") || word(i, "analyse") || word(i, "verbose")) {
        analyzes |= !word(i, "verbose");
        i++;
      }
    }
    return classify(i, carried + 1).carriedBy(StatementKind.EXPLAIN, i, to, analyzes, null);
  }

  private boolean isQueryWord(int i) {
    return tokens.size() > i
        && (tokens.isSymbol(i, "(")
            || word(i, "select")
            || word(i, "values")
            || word(i, "table")
            || word(i, "with"));
  }

  private boolean isOff(int i) {
    return word(i, "off") || word(i, "false");
  }

  private Classification prepare(int from, int carried) {
    if (word(from + 1, "transaction")) {
      return Classification.of(StatementKind.TRANSACTION, Set.of(Effect.ENDS_TRANSACTION));
    }
    String name = name(from + 1);
    int i = from + 2;
    if (i < to && tokens.isSymbol(i, "(")) {
      i = Definition.closing(tokens, i, to) + 1;
    }
    Classification inner =
        word(i, "as") ? classify(i + 1, carried + 1) : Classification.of(StatementKind.UNKNOWN);
    return inner.carriedBy(StatementKind.PREPARE, i + 1, to, false, name);
  }

  private Classification deallocate(int from) {
    int i = word(from + 1, "prepare") && from + 2 < to ? from + 2 : from + 1;
    return Classification.naming(StatementKind.DEALLOCATE, word(i, "all") ? null : name(i));
  }

  private Classification declare(int from, int carried) {
    String name = name(from + 1);
    for (int i = from + 2; i < to; i++) {
      if (word(i, "for")) {
        return classify(i + 1, carried + 1)
            .carriedBy(StatementKind.DECLARE, i + 1, to, false, name);
      }
    }
    return Classification.naming(StatementKind.DECLARE, name);
  }

  private Classification copy(int from, int carried) {
    int i = word(from + 1, "binary") ? from + 2 : from + 1;
    Classification inner = Classification.of(StatementKind.READ);
    int query = i + 1;
    int close = query; // of a relation there is no text to read
    if (i < to && tokens.isSymbol(i, "(")) {
      close = Definition.closing(tokens, i, to);
      inner = new Classifier(tokens, close).classify(query, carried + 1);
      i = close + 1;
    } else {
      i = Definition.endOfName(tokens, i, to);
      if (i < to && tokens.isSymbol(i, "(")) {
        i = Definition.closing(tokens, i, to) + 1;
      }
    }
    if (word(i, "from")) {
      return Classification.of(StatementKind.COPY_IN);
    }
    boolean client = word(i, "to") && (word(i + 1, "stdout") || word(i + 1, "stdin"));
    StatementKind kind = client ? StatementKind.COPY_OUT : StatementKind.COPY_FILE;
    return inner.carriedBy(kind, query, close, false, null);
  }

  private Classification transaction(int from, String first) {
    EnumSet<Effect> effects = EnumSet.noneOf(Effect.class);
    switch (first) {
      case "begin", "start" -> effects.add(Effect.BEGINS_TRANSACTION);
      case "commit", "end", "abort" -> effects.add(Effect.ENDS_TRANSACTION);
      case "rollback" -> {
        boolean toSavepoint = false;
        for (int i = from; i < to; i++) {
          toSavepoint |= word(i, "to");
        }
        if (!toSavepoint) {
          effects.add(Effect.ENDS_TRANSACTION);
        }
      }
      default -> {}
    }
    for (int i = from; i < to; i++) {
      if (word(i, "isolation")) {
        effects.add(Effect.ISOLATION);
      }
    }
    return Classification.of(StatementKind.TRANSACTION, effects);
  }

  private @Nullable String name(int i) {
    return i < to && tokens.kind(i).mayName() ? tokens.value(i) : null;
  }

  private @Nullable String lastName() {
    return name(to - 1);
  }

  private String word(int i) {
    return i < to ? tokens.word(i) : "";
  }

  private boolean word(int i, String word) {
    return word(i).equals(word);
  }
}
