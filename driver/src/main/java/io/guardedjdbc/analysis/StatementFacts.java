package io.guardedjdbc.analysis;

import java.util.EnumSet;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * What one statement may touch, as far as its text tells. Immutable and safe for several threads;
 * what is costly (names in literals, what a parser can prove) is found at the first question and
 * kept.
 *
 * <p>Names are the last parts, spelled as in the catalog: folded, decoded, clipped to 63 bytes.
 */
public final class StatementFacts {
  private static final Set<String> TEXT_TO_NAME =
      Keywords.words(
          "pg_input_is_valid pg_input_error_info",
          "regclass regproc regprocedure regoper regoperator regtype to_regclass to_regproc",
          "to_regprocedure to_regoper to_regoperator to_regtype");

  private final Classification classification;
  private final Map<String, Mention> names;
  private final Map<String, Arguments> calls;
  private final Set<String> operators;
  private final Set<String> unknownCandidates;
  private final List<String> settings;
  private final Set<Effect> effects;
  private final boolean routine;
  private final boolean strings;
  private final boolean untyped;
  private final Source source;
  private final @Nullable Query query;
  private volatile @Nullable LiteralNames literals;
  private volatile @Nullable Narrowing narrowing;

  /** The piece of text that the facts are about, to ask it again. */
  record Source(String sql, int start, int end, boolean conformingStrings) {
    Source between(int start, int end) {
      return new Source(sql, start, end, conformingStrings);
    }

    TokenList tokens() {
      try {
        return SqlLexer.lex(sql.substring(start, end), conformingStrings);
      } catch (UnlexableException e) {
        throw new IllegalStateException("text was lexed before", e);
      }
    }
  }

  /**
   * The one query or write of a statement, which a parser may read: the statement itself or the one
   * that it carries.
   *
   * @param start index of its first character in {@link Source#sql}
   * @param end index after its last character
   */
  record Query(StatementKind kind, int start, int end) {
    static @Nullable Query of(TokenList tokens, StatementSplitter.Part part, Classification found) {
      Classification.Carried carried = found.carried();
      StatementKind kind = carried == null ? found.kind() : carried.kind();
      int from = carried == null ? part.from() : carried.from();
      int to = carried == null ? part.to() : carried.to();
      boolean readable = kind == StatementKind.READ || kind == StatementKind.WRITE;
      return readable && from < to ? new Query(kind, tokens.start(from), tokens.end(to - 1)) : null;
    }
  }

  private StatementFacts(
      Classification classification,
      boolean routine,
      Source source,
      @Nullable Query query,
      NameScan scan) {
    this.classification = classification;
    this.routine = routine;
    this.source = source;
    this.query = query;
    this.names = Map.copyOf(scan.names());
    this.calls = Map.copyOf(scan.calls());
    this.operators = Set.copyOf(scan.operators());
    this.strings = scan.hasStrings();
    this.untyped = strings || scan.hasParameters();
    Set<String> candidates = new LinkedHashSet<>();
    for (Mention mention : names.values()) {
      if (mention.candidate()) {
        candidates.add(mention.name());
      }
    }
    this.unknownCandidates = Set.copyOf(candidates);
    this.settings = calls.containsKey("set_config") ? scan.firstArguments("set_config") : List.of();
    this.effects = effectsWithSettings();
  }

  static StatementFacts of(TokenList tokens, StatementSplitter.Part part, Source source) {
    Classification classification = Classifier.classify(tokens, part);
    NameScan scan = new NameScan(tokens, part, classification).run();
    boolean routine = StatementSplitter.isRoutine(tokens, part.from());
    Query query = Query.of(tokens, part, classification);
    return new StatementFacts(classification, routine, source, query, scan);
  }

  private Set<Effect> effectsWithSettings() {
    EnumSet<Effect> all = EnumSet.noneOf(Effect.class);
    all.addAll(classification.effects());
    for (String setting : settings) {
      all.addAll(setting.isEmpty() ? Settings.ALL : Settings.effectsOf(setting));
    }
    if (names.containsKey("pg_settings") && kindOrInner() == StatementKind.WRITE) {
      all.addAll(Settings.ALL);
    }
    return Set.copyOf(all);
  }

