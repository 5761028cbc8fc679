package io.guardedjdbc.refresher.gate;

import java.util.List;
import java.util.Optional;

/** All gates of this version, definition gates first, in the order in which they run. */
public final class Gates {
  private static final List<Gate> ALL =
      List.of(
          new DefinitionDriftGate(),
          new ForbiddenDependencyGate(),
          new TimeOfQueryGate(),
          new LiveInputGate(),
          new FreshnessOfInputGate(),
          new RowCountGate(),
          new KeyUniqueGate(),
          new EmbargoGate(),
          new AsOfWindowGate(),
          new SlaLeakageGate(),
          new SqlGate(),
          new DatasetHashGate());

  private Gates() {}

  /** Every gate. */
  public static List<Gate> all() {
    return ALL;
  }

  /** The names of all gates. */
  public static List<String> ids() {
    return ALL.stream().map(Gate::id).toList();
  }

  /** The gate of this name. */
  public static Optional<Gate> of(String id) {
    return ALL.stream().filter(gate -> gate.id().equals(id)).findFirst();
  }
}
