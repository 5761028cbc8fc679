package io.guardedjdbc.refresher.gate;

import io.guardedjdbc.refresher.text.MappingReader;
import java.util.List;
import java.util.Map;

/** Definitions of the closure are those that were approved. */
final class DefinitionDriftGate implements Gate {
  @Override
  public String id() {
    return "definition-drift";
  }

  @Override
  public GateKind kind() {
    return GateKind.DEFINITION;
  }

  @Override
  public String checks() {
    return "every definition in the closure is the approved one";
  }

  @Override
  public Explanation explanation() {
    return new Explanation(
        "Viewdef drift",
        "A view, function or index of the closure is not what was approved.",
        "Treat it as a code change: commit the DDL, certify again, and approve a new baseline only after review.");
  }

  /** The difference, as a diff. */
  @Override
  public List<String> examples(Finding finding) {
    return Examples.list(finding.examples(), "diff");
  }

  @Override
  public void readSettings(MappingReader reader, Map<String, Object> settings) {}
}
