package io.guardedjdbc.refresher.gate;

import io.guardedjdbc.refresher.text.MappingReader;
import java.util.List;
import java.util.Map;

/** Plain views read no data that change without a refresh. */
final class LiveInputGate implements Gate {
  @Override
  public String id() {
    return "live-input";
  }

  @Override
  public GateKind kind() {
    return GateKind.DEFINITION;
  }

  @Override
  public String checks() {
    return "no table and no 'current' selector read live";
  }

  @Override
  public Explanation explanation() {
    return new Explanation(
        "Live input",
        "A plain view reads a table or a 'current' selector at every query: a write to it changes certified rows without a refresh.",
        "Put it behind a materialized view of the store; or pin a release of it, allow it with the reason, and seal the store.");
  }

  @Override
  public void readSettings(MappingReader reader, Map<String, Object> settings) {
    List<Map<String, String>> allow = Entries.texts(reader, "allow", "relation", "reason");
    if (!allow.isEmpty()) {
      settings.put("allow", allow);
    }
    List<String> current = reader.texts("current");
    if (!current.isEmpty()) {
      settings.put("current", current);
    }
  }
}
