package io.guardedjdbc.refresher.gate;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * One thing that a gate found.
 *
 * @param severity block or warn, the effective one
 * @param object which object, day or column
 * @param path entrypoint → … → object; empty when it has none
 * @param examples JSON value (lists, maps, scalars), null for none
 * @param message one sentence
 * @param nextCommand what to run next
 */
public record Finding(
    String gate,
    String severity,
    Optional<String> object,
    List<String> path,
    Optional<String> expected,
    Optional<String> found,
    @Nullable Object examples,
    String message,
    Optional<String> nextCommand) {
  /** Copies the path. */
  public Finding {
    path = List.copyOf(path);
  }

  /** Whether it fails its gate. */
  public boolean blocks() {
    return !severity.equalsIgnoreCase("warn");
  }

  /**
   * Whether the gate had nothing to compare with or to look at, rather than having found something.
   */
  public boolean checkedNothing() {
    return message.startsWith("the gate checked nothing");
  }

  /** The stable fields, in order. */
  public Map<String, @Nullable Object> json() {
    Map<String, @Nullable Object> json = new LinkedHashMap<>();
    json.put("gate", gate);
    json.put("severity", severity);
    json.put("object", object.orElse(null));
    json.put("path", path);
    json.put("expected", expected.orElse(null));
    json.put("found", found.orElse(null));
    json.put("examples", examples);
    json.put("message", message);
    json.put("next_command", nextCommand.orElse(null));
    return json;
  }
}
