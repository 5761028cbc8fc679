package io.guardedjdbc.refresher.baseline;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * One object or day that differs from the approved baseline.
 *
 * @param change added, removed or changed
 * @param detail lines of text, may be empty
 */
public record Difference(String object, String change, List<String> detail) {
  /** Copies the list. */
  public Difference {
    detail = List.copyOf(detail);
  }

  /** The stable fields, in order. */
  public Map<String, Object> json() {
    Map<String, Object> json = new LinkedHashMap<>();
    json.put("object", object);
    json.put("change", change);
    json.put("detail", detail);
    return json;
  }
}
