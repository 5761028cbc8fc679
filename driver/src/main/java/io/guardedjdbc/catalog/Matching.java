package io.guardedjdbc.catalog;

import io.guardedjdbc.analysis.Arguments;
import io.guardedjdbc.analysis.Mention;
import io.guardedjdbc.analysis.StatementFacts;
import io.guardedjdbc.analysis.StatementKind;
import io.guardedjdbc.catalog.CatalogNode.Kind;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** Finds what one statement touches; used once. */
final class Matching {
  /** Opaque functions that run nothing but the text or name in their arguments. */
  private static final Set<String> RUN_THEIR_ARGUMENTS =
      Set.of(
          "crosstab",
          "crosstab2",
          "crosstab3",
          "crosstab4",
          "query_to_xml",
          "query_to_xml_and_xmlschema",
          "query_to_xmlschema",
          "table_to_xml",
          "table_to_xml_and_xmlschema",
          "table_to_xmlschema",
          "ts_rewrite",
          "ts_stat",
          "xpath_table");

  private final GuardMap.Names names;
  private final SessionNames session;
  private final StatementFacts facts;
  private final boolean readOnly;
  private final boolean definedToo;
  private Match found;
  private boolean literalsRun;

  /**
   * Prepares it.
   *
   * @param definedToo whether the object that a definition is about counts as touched
   */
  Matching(GuardMap.Names names, SessionNames session, StatementFacts facts, boolean definedToo) {
    this.names = names;
    this.session = session;
    this.facts = facts;
    this.definedToo = definedToo;
    StatementKind inner = facts.inner();
    StatementKind kind = inner == null ? facts.kind() : inner;
    this.readOnly = kind == StatementKind.READ || kind == StatementKind.COPY_OUT;
    this.found = names.ambient().and(session.ambient());
    this.literalsRun = facts.literalsMayRun();
  }

  Match match() {
    if (facts.kind() == StatementKind.REFRESH) {
      facts.defines().forEach(this::refresh);
      return found.withUnknown(unknown(facts.defines()));
    }
    facts.names().values().forEach(this::mention);
    for (String operator : facts.operators()) {
      for (LeadingName name : leading(operator)) {
        if (name.kind() == Kind.OPERATOR) {
          add(name.anyUse());
        }
      }
      addOfSession(operator);
    }
    if (facts.runsComputedText()) {
      add(everything());
    }
    if (literalsRun) {
      literals();
    }
    return found.withUnknown(unknown(facts.unknownCandidates()));
  }

  private void refresh(String view) {
    Mention mention = facts.mention(view);
    for (LeadingName name : leading(view)) {
      if (name.kind() == Kind.RELATION && (mention == null || mayBeIn(name, mention))) {
        add(name.refresh());
      }
    }
    addOfSession(view);
  }

  /** A view that is refreshed is no relation that is read: only the schema counts. */
  private boolean mayBeIn(LeadingName name, Mention mention) {
    return name.schema() == null || session.schemasMoved() || mention.mayBeIn(name.schema());
  }

  private void mention(Mention mention) {
    String word = mention.name();
    boolean asAttribute = mention.attribute() && IrrevocableNames.ofOneArgument(word);
    if ((mention.called() && IrrevocableNames.function(word))
        || (asAttribute && facts.mayBeFunction(word))) {
      irrevocable(word);
    }
    if (session.leadsTo(word) != null && (mayBeRelation(word, null) || mayBeCalled(mention))) {
      addOfSession(word);
    }
    for (LeadingName name : leading(word)) {
      switch (name.kind()) {
        case RELATION -> {
          if (mayMean(name, mention)) {
            add(readOnly ? name.read() : name.anyUse());
          }
        }
        case FUNCTION -> {
          if (mayBeCalled(mention)) {
            call(mention, name);
          }
        }
        case TYPE -> {
          if (mention.mayBeType() || facts.hasUntypedValues() || makesRows()) {
            add(name.anyUse());
          }
        }
        case OPERATOR, EXPRESSION -> {}
      }
    }
  }

  /** Whether a row that is read may give its type to another one, without a literal. */
  private boolean makesRows() {
    return facts.calls().keySet().stream().anyMatch(name -> name.contains("populate_record"))
        || facts.operators().contains("#=");
  }

  private boolean mayMean(LeadingName name, Mention mention) {
    String schema = name.schema();
    boolean temporary =
        schema != null && schema.startsWith("pg_temp") && mention.qualifiers().contains("pg_temp");
    boolean anySchema = session.schemasMoved() || temporary;
    return mayBeRelation(mention.name(), anySchema ? null : schema);
  }

  /** The cheap answers first: what is asked of a parser is asked for names that match alone. */
  private boolean mayBeRelation(String name, @Nullable String schema) {
    if (definedToo) {
      Mention mention = facts.mention(name);
      return schema == null || mention == null || mention.mayBeIn(schema);
    }
    return facts.mayBeRelation(name, schema);
  }

  private boolean mayBeCalled(Mention mention) {
    return (mention.called() || mention.attribute())
        && (definedToo || facts.mayBeFunction(mention.name()));
  }

  private void call(Mention mention, LeadingName name) {
    String function = mention.name();
    Match leadsTo = name.anyUse();
    boolean literal = facts.calls().get(function) == Arguments.LITERALS;
    boolean builtIn = name.schema() == null;
    if (builtIn && function.equals("set_config") && (literal || setsSomethingElse())) {
      return;
    }
    if (leadsTo.touchesEverything() && literal && RUN_THEIR_ARGUMENTS.contains(function)) {
      literalsRun = true;
    } else {
      add(leadsTo);
    }
  }

  /** Every call spells its setting, and none is one that we rely on. */
  private boolean setsSomethingElse() {
    return facts.settings().stream()
        .noneMatch(setting -> setting.isEmpty() || OpaqueNames.reliedOn(setting));
  }

  private void literals() {
    if (facts.literalsUnreadable()) {
      add(everything());
      return;
    }
    for (String name : facts.literalNames()) {
      leading(name).forEach(leading -> add(leading.anyUse()));
      if (IrrevocableNames.function(name)) {
        irrevocable(name);
      }
      addOfSession(name);
    }
  }

  private Match everything() {
    return Match.of(names.entrypoints(), List.of(), true, false);
  }

  private void add(Match match) {
    found = found.and(match);
  }

  private void irrevocable(String function) {
    add(Match.irrevocable(Set.of(function + "()")));
  }

  private void addOfSession(String name) {
    Match match = session.leadsTo(name);
    if (match != null) {
      add(match);
    }
  }

  private List<LeadingName> leading(String name) {
    return names.leading().getOrDefault(name, List.of());
  }

  private Set<String> unknown(Set<String> candidates) {
    Set<String> unknown = new LinkedHashSet<>();
    Map<String, Mention> mentions = facts.names();
    for (String name : candidates) {
      if (!session.names().containsKey(name)
          && !names.callable().contains(name)
          && !knownRelation(name, mentions.get(name))) {
        unknown.add(name);
      }
    }
    return unknown;
  }

  private boolean knownRelation(String name, @Nullable Mention mention) {
    Set<String> schemas = names.relations().get(name);
    return schemas != null
        && mention != null
        && mention.qualifiers().stream()
            .allMatch(schema -> schema.equals("pg_temp") || schemas.contains(schema));
  }
}