  private StatementKind kindOrInner() {
    StatementKind inner = classification.inner();
    return inner == null ? classification.kind() : inner;
  }

  /** What the statement does. */
  public StatementKind kind() {
    return classification.kind();
  }

  /**
   * The kind of the statement that this one carries: of EXPLAIN, PREPARE, DECLARE and COPY, and
   * EXECUTE for CREATE TABLE AS EXECUTE. Null for the others.
   */
  public @Nullable StatementKind inner() {
    return classification.inner();
  }

  /** Whether this is an EXPLAIN that runs what it explains. */
  public boolean analyzes() {
    return classification.analyzes();
  }

  /** What may be different for the statements after this one. */
  public Set<Effect> effects() {
    return effects;
  }

  /**
   * The prepared statement or cursor that is named (also by EXPLAIN EXECUTE and CREATE TABLE AS
   * EXECUTE); null where none is, or where all are meant (CLOSE ALL).
   */
  public @Nullable String objectName() {
    return classification.objectName();
  }

  /**
   * Names and operators that mean something new after this statement: what it creates, renames, or
   * gives a trigger, rule, policy or child. For REFRESH, the materialized view.
   */
  public Set<String> defines() {
    return classification.definition().names();
  }

  /**
   * Every name that the statement spells, by name: every word and quoted name except reserved words
   * that can't be names where they stand. Without the names inside literals.
   */
  public Map<String, Mention> names() {
    return names;
  }

  /** Whether the statement spells this name, outside literals. */
  public boolean mentions(String name) {
    return names.containsKey(name);
  }

  /** How the statement mentions this name, or null. */
  public @Nullable Mention mention(String name) {
    return names.get(name);
  }

  /**
   * Whether the statement may read a relation of this name, outside literals. False only where it
   * is proved that each occurrence is a column, an alias, a common table expression, in another
   * schema, or the object that is defined; any doubt gives true. The first question for a name that
   * stands nowhere a relation must stand may take milliseconds: a parser runs on the caller's
   * thread.
   *
   * @param schema the schema that holds the relation, or null for whatever schema
   */
  public boolean mayBeRelation(String name, @Nullable String schema) {
    Mention mention = names.get(name);
    if (mention == null || mention.definedOnly()) {
      return false;
    }
    return (schema == null || mention.mayBeIn(schema))
        && (mention.isRelation(schema) || narrowing().mayBeRelation(name, schema));
  }

  /**
   * Whether the statement may call a function of this name, outside literals. Only where each
   * occurrence is an alias, a qualifier or a relation it is proved that it does not; a column keeps
   * the doubt, because a call may be written like one.
   */
  public boolean mayBeFunction(String name) {
    return names.containsKey(name) && narrowing().mayBeFunction(name);
  }

  /** What a parser proves; asked once. */
  Narrowing narrowing() {
    Narrowing found = narrowing;
    if (found == null) {
      found = query == null ? Narrowing.NONE : Narrower.narrow(source, query);
      narrowing = found;
    }
    return found;
  }

  /** The names directly followed by a parenthesis, and what their arguments are made of. */
  public Map<String, Arguments> calls() {
    return calls;
  }

  /** The first argument of each call of {@code set_config}; empty where it is no lone literal. */
  public List<String> settings() {
    return settings;
  }

  /** The operators, canonical ({@code <>} for {@code !=}), and what the grammar's words imply. */
  public Set<String> operators() {
    return operators;
  }

  /**
   * Names in a place where a relation, a function or a type may stand, by a reading that says so
   * too often. Columns and aliases are left out where the text shows that they are nothing else,
   * save function calls in attribute notation: see {@link Mention#attribute()}.
   */
  public Set<String> unknownCandidates() {
    return unknownCandidates;
  }

