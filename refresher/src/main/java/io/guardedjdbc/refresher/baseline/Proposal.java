package io.guardedjdbc.refresher.baseline;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * What would become the new reference.
 *
 * @param id to approve it by
 * @param kind definition or dataset
 * @param size how many objects or days it holds
 * @param changed how many of them differ from the approved one
 */
public record Proposal(
    long id, String kind, int size, int changed, String message, List<Difference> differences) {
  /** Copies the list. */
  public Proposal {
    differences = List.copyOf(differences);
  }

  /** The stable fields, in order. */
  public Map<String, Object> json() {
    Map<String, Object> json = new LinkedHashMap<>();
    json.put("baseline_id", id);
    json.put("kind", kind);
    json.put("size", size);
    json.put("changed", changed);
    json.put("message", message);
    json.put("differences", differences.stream().map(Difference::json).toList());
    return json;
  }
}
