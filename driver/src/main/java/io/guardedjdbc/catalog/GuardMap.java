package io.guardedjdbc.catalog;

import io.guardedjdbc.analysis.Effect;
import io.guardedjdbc.analysis.Mention;
import io.guardedjdbc.analysis.SqlFacts;
import io.guardedjdbc.analysis.StatementFacts;
import io.guardedjdbc.analysis.StatementKind;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/**
 * What names lead to on one server and database: which entrypoints, and how. Immutable; a change of
 * the catalog gives a new map with another {@link #version()}.
 *
 * <p>Names match by their last part. A relation that the text qualifies with another schema does
 * not match; an unqualified one always does, whatever the {@code search_path}.
 */
public final class GuardMap {
  private final long version;
  private final CatalogDigest digest;
  private final MapSource source;
  private final Names names;
  private final SessionNames session;
  private final SeenColumns columns;

  /**
   * The shared part.
   *
   * @param leading by last name part
   * @param relations schemas of all relations, by last name part
   * @param callable names of all functions and types
   * @param ambient what implicit casts make every statement touch
   * @param entrypoints all keys
   * @param users by name: the names of what stands on something of that name
   */
  record Names(
      Map<String, List<LeadingName>> leading,
      Map<String, Set<String>> relations,
      Set<String> callable,
      Match ambient,
      Set<String> entrypoints,
      Map<String, Set<String>> users) {

    /** The names of all that stands on these, however far above. */
    Set<String> usersOf(Set<String> defined) {
      Set<String> all = new HashSet<>();
      Deque<String> left = new ArrayDeque<>(defined);
      while (!left.isEmpty()) {
        for (String user : users.getOrDefault(left.remove(), Set.of())) {
          if (all.add(user)) {
            left.add(user);
          }
        }
      }
      return all;
    }
  }

  GuardMap(
      long version, CatalogDigest digest, MapSource source, Names names, SessionNames session) {
    this(version, digest, source, names, session, new SeenColumns());
  }

  private GuardMap(
      long version,
      CatalogDigest digest,
      MapSource source,
      Names names,
      SessionNames session,
      SeenColumns columns) {
    this.version = version;
    this.digest = digest;
    this.source = source;
    this.names = names;
    this.session = session;
    this.columns = columns;
  }

  /** Grows with every reload in this JVM; the same for all session views of one shared map. */
  public long version() {
    return version;
  }

  /** The digest of the snapshot that the map was read in. */
  public CatalogDigest digest() {
    return digest;
  }

  /** Whether the shared part of another map leads every name to the same. */
  public boolean leadsAlike(GuardMap other) {
    return version == other.version
        || (names.leading.equals(other.names.leading) && names.ambient.equals(other.names.ambient));
  }

  /** All entrypoints, as the registry spells them. */
  public Set<String> entrypoints() {
    return names.entrypoints();
  }

  /** What a text touches that can't be understood: all entrypoints. */
  public Match everything() {
    return Match.of(names.entrypoints(), List.of(), true, false);
  }

  /**
   * What a text touches: the union over its statements. A statement sees what those before it
   * define. Everything, where analysis could not understand a text that the server may run.
   */
  public Match match(SqlFacts facts) {
    if (facts.unlexable()) {
      return facts.runsNowhere() ? Match.NOTHING : everything();
    }
    Match union = Match.NOTHING;
    GuardMap current = this;
    for (StatementFacts part : facts.parts()) {
      union = union.and(current.match(part));
      current = current.after(part);
    }
    return union;
  }

  /** What one statement touches; nothing for kinds that {@linkplain StatementKind#passes pass}. */
  public Match match(StatementFacts facts) {
    return facts.kind().passes()
        ? Match.NOTHING
        : new Matching(names, session, facts, false).match();
  }

  /** What the text names, even where the statement itself neither reads nor copies anything. */
  Match matchText(StatementFacts facts) {
    return new Matching(names, session, facts, true).match();
  }

  /**
   * The map for what this session sends after this text has run; the same where it defines nothing.
   */
  public GuardMap after(SqlFacts facts) {
    GuardMap current = this;
    for (StatementFacts part : facts.parts()) {
      current = current.after(part);
    }
    return current;
  }

  /** The same for one statement. */
  public GuardMap after(StatementFacts facts) {
    if (!facts.effects().contains(Effect.DEFINES) && facts.defines().isEmpty()) {
      return this;
    }
    if (facts.definesUnseen(OpaqueNames.HARMLESS_EXTENSIONS)) {
      return withSession(session.withAmbient(everything()));
    }
    boolean schemas = facts.mentions("schema");
    Set<String> defined = schemas ? facts.names().keySet() : facts.defines();
    Match leadsTo = matchText(facts);
    if (leadsTo.guarded() && facts.definesDeferrable()) {
      leadsTo = leadsTo.and(Match.irrevocable(Set.of("a deferrable trigger")));
    }
    GuardMap after = defined.isEmpty() ? this : withSessionNames(defined, leadsTo, schemas);
    return facts.mentions("cast") && leadsTo.guarded()
        ? after.withSession(after.session.withAmbient(leadsTo.knownOnly()))
        : after;
  }

  /** The map once what the session has defined is committed. */
  public GuardMap committed() {
    SessionNames committed = session.committed();
    return committed.equals(session) ? this : withSession(committed);
  }

  /**
   * A map of one session in which these names, and those of all that stands on them, lead to {@code
   * leadsTo} as well, whatever their schema and kind; with {@link Match#NOTHING} they are merely
   * known.
   */
  public GuardMap withSessionNames(Set<String> defined, Match leadsTo) {
    return withSessionNames(defined, leadsTo, false);
  }

  private GuardMap withSessionNames(Set<String> defined, Match leadsTo, boolean schemasMoved) {
    Match known = leadsTo.knownOnly();
    SessionNames with = session.with(defined, known, schemasMoved);
    return withSession(known.guarded() ? with.withStanding(names.usersOf(defined), known) : with);
  }

  /** This (newer) map with the session's own names of another. */
  public GuardMap withSessionOf(GuardMap other) {
    return session.equals(other.session) ? this : withSession(other.session);
  }

  private GuardMap withSession(SessionNames other) {
    return new GuardMap(version, digest, source, names, other, columns);
  }

  /**
   * Whether every name that stands where a column does, but may be a function in attribute
   * notation, is a function of this map, or was {@linkplain #sawColumns seen} since it was read.
   */
  public boolean knowsColumns(SqlFacts facts) {
    return facts.parts().stream().allMatch(this::knowsColumns);
  }

  private boolean knowsColumns(StatementFacts part) {
    return part.kind().passes()
        || part.names().values().stream()
            .allMatch(
                mention ->
                    !mention.mayBeColumn()
                        || names.callable().contains(mention.name())
                        || session.names().containsKey(mention.name())
                        || columns.contain(mention.name()));
  }

  /** To be called once the map was confirmed, sent later than the text came. */
  public void sawColumns(SqlFacts facts) {
    for (StatementFacts part : facts.parts()) {
      for (Mention mention : part.names().values()) {
        if (mention.mayBeColumn()) {
          columns.add(mention.name());
        }
      }
    }
  }

  /** The class of an existing relation; empty for the rest of the world. */
  public Optional<RelationClass> relationClass(RelationName relation) {
    for (LeadingName name : names.leading().getOrDefault(relation.name(), List.of())) {
      if (name.ownClass() != null
          && (relation.schema() == null || relation.schema().equals(name.schema()))) {
        return Optional.of(name.ownClass());
      }
    }
    return Optional.empty();
  }

  MapSource source() {
    return source;
  }

  Names names() {
    return names;
  }
}