  /**
   * Whether by the statement alone the text of a literal may become SQL or name a relation: DO,
   * EXECUTE, PREPARE, CALL, CREATE FUNCTION or PROCEDURE, a {@code reg…} type, or a function that
   * takes the name of a type. Literals count too where the catalog knows a called function as
   * opaque.
   */
  public boolean literalsMayRun() {
    if (!strings) {
      return false;
    }
    StatementKind inner = classification.inner();
    if (routine || inner == StatementKind.EXECUTE) {
      return true;
    }
    switch (classification.kind()) {
      case DO, EXECUTE, PREPARE, CALL -> {
        return true;
      }
      default -> {}
    }
    for (String word : TEXT_TO_NAME) {
      if (names.containsKey(word)) {
        return true;
      }
    }
    return false;
  }

  /**
   * Whether it holds a string literal or a parameter, which takes the type of what it stands
   * beside: the row of an alias in {@code coalesce(alias, '(5)')}, or an array's.
   */
  public boolean hasUntypedValues() {
    return untyped;
  }

  /**
   * Every name inside the string literals, should their text run as SQL: a superset, without
   * qualifiers. Not to be relied upon when {@link #literalsUnreadable()}.
   */
  public Set<String> literalNames() {
    return literals().names();
  }

  /** Whether the literals are beyond our limits: any name may be in them. */
  public boolean literalsUnreadable() {
    return literals().unreadable();
  }

  /**
   * Whether a routine's body among the literals (DO, CREATE FUNCTION or PROCEDURE) executes text
   * that it computes, or is in a language that we can't read: it may touch anything.
   */
  public boolean runsComputedText() {
    if (classification.kind() != StatementKind.DO && !routine) {
      return false;
    }
    return literals().dynamic() || literals().unreadable() || foreignLanguage();
  }

  /**
   * Whether it makes what its text does not show: the objects of an extension or of a foreign
   * schema, or a table whose rows are kept elsewhere.
   *
   * @param harmlessExtensions names of extensions that don't count
   */
  public boolean definesUnseen(Set<String> harmlessExtensions) {
    if (classification.kind() != StatementKind.DDL || names.isEmpty()) {
      return false;
    }
    TokenList tokens = source.tokens();
    String first = tokens.word(0);
    boolean makes = first.equals("create") || first.equals("alter");
    return first.equals("import")
        || (makes && tokens.word(1).equals("foreign"))
        || (makes
            && tokens.word(1).equals("extension")
            && names.keySet().stream().noneMatch(harmlessExtensions::contains));
  }

  /** Whether it makes a trigger that may run as late as at COMMIT. */
  public boolean definesDeferrable() {
    if (classification.kind() != StatementKind.DDL || !mentions("trigger")) {
      return false;
    }
    TokenList tokens = source.tokens();
    for (int i = 1; i < tokens.size(); i++) {
      boolean deferrable = tokens.isWord(i, "deferrable") && !tokens.isWord(i - 1, "not");
      if (deferrable || tokens.isWord(i, "deferred")) {
        return true;
      }
    }
    return false;
  }

  private boolean foreignLanguage() {
    TokenList tokens = source.tokens();
    for (int i = 0; i + 1 < tokens.size(); i++) {
      if (tokens.isWord(i, "language")) {
        String language = Identifiers.fold(tokens.value(i + 1));
        if (!language.equals("sql") && !language.equals("plpgsql")) {
          return true;
        }
      }
    }
    return false;
  }

  private LiteralNames literals() {
    LiteralNames found = literals;
    if (found == null) {
      if (strings) {
        TokenList tokens = source.tokens();
        found = LiteralNames.read(tokens, 0, tokens.size());
      } else {
        found = LiteralNames.NONE;
      }
      literals = found;
    }
    return found;
  }

  /** Rough number of bytes that these facts keep. */
  int weight() {
    return 256 + 160 * names.size() + 64 * (calls.size() + operators.size());
  }
}
