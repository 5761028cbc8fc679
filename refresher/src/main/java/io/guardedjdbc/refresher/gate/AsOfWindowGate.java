package io.guardedjdbc.refresher.gate;

import io.guardedjdbc.refresher.text.MappingReader;
import java.util.List;
import java.util.Map;

/** What is taken into a row was there within a window after the row's anchor. */
final class AsOfWindowGate implements Gate {
  @Override
  public String id() {
    return "as-of-window";
  }

  @Override
  public GateKind kind() {
    return GateKind.DATA;
  }

  @Override
  public String checks() {
    return "nothing later than the window after the anchor";
  }

  @Override
  public Explanation explanation() {
    return new Explanation(
        "As-of window broken",
        "A row holds something that was written later than its window allows.",
        "Fix the join of the view that takes it in: at most anchor plus window. Late values belong behind their flag.");
  }

  @Override
  public List<String> examples(Finding finding) {
    return Examples.list(finding.examples(), "cells");
  }

  @Override
  public void readSettings(MappingReader reader, Map<String, Object> settings) {
    settings.put("column", reader.requiredTexts("column"));
    settings.put("within", Numbers.requiredSpan(reader, "within"));
    reader.text("anchor").ifPresent(anchor -> settings.put("anchor", anchor));
    Numbers.whole(reader, "max_examples", settings);
  }
}
