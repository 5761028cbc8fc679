package io.guardedjdbc.refresher.config;

import io.guardedjdbc.refresher.gate.Gate;
import io.guardedjdbc.refresher.gate.Gates;
import io.guardedjdbc.refresher.text.MappingReader;
import java.time.DateTimeException;
import java.time.Duration;
import java.time.ZoneId;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.Function;
import java.util.regex.Pattern;

/** The keys of a store's file and what each may hold. */
final class StoreReader {
  private static final Pattern WORD = Pattern.compile("[a-z][a-z0-9_]{0,39}");
  private static final List<String> PUBLISH_MODES = List.of("atomic", "staged", "blocking");
  private static final List<String> CLOSURE_RULES = List.of("deny", "allow");
  private static final Duration MAX_AGE = Duration.ofHours(24);
  private static final Duration LEASE = Duration.ofSeconds(10);

  private final MappingReader top;

  StoreReader(MappingReader top) {
    this.top = top;
  }

  StoreConfig read() {
    String store =
        top.keys().contains("store") ? word("store").orElse("") : top.requiredText("store");
    StoreConfig config =
        new StoreConfig(
            store,
            word("procedures").orElse(store),
            requiredName(top, "entrypoint"),
            names(top, "aliases"),
            positive("max_age").orElse(MAX_AGE),
            positive("warn_age"),
            positive("max_data_age"),
            top.duration("lease").orElse(LEASE),
            top.choice("publish", PUBLISH_MODES).orElse("atomic"),
            top.choice("closure", CLOSURE_RULES).orElse("deny"),
            timeZone(),
            top.requiredTexts("key"),
            top.requiredText("anchor"),
            rules("forbidden", QualifiedName::parsePattern),
            rules("refused", QualifiedName::parsePattern),
            rules("safe_functions", Optional::of),
            rules("inputs", QualifiedName::parsePattern),
            gates(),
            sqlSteps(),
            edges());
    checkAges(config);
    top.done();
    return config;
  }

  private Optional<String> word(String key) {
    return top.parsed(
        key,
        text -> Optional.of(text).filter(word -> WORD.matcher(word).matches()),
        "a lower-case word of letters, digits and _, at most 40");
  }

  private Optional<Duration> positive(String key) {
    Optional<Duration> duration = top.duration(key);
    if (duration.filter(Duration::isZero).isPresent()) {
      top.complain(key, "must be longer than 0");
    }
    return duration;
  }

  private String timeZone() {
    return top.parsed("time_zone", StoreReader::zone, "a time zone like UTC or Europe/Berlin")
        .orElse("UTC");
  }

  private static Optional<String> zone(String text) {
    try {
      // An offset such as +02:00 means the opposite to PostgreSQL: names only.
      return Optional.of(ZoneId.of(text).getId()).filter(ZoneId.getAvailableZoneIds()::contains);
    } catch (DateTimeException e) {
      return Optional.empty();
    }
  }

  private void checkAges(StoreConfig config) {
    if (config.warnAge().filter(warn -> warn.compareTo(config.maxAge()) > 0).isPresent()) {
      top.complain("warn_age", "is longer than max_age: the warning would come after the refusal");
    }
    if (config.lease().compareTo(config.maxAge()) > 0) {
      top.complain("lease", "is longer than max_age");
    }
  }

  private List<RelationRule> rules(String key, Function<String, Optional<String>> parser) {
    return top.mappings(key).stream()
        .map(
            entry -> {
              String pattern = required(entry, "pattern", parser);
              RelationRule rule = new RelationRule(pattern, entry.requiredText("reason"));
              entry.done();
              return rule;
            })
        .toList();
  }

  private List<GateSetting> gates() {
    Optional<MappingReader> gates = top.mapping("gates");
    if (gates.isEmpty()) {
      if (!top.keys().contains("gates")) {
        top.requiredText("gates");
      }
      return List.of();
    }
    List<GateSetting> settings = new ArrayList<>();
    for (Gate gate : Gates.all()) {
      gates.get().mapping(gate.id()).map(reader -> gate(gate, reader)).ifPresent(settings::add);
    }
    gates.get().done();
    if (gates.get().keys().isEmpty()) {
      top.complain("gates", "names no gate; allowed: " + String.join(", ", Gates.ids()));
    }
    return settings;
  }

  private static GateSetting gate(Gate gate, MappingReader reader) {
    Map<String, Object> settings = new LinkedHashMap<>();
    String severity = reader.choice("severity", Gate.SEVERITIES).orElse("block");
    gate.readSettings(reader, settings);
    reader.done();
    return new GateSetting(gate.id(), severity, settings);
  }

  private List<SqlStep> sqlSteps() {
    Set<String> seen = new HashSet<>();
    return top.mappings("sql_steps").stream().map(entry -> sqlStep(entry, seen)).toList();
  }

  private static SqlStep sqlStep(MappingReader entry, Set<String> seen) {
    SqlStep step =
        new SqlStep(
            entry.requiredText("name"),
            requiredName(entry, "target"),
            names(entry, "after"),
            names(entry, "before"),
            entry.requiredText("sql"));
    if (!seen.add(step.name())) {
      entry.complain("name", "'" + step.name() + "' is taken by another step");
    }
    SqlStepRules.complaint(step.sql()).ifPresent(message -> entry.complain("sql", message));
    entry.done();
    return step;
  }

  private List<DeclaredEdge> edges() {
    return top.mappings("edges").stream()
        .map(
            entry -> {
              DeclaredEdge edge =
                  new DeclaredEdge(requiredName(entry, "from"), requiredName(entry, "to"));
              entry.done();
              return edge;
            })
        .toList();
  }

  private static String requiredName(MappingReader reader, String key) {
    return required(reader, key, QualifiedName::parse);
  }

  private static String required(
      MappingReader reader, String key, Function<String, Optional<String>> parser) {
    if (!reader.keys().contains(key)) {
      return reader.requiredText(key);
    }
    return reader.parsed(key, parser, QualifiedName.ALLOWED).orElse("");
  }

  private static List<String> names(MappingReader reader, String key) {
    List<String> names = reader.texts(key);
    for (String name : names) {
      if (QualifiedName.parse(name).isEmpty()) {
        reader.complain(key, "has '" + name + "'; expected " + QualifiedName.ALLOWED);
      }
    }
    return names;
  }
}
