package io.guardedjdbc.refresher.db;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** What a migration creates in schema audit, read from its text. */
public final class OurObjects {
  private static final Pattern ROUTINE =
      Pattern.compile("CREATE OR REPLACE (?:FUNCTION|PROCEDURE) audit\\.(\\w+)\\(");
  private static final Pattern TABLE = Pattern.compile("CREATE TABLE audit\\.(\\w+) ");

  private OurObjects() {}

  /** Its tables, without the schema. Not those that it makes only where they are missing. */
  public static List<String> tables(String sql) {
    return TABLE.matcher(sql).results().map(match -> match.group(1)).toList();
  }

  /** Its routines as {@code audit.name(type, …)}: another signature is somebody else's. */
  public static List<String> routines(String sql) {
    List<String> routines = new ArrayList<>();
    Matcher head = ROUTINE.matcher(sql);
    while (head.find()) {
      routines.add("audit." + head.group(1) + "(" + types(sql, head.end()) + ")");
    }
    return routines;
  }

  private static String types(String sql, int from) {
    List<String> types = new ArrayList<>();
    StringBuilder parameter = new StringBuilder();
    int depth = 0;
    boolean quoted = false;
    for (int i = from; ; i++) {
      char c = sql.charAt(i);
      quoted ^= c == '\'';
      if (!quoted && depth == 0 && (c == ',' || c == ')')) {
        type(parameter.toString().strip(), types);
        parameter.setLength(0);
        if (c == ')') {
          return String.join(", ", types);
        }
        continue;
      }
      depth += quoted ? 0 : c == '(' ? 1 : c == ')' ? -1 : 0;
      parameter.append(c);
    }
  }

  private static void type(String parameter, List<String> types) {
    String bare = parameter.replaceFirst("(?is)\\s+DEFAULT\\s.*", "");
    String[] words = bare.split("\\s+", 3);
    switch (words[0].toUpperCase(Locale.ROOT)) {
      case "", "OUT" -> {}
      case "INOUT", "VARIADIC" -> types.add(words[2]);
      default -> types.add(bare.split("\\s+", 2)[1]);
    }
  }
}
