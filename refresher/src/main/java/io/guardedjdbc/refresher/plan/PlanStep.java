package io.guardedjdbc.refresher.plan;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * One thing that a run changes.
 *
 * @param kind matview or sql
 * @param object the materialized view, or the name of the SQL step
 * @param dependsOn objects that come before it
 * @param concurrently whether it can be changed without readers noticing before the commit
 * @param reason why not, when it can't
 * @param sql the text of a SQL step; empty for a materialized view
 */
public record PlanStep(
    int position,
    Kind kind,
    String object,
    List<String> dependsOn,
    boolean concurrently,
    Optional<String> reason,
    Optional<String> sql) {
  /** What a step is. */
  public enum Kind {
    /** REFRESH MATERIALIZED VIEW. */
    REFRESH,
    /** A SQL step, of this store or of another that fills what this one reads. */
    SQL
  }

  /** Copies the list. */
  public PlanStep {
    dependsOn = List.copyOf(dependsOn);
  }

  /** The same step without the dependencies that its other dependencies have, too. */
  PlanStep withDirectOnly(List<PlanStep> all) {
    List<String> direct =
        dependsOn.stream()
            .filter(
                object ->
                    all.stream()
                        .filter(step -> dependsOn.contains(step.object()))
                        .noneMatch(step -> step.dependsOn().contains(object)))
            .toList();
    return new PlanStep(position, kind, object, direct, concurrently, reason, sql);
  }

  /** The stable fields, in order. */
  public Map<String, @Nullable Object> json() {
    Map<String, @Nullable Object> json = new LinkedHashMap<>();
    json.put("position", position);
    json.put("kind", kind == Kind.REFRESH ? "refresh" : "sql");
    json.put("object", object);
    json.put("depends_on", dependsOn);
    json.put("concurrently", concurrently);
    json.put("reason", reason.orElse(null));
    return json;
  }
}
