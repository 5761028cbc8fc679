package io.guardedjdbc.refresher.graph;

import java.util.LinkedHashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * One node reads, calls or is filled by another.
 *
 * @param from who reads
 * @param to what is read
 */
public record GraphEdge(String from, String to, GraphNode.Mark mark) {
  /** The stable fields, in order. */
  Map<String, @Nullable Object> json() {
    Map<String, @Nullable Object> json = new LinkedHashMap<>();
    json.put("from", from);
    json.put("to", to);
    json.put("mark", mark.word());
    return json;
  }
}
