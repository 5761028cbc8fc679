package io.guardedjdbc.refresher.config;

import io.guardedjdbc.refresher.text.Json;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.time.Duration;
import java.util.HexFormat;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Stream;

/**
 * A store's configuration in the form that {@code audit.apply_policy} takes, with its digest.
 *
 * @param json one JSON object
 * @param digest SHA-256 of {@code json}, hexadecimal: the same configuration gives the same digest
 */
public record PolicyDocument(String json, String digest) {
  /** The document of a store. */
  public static PolicyDocument of(StoreConfig config) {
    String json = Json.compact(document(config));
    return new PolicyDocument(json, sha256(json));
  }

  private static Map<String, Object> document(StoreConfig config) {
    Map<String, Object> json = new LinkedHashMap<>();
    json.put("store", config.store());
    json.put("entrypoint", config.entrypoint());
    json.put("procedure_suffix", config.procedures());
    json.put("max_age", interval(config.maxAge()));
    config.warnAge().ifPresent(age -> json.put("warn_age", interval(age)));
    config.maxDataAge().ifPresent(age -> json.put("max_data_age", interval(age)));
    json.put("lease", interval(config.lease()));
    json.put("closure", config.closure());
    json.put("publish_mode", config.publish());
    json.put("key_columns", config.key());
    json.put("anchor_column", config.anchor());
    json.put("time_zone", config.timeZone());
    json.put("aliases", config.aliases());
    json.put("forbidden", rules(config.forbidden()));
    json.put("refused", rules(config.refused()));
    json.put("safe_functions", rules(config.safeFunctions()));
    json.put("inputs", rules(config.inputs()));
    json.put("declared_edges", edges(config));
    json.put("gates", gates(config.gates()));
    json.put("steps", steps(config.sqlSteps()));
    return json;
  }

  private static List<Map<String, Object>> rules(List<RelationRule> rules) {
    return rules.stream()
        .map(rule -> ordered("pattern", rule.pattern(), "reason", rule.reason()))
        .toList();
  }

  private static List<Map<String, Object>> edges(StoreConfig config) {
    // A step comes before a view by an edge from its name: the catalog knows only what it writes.
    Stream<DeclaredEdge> ofSteps =
        config.sqlSteps().stream()
            .flatMap(
                step -> step.before().stream().map(view -> new DeclaredEdge(step.name(), view)));
    return Stream.concat(config.edges().stream(), ofSteps)
        .map(edge -> ordered("from", edge.from(), "to", edge.to()))
        .toList();
  }

  private static Map<String, Object> gates(List<GateSetting> gates) {
    Map<String, Object> json = new LinkedHashMap<>();
    for (GateSetting gate : gates) {
      json.put(
          gate.gate(),
          ordered("severity", gate.severity(), "settings", new TreeMap<>(gate.settings())));
    }
    return json;
  }

  private static List<Map<String, Object>> steps(List<SqlStep> steps) {
    return steps.stream()
        .map(
            step -> {
              Map<String, Object> json = ordered("name", step.name(), "sql", step.sql());
              json.put("reads", step.after());
              json.put("writes", List.of(step.target()));
              return json;
            })
        .toList();
  }

  private static Map<String, Object> ordered(
      String firstKey, Object first, String secondKey, Object second) {
    Map<String, Object> map = new LinkedHashMap<>();
    map.put(firstKey, first);
    map.put(secondKey, second);
    return map;
  }

  private static String interval(Duration duration) {
    return duration.toString();
  }

  private static String sha256(String text) {
    try {
      MessageDigest digest = MessageDigest.getInstance("SHA-256");
      return HexFormat.of().formatHex(digest.digest(text.getBytes(StandardCharsets.UTF_8)));
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException("every JDK has SHA-256", e);
    }
  }
}
