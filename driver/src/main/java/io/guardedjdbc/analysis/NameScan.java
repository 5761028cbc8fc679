package io.guardedjdbc.analysis;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/** Collects the names, calls and operators of one statement in a single pass over its tokens. */
final class NameScan {
  /** One name while it is collected. */
  private static final class Occurrences {
    final Set<String> qualifiers = new HashSet<>(2);
    boolean unqualified;
    boolean called;
    boolean attribute;
    boolean candidate;
    boolean mayBeType;
    boolean outsideDefinition;
    Set<String> relationIn = Set.of();

    void relationIn(String schema) {
      if (relationIn.isEmpty()) {
        relationIn = new HashSet<>(2);
      }
      relationIn.add(schema);
    }

    Mention mention(String name) {
      return new Mention(
          name,
          qualifiers,
          unqualified,
          called,
          attribute,
          candidate,
          mayBeType,
          !outsideDefinition,
          relationIn);
    }
  }

  private final TokenList tokens;
  private final int from;
  private final int to;
  private final Definition definition;
  private final boolean everywhere;
  private final Positions positions;
  private final CommonTables commonTables;
  private final Map<String, Occurrences> found = new LinkedHashMap<>();
  private final Map<String, Arguments> calls = new HashMap<>();
  private final Set<String> operators = new LinkedHashSet<>();
  private boolean strings;
  private boolean parameters;

  NameScan(TokenList tokens, StatementSplitter.Part part, Classification classification) {
    this.tokens = tokens;
    this.from = part.from();
    this.to = part.to();
    this.definition = classification.definition();
    StatementKind inner = classification.inner();
    StatementKind kind = inner == null ? classification.kind() : inner;
    boolean query = kind == StatementKind.READ || kind == StatementKind.WRITE;
    this.everywhere = !query || tokens.word(from).equals("truncate");
    this.positions = new Positions(tokens, kind);
    Classification.Carried carried = classification.carried();
    this.commonTables =
        carried == null
            ? CommonTables.of(tokens, from, to, kind)
            : CommonTables.of(tokens, carried.from(), carried.to(), kind);
  }

  NameScan run() {
    for (int i = from; i < to; i++) {
      switch (tokens.kind(i)) {
        case WORD -> {
          operators.addAll(ImpliedOperators.of(tokens.value(i)));
          name(i);
        }
        case QUOTED -> name(i);
        case OPERATOR -> operator(tokens.value(i));
        case STRING -> strings = true;
        case PARAMETER -> parameters = true;
        default -> {}
      }
      positions.pass(i, from);
    }
    return this;
  }

  private void name(int i) {
    boolean afterPoint = i > from && tokens.isSymbol(i - 1, ".");
    String name = tokens.value(i);
    if (tokens.kind(i) == TokenKind.WORD && !afterPoint && Keywords.isReserved(name)) {
      return;
    }
    boolean called = i + 1 < to && tokens.isSymbol(i + 1, "(");
    boolean last = !(i + 1 < to && tokens.isSymbol(i + 1, "."));
    boolean typed = i + 1 < to && tokens.kind(i + 1) == TokenKind.STRING;
    int chainStart = last ? Positions.chainStart(tokens, i, from) : i;
    boolean position = last && i > from && positions.mayBeRelation(chainStart, from);
    boolean candidate =
        everywhere
            || (position && !isCommonTable(i))
            || typed
            || (called && mayBeFunction(i, afterPoint));
    boolean defined = i >= definition.subjectFrom() && i < definition.subjectTo();
    Occurrences entry = add(name, i, afterPoint, called, candidate, defined);
    entry.mayBeType |= last && (!position || called || typed || positions.isType(chainStart, from));
    if (position && !everywhere && !commonTables.isMeantAt(i)) {
      // Narrower would keep this one, too, whatever the tree says.
      entry.relationIn(Narrower.schemaOf(tokens, i, from));
    }
    for (String other : tokens.otherEncodings(i)) {
      add(other, i, afterPoint, called, candidate, defined);
    }
    if (called) {
      calls.merge(name, arguments(i + 1), Arguments::or);
    }
  }

