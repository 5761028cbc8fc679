package io.guardedjdbc.refresher.gate;

import io.guardedjdbc.refresher.text.MappingReader;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.regex.Pattern;

/** Queries of the store's own that must return no row. */
final class SqlGate implements Gate {
  private static final Pattern QUERY =
      Pattern.compile(
          "(?:--[^\\n]*\\n|/\\*.*?\\*/|[\\s(])*(?:select|with|values|table)\\b.*",
          Pattern.CASE_INSENSITIVE | Pattern.DOTALL);

  @Override
  public String id() {
    return "sql";
  }

  @Override
  public GateKind kind() {
    return GateKind.DATA;
  }

  @Override
  public String checks() {
    return "the store's own queries return no row";
  }

  @Override
  public Explanation explanation() {
    return new Explanation(
        "Custom check failed",
        "A query of the store's own, which must return no row, returned some.",
        "Look at the rows shown; the name of the check and its meaning in the store's file say what is wrong with them.");
  }

  @Override
  public void readSettings(MappingReader reader, Map<String, Object> settings) {
    Set<String> seen = new HashSet<>();
    List<Map<String, String>> checks =
        reader.mappings("checks").stream().map(entry -> check(entry, seen)).toList();
    if (checks.isEmpty()) {
      reader.complain("checks", "must hold at least one check: name, query");
    }
    settings.put("checks", checks);
    Numbers.whole(reader, "max_examples", settings);
  }

  private static Map<String, String> check(MappingReader entry, Set<String> seen) {
    Map<String, String> check = new LinkedHashMap<>();
    check.put("name", entry.requiredText("name"));
    String query = entry.requiredText("query");
    check.put("query", query);
    entry.text("meaning").ifPresent(meaning -> check.put("meaning", meaning));
    if (!seen.add(check.get("name"))) {
      entry.complain("name", "'" + check.get("name") + "' is taken by another check");
    }
    if (!query.isEmpty() && !QUERY.matcher(query).matches()) {
      entry.complain("query", "must be one query: SELECT, WITH, VALUES or TABLE");
    }
    entry.done();
    return check;
  }
}
