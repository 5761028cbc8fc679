package io.guardedjdbc.refresher.gate;

import io.guardedjdbc.refresher.text.MappingReader;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/** The newest row of each input is young enough. */
final class FreshnessOfInputGate implements Gate {
  @Override
  public String id() {
    return "freshness-of-input";
  }

  @Override
  public GateKind kind() {
    return GateKind.DATA;
  }

  @Override
  public String checks() {
    return "inputs hold rows of late";
  }

  @Override
  public Explanation explanation() {
    return new Explanation(
        "Stale input",
        "An input has got no new row for longer than it may.",
        "Find out why its load stopped, load it, then run again. Certifying old inputs again would only look fresh.");
  }

  /** The message names an example already. */
  @Override
  public List<String> examples(Finding finding) {
    return List.of();
  }

  @Override
  public void readSettings(MappingReader reader, Map<String, Object> settings) {
    List<Map<String, String>> inputs =
        reader.mappings("inputs").stream()
            .map(
                entry -> {
                  Map<String, String> input = new TreeMap<>();
                  input.put("relation", entry.requiredText("relation"));
                  input.put("column", entry.requiredText("column"));
                  input.put("max_age", Numbers.requiredSpan(entry, "max_age"));
                  entry.done();
                  return input;
                })
            .toList();
    if (inputs.isEmpty()) {
      reader.complain("inputs", "must name at least one input: relation, column, max_age");
    }
    settings.put("inputs", inputs);
  }
}
