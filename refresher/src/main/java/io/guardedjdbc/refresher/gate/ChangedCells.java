package io.guardedjdbc.refresher.gate;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** Cells that differ from the baseline, as a table: column, key, was, is. */
final class ChangedCells {
  private static final int COLUMNS = 4;
  private static final int KEYS = 2;

  private ChangedCells() {}

  static List<String> table(@Nullable Object examples) {
    if (!(examples instanceof Map<?, ?> map) || !(map.get("cells") instanceof List<?> cells)) {
      return Examples.lines(examples);
    }
    Map<String, List<Map<?, ?>>> byColumn = new LinkedHashMap<>();
    for (Object cell : cells) {
      if (cell instanceof Map<?, ?> fields) {
        byColumn
            .computeIfAbsent(Examples.value(fields.get("column")), column -> new ArrayList<>())
            .add(fields);
      }
    }
    if (byColumn.isEmpty()) {
      return List.of();
    }
    List<String> lines = new ArrayList<>();
    lines.add(row("column", "key", "was", "is"));
    byColumn.entrySet().stream()
        .sorted(Comparator.comparingLong(entry -> -rows(map, entry.getKey())))
        .limit(COLUMNS)
        .flatMap(entry -> entry.getValue().stream().limit(KEYS))
        .map(ChangedCells::row)
        .forEach(lines::add);
    int more = byColumn.size() - COLUMNS;
    if (more > 0) {
      lines.add("and " + more + " more columns: --json shows all");
    }
    return lines;
  }

  private static long rows(Map<?, ?> examples, String column) {
    return examples.get("columns") instanceof Map<?, ?> counts
            && counts.get(column) instanceof Number count
        ? count.longValue()
        : 0;
  }

  private static String row(Map<?, ?> cell) {
    return row(
        Examples.value(cell.get("column")),
        Examples.value(cell.get("key")),
        Examples.value(cell.get("old")),
        Examples.value(cell.get("new")));
  }

  private static String row(String column, String key, String was, String is) {
    return String.format(Locale.ROOT, "%-24s %-20s %-16s %s", column, key, was, is);
  }
}
