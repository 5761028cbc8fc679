package io.guardedjdbc.refresher.gate;

import io.guardedjdbc.refresher.text.MappingReader;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/**
 * One certification assertion: knows its settings and explains its findings. The check itself is
 * the SQL function {@code audit.gate_<id>(store)}. Stateless.
 */
public interface Gate {
  /** The words for what a failed gate does to the run. */
  List<String> SEVERITIES = List.of("block", "warn");

  /** The name with hyphens, as in a store's YAML. */
  String id();

  /** Whether it speaks about definitions or about rows. */
  GateKind kind();

  /** What it checks, as a phrase to print beside its name. */
  String checks();

  /** What a failure means. */
  Explanation explanation();

  /**
   * Reads the settings of this gate below its name; complaints go to the reader. Values fit for
   * JSON.
   */
  void readSettings(MappingReader reader, Map<String, Object> settings);

  /** The examples of a finding as lines for a person; empty when its message says it all. */
  default List<String> examples(Finding finding) {
    return Examples.lines(finding.examples());
  }

  /** The name of the SQL function, unqualified. */
  default String function() {
    return "gate_" + id().toLowerCase(Locale.ROOT).replace('-', '_');
  }
}
