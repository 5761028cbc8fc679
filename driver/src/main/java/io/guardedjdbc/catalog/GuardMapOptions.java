package io.guardedjdbc.catalog;

import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * What the driver's properties say about the guard map. Two connections with equal options share
 * one map.
 *
 * @param registry the registry table, schema included; our functions and the policy and baseline
 *     tables are looked for in its schema
 * @param extraEntrypoints relations to be guarded besides those that the database names, as {@code
 *     schema.name} in PostgreSQL's quoting; without schema every relation of that name
 * @param extraRefused relations to be refused besides those that the policies name: {@code
 *     schema.name}, where {@code *} stands for any text
 * @param closure overrides the closure rule of all policies; null leaves it to them
 */
public record GuardMapOptions(
    RelationName registry,
    List<String> extraEntrypoints,
    List<String> extraRefused,
    @Nullable ClosureRule closure) {

  /** The registry that the runbook names, nothing added, nothing overridden. */
  public static final GuardMapOptions DEFAULT =
      new GuardMapOptions(
          new RelationName("audit", "t0_cert_registry"), List.of(), List.of(), null);

  /** Copies the lists. */
  public GuardMapOptions {
    if (registry.schema() == null) {
      throw new IllegalArgumentException("the registry's name needs its schema: " + registry);
    }
    extraEntrypoints = List.copyOf(extraEntrypoints);
    extraRefused = List.copyOf(extraRefused);
    extraEntrypoints.forEach(RelationName::parse);
  }

  String schema() {
    String schema = registry.schema();
    if (schema == null) {
      throw new IllegalStateException();
    }
    return schema;
  }
}
