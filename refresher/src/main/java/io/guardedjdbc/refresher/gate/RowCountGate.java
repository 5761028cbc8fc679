package io.guardedjdbc.refresher.gate;

import io.guardedjdbc.refresher.text.MappingReader;
import java.util.List;
import java.util.Map;

/** The store has as many rows as expected, by itself and against the last certificate. */
final class RowCountGate implements Gate {
  private static final List<String> LIMITS =
      List.of("min", "max", "max_drop_percent", "max_growth_percent");

  @Override
  public String id() {
    return "row-count";
  }

  @Override
  public GateKind kind() {
    return GateKind.DATA;
  }

  @Override
  public String checks() {
    return "neither empty nor suddenly smaller or larger";
  }

  @Override
  public Explanation explanation() {
    return new Explanation(
        "Row count out of bounds",
        "The store has fewer or more rows than its limits, or than the last certificate, allow.",
        "Look for an input that was loaded twice, in part, or not at all. If the change is right, raise the limit in the store's file.");
  }

  /** The message names an example already. */
  @Override
  public List<String> examples(Finding finding) {
    return List.of();
  }

  @Override
  public void readSettings(MappingReader reader, Map<String, Object> settings) {
    Numbers.whole(reader, "min", settings);
    Numbers.whole(reader, "max", settings);
    Numbers.decimal(reader, "max_drop_percent", settings);
    Numbers.decimal(reader, "max_growth_percent", settings);
    if (LIMITS.stream().noneMatch(reader.keys()::contains)) {
      reader.complain("min", "or one of " + String.join(", ", LIMITS) + " must be set");
    }
  }
}