  /**
   * Whether a name in the place of a relation is read from the statement's own WITH: new names of
   * the catalog are none of its business. A type of that name is.
   */
  private boolean isCommonTable(int i) {
    return commonTables.isMeantAt(i)
        && (tokens.isWord(i - 1, "from")
            || tokens.isWord(i - 1, "join")
            || tokens.isSymbol(i - 1, ",")
            || tokens.isSymbol(i - 1, "("));
  }

  /** Whether the name before a parenthesis may be that of a function, in a query. */
  private boolean mayBeFunction(int i, boolean afterPoint) {
    if (i == from || afterPoint) {
      return afterPoint;
    }
    if (tokens.kind(i) == TokenKind.WORD && Keywords.isNeverCalled(tokens.value(i))) {
      return false;
    }
    return !tokens.isSymbol(i - 1, ")")
        && (!tokens.isWord(i - 1, "as") || positions.mayBeRelation(i, from));
  }

  private Occurrences add(
      String name, int i, boolean afterPoint, boolean called, boolean candidate, boolean defined) {
    Occurrences entry = found.computeIfAbsent(name, unused -> new Occurrences());
    if (afterPoint && i - 2 >= from && tokens.kind(i - 2).mayName()) {
      entry.qualifiers.add(tokens.value(i - 2));
      entry.qualifiers.addAll(tokens.otherEncodings(i - 2));
    } else {
      entry.unqualified = true;
    }
    entry.attribute |= afterPoint;
    entry.called |= called;
    entry.candidate |= candidate;
    entry.outsideDefinition |= !defined;
    return entry;
  }

  /** What stands between the parenthesis at this index and the one that closes it. */
  private Arguments arguments(int open) {
    Arguments found = Arguments.LITERALS;
    for (int i = open + 1; i < to; i++) {
      switch (tokens.kind(i)) {
        case STRING, NUMBER -> {}
        case PARAMETER -> found = found.or(Arguments.PARAMETERS);
        case OPERATOR -> {
          if (!tokens.value(i).equals("?")) {
            return Arguments.EXPRESSIONS;
          }
          found = found.or(Arguments.PARAMETERS);
        }
        case PUNCTUATION -> {
          if (tokens.value(i).equals(")")) {
            return found;
          }
          if (!tokens.value(i).equals(",")) {
            return Arguments.EXPRESSIONS;
          }
        }
        case WORD -> {
          switch (tokens.value(i)) {
            case "true", "false", "null" -> {}
            default -> {
              return Arguments.EXPRESSIONS;
            }
          }
        }
        default -> {
          return Arguments.EXPRESSIONS;
        }
      }
    }
    return Arguments.EXPRESSIONS;
  }

  /**
   * Takes an operator. Where the text still has JDBC's {@code ?} for its parameters, they may cling
   * to an operator ({@code =?}): each reading counts.
   */
  private void operator(String operator) {
    if (!operators.add(operator) || operator.indexOf('?') < 0) {
      return;
    }
    parameters = true;
    String unescaped = operator.replace("??", "\0");
    for (String piece : unescaped.split("\\?", -1)) {
      if (!piece.isEmpty()) {
        operators.add(piece.replace('\0', '?'));
      }
    }
  }

  Map<String, Mention> names() {
    Map<String, Mention> names = new LinkedHashMap<>(found.size() * 2);
    found.forEach((name, entry) -> names.put(name, entry.mention(name)));
    return names;
  }

  Map<String, Arguments> calls() {
    return calls;
  }

  Set<String> operators() {
    return operators;
  }

  boolean hasStrings() {
    return strings;
  }

  /** Whether there are parameters, or operators that a parameter may cling to. */
  boolean hasParameters() {
    return parameters;
  }

  /** The first argument of each call of this function, empty where it is no lone literal. */
  List<String> firstArguments(String function) {
    List<String> arguments = new ArrayList<>();
    for (int i = from; i + 1 < to; i++) {
      if (tokens.kind(i).mayName()
          && tokens.value(i).equals(function)
          && tokens.isSymbol(i + 1, "(")) {
        boolean lone =
            i + 3 < to
                && tokens.kind(i + 2) == TokenKind.STRING
                && (tokens.isSymbol(i + 3, ",") || tokens.isSymbol(i + 3, ")"));
        arguments.add(lone ? tokens.value(i + 2) : "");
      }
    }
    return List.copyOf(arguments);
  }
}
