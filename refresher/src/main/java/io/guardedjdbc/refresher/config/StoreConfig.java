package io.guardedjdbc.refresher.config;

import java.time.Duration;
import java.util.List;
import java.util.Optional;

/** One store as its YAML file says it, validated, without anything that the catalog can tell. */
public record StoreConfig(
    String store,
    String procedures,
    String entrypoint,
    List<String> aliases,
    Duration maxAge,
    Optional<Duration> warnAge,
    Optional<Duration> maxDataAge,
    Duration lease,
    String publish,
    String closure,
    String timeZone,
    List<String> key,
    String anchor,
    List<RelationRule> forbidden,
    List<RelationRule> refused,
    List<RelationRule> safeFunctions,
    List<RelationRule> inputs,
    List<GateSetting> gates,
    List<SqlStep> sqlSteps,
    List<DeclaredEdge> edges) {
  /** Copies the lists. */
  public StoreConfig {
    aliases = List.copyOf(aliases);
    key = List.copyOf(key);
    forbidden = List.copyOf(forbidden);
    refused = List.copyOf(refused);
    safeFunctions = List.copyOf(safeFunctions);
    inputs = List.copyOf(inputs);
    gates = List.copyOf(gates);
    sqlSteps = List.copyOf(sqlSteps);
    edges = List.copyOf(edges);
  }
}
