package io.guardedjdbc.refresher.gate;

import io.guardedjdbc.refresher.text.MappingReader;
import java.util.Map;

/** Nothing in the closure is on the store's forbidden list. */
final class ForbiddenDependencyGate implements Gate {
  @Override
  public String id() {
    return "forbidden-dependency";
  }

  @Override
  public GateKind kind() {
    return GateKind.DEFINITION;
  }

  @Override
  public String checks() {
    return "no legacy, current or label object in the closure";
  }

  @Override
  public Explanation explanation() {
    return new Explanation(
        "Forbidden deps present",
        "Somebody reintroduced a legacy, current or label dependency.",
        "Fix the dependency chain along the path shown, then refresh and certify again.");
  }

  @Override
  public void readSettings(MappingReader reader, Map<String, Object> settings) {}
}
