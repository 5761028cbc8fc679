package io.guardedjdbc.refresher.gate;

import io.guardedjdbc.refresher.text.MappingReader;
import java.util.List;
import java.util.Map;

/** A key is there once, and none of its columns is NULL. */
final class KeyUniqueGate implements Gate {
  @Override
  public String id() {
    return "key-unique";
  }

  @Override
  public GateKind kind() {
    return GateKind.DATA;
  }

  @Override
  public String checks() {
    return "one row a key, no NULL in it";
  }

  @Override
  public Explanation explanation() {
    return new Explanation(
        "Key not unique",
        "A key is there more than once, or not at all: training would count a row twice.",
        "Find the join or the source that doubles rows; give its view a key of its own, or DISTINCT ON with a complete order.");
  }

  @Override
  public List<String> examples(Finding finding) {
    return Examples.list(finding.examples(), "examples");
  }

  @Override
  public void readSettings(MappingReader reader, Map<String, Object> settings) {
    List<String> columns = reader.texts("columns");
    if (!columns.isEmpty()) {
      settings.put("columns", columns);
    }
    Numbers.whole(reader, "max_examples", settings);
  }
}
