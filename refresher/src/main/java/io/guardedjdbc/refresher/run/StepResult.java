package io.guardedjdbc.refresher.run;

import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.OptionalLong;
import org.jspecify.annotations.Nullable;

/**
 * One step that was done.
 *
 * @param rows rows that the object has now; empty when nobody counted
 * @param detail one phrase, may be empty
 */
public record StepResult(
    StepKind kind, String object, String outcome, Duration took, OptionalLong rows, String detail) {
  /** The stable fields, in order. */
  public Map<String, @Nullable Object> json() {
    Map<String, @Nullable Object> json = new LinkedHashMap<>();
    json.put("kind", kind.word());
    json.put("object", object);
    json.put("outcome", outcome);
    json.put("rows", rows.isPresent() ? rows.getAsLong() : null);
    json.put("detail", detail.isEmpty() ? null : detail);
    json.put("duration_ms", took.toMillis());
    return json;
  }
}
