package io.guardedjdbc.refresher.gate;

import io.guardedjdbc.refresher.text.MappingReader;
import java.util.List;
import java.util.Map;

/** Where the flag is false, every column with one of the prefixes is NULL. */
final class SlaLeakageGate implements Gate {
  @Override
  public String id() {
    return "sla-leakage";
  }

  @Override
  public GateKind kind() {
    return GateKind.DATA;
  }

  @Override
  public String checks() {
    return "late features are NULL where their flag is false";
  }

  @Override
  public Explanation explanation() {
    return new Explanation(
        "SLA leakage",
        "A feature has a value in rows whose flag says that it came too late.",
        "Fix the gating logic at the entrypoint: every such column needs its CASE on the flag.");
  }

  /** The message names the keys already. */
  @Override
  public List<String> examples(Finding finding) {
    return List.of();
  }

  @Override
  public void readSettings(MappingReader reader, Map<String, Object> settings) {
    settings.put("flag", reader.requiredText("flag"));
    settings.put("prefixes", reader.requiredTexts("prefixes"));
    Numbers.whole(reader, "max_examples", settings);
  }
}
