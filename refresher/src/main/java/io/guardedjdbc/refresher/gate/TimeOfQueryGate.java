package io.guardedjdbc.refresher.gate;

import io.guardedjdbc.refresher.text.MappingReader;
import java.util.List;
import java.util.Map;

/** No function of the closure depends on when, or by whom, it is asked. */
final class TimeOfQueryGate implements Gate {
  @Override
  public String id() {
    return "time-of-query";
  }

  @Override
  public GateKind kind() {
    return GateKind.DEFINITION;
  }

  @Override
  public String checks() {
    return "no now(), CURRENT_DATE or the like, through functions too";
  }

  @Override
  public Explanation explanation() {
    return new Explanation(
        "Time-of-query tokens detected",
        "A definition gives other rows depending on when or in which session it is asked.",
        "Refactor it to anchor-based logic: compare with the anchor column of the row, never with the clock.");
  }

  @Override
  public void readSettings(MappingReader reader, Map<String, Object> settings) {
    List<Map<String, String>> allow = Entries.texts(reader, "allow", "function", "reason");
    if (!allow.isEmpty()) {
      settings.put("allow", allow);
    }
  }
}
