package io.guardedjdbc.refresher.gate;

import io.guardedjdbc.refresher.text.MappingReader;
import java.util.List;
import java.util.Map;

/** What a row was computed from ends before the row's anchor. */
final class EmbargoGate implements Gate {
  @Override
  public String id() {
    return "embargo";
  }

  @Override
  public GateKind kind() {
    return GateKind.DATA;
  }

  @Override
  public String checks() {
    return "nothing of the anchor's day or later went into a row";
  }

  @Override
  public Explanation explanation() {
    return new Explanation(
        "Embargo broken",
        "A row was computed from something that was not over when its anchor began.",
        "Fix the condition of the view that computes the column: strictly before the anchor's day, for every row.");
  }

  @Override
  public List<String> examples(Finding finding) {
    return Examples.list(finding.examples(), "cells");
  }

  @Override
  public void readSettings(MappingReader reader, Map<String, Object> settings) {
    settings.put("column", reader.requiredTexts("column"));
    reader.text("anchor").ifPresent(anchor -> settings.put("anchor", anchor));
    Numbers.whole(reader, "max_examples", settings);
  }
}
