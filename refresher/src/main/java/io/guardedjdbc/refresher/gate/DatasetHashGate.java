package io.guardedjdbc.refresher.gate;

import io.guardedjdbc.refresher.text.MappingReader;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** Historical days hold the rows that were approved. */
final class DatasetHashGate implements Gate {
  private static final int MOST_DAYS_BACK = 36_500;

  @Override
  public String id() {
    return "dataset-hash";
  }

  @Override
  public GateKind kind() {
    return GateKind.DATA;
  }

  @Override
  public String checks() {
    return "historical days hash as their baseline";
  }

  @Override
  public Explanation explanation() {
    return new Explanation(
        "Dataset hash drift",
        "Rows of a certified day are not those that were approved.",
        "Find the cause. Leakage or code drift: fix it and keep the baseline. Backfill upstream: accept it only with"
            + " review, then approve a new baseline and certify again.");
  }

  /** A table of cells that changed: a few columns, two keys each. */
  @Override
  public List<String> examples(Finding finding) {
    return ChangedCells.table(finding.examples());
  }

  @Override
  public void readSettings(MappingReader reader, Map<String, Object> settings) {
    List<Integer> days =
        reader.requiredTexts("days").stream()
            .flatMap(word -> daysBack(reader, word).stream())
            .distinct()
            .toList();
    settings.put("days", days);
    Numbers.whole(reader, "keys_per_day", settings);
    Numbers.whole(reader, "max_examples", settings);
    Numbers.decimal(reader, "float_tolerance", settings);
    List<Map<String, String>> raw = Entries.texts(reader, "raw", "relation", "time");
    if (!raw.isEmpty()) {
      settings.put("raw", raw);
    }
    List<String> excluded = reader.texts("exclude_columns");
    if (!excluded.isEmpty()) {
      settings.put("exclude_columns", excluded);
    }
    reader
        .choice("keep_values", List.of("true", "false"))
        .ifPresent(word -> settings.put("keep_values", Boolean.valueOf(word)));
  }

  private static Optional<Integer> daysBack(MappingReader reader, String word) {
    try {
      int days = Integer.parseInt(word.strip());
      if (days >= 0 && days <= MOST_DAYS_BACK) {
        return Optional.of(days);
      }
    } catch (NumberFormatException e) {
      // told below, together with what is out of range
    }
    reader.complain(
        "days", "has '" + word + "'; expected whole days before the newest one, like 30 or 365");
    return Optional.empty();
  }
}
