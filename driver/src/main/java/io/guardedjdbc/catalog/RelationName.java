package io.guardedjdbc.catalog;

import java.util.ArrayList;
import java.util.List;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * A name as the catalog holds it: no quotes, nothing folded.
 *
 * @param schema null where the text named none
 */
public record RelationName(@Nullable String schema, String name) {
  private static final Pattern PLAIN = Pattern.compile("[a-z_][a-z0-9_$]*");

  /**
   * Reads {@code schema.name} in PostgreSQL's own quoting, as {@code format('%I.%I', …)} writes it.
   * What stands unquoted is folded to lower case in ASCII only, as the server does. Of more than
   * two parts the last two count.
   *
   * @throws IllegalArgumentException for an empty part or an open quote
   */
  public static RelationName parse(String text) {
    List<String> parts = new ArrayList<>();
    String rest = text.strip();
    int at = 0;
    while (true) {
      StringBuilder part = new StringBuilder();
      at = readPart(rest, at, part);
      if (part.isEmpty()) {
        throw new IllegalArgumentException("not a relation name: " + text);
      }
      parts.add(part.toString());
      if (at >= rest.length()) {
        break;
      }
      at++;
    }
    int last = parts.size() - 1;
    return new RelationName(last == 0 ? null : parts.get(last - 1), parts.get(last));
  }

  /** A spelling that is none names a relation of exactly that text, in any schema. */
  static RelationName parseOrName(String text) {
    try {
      return parse(text);
    } catch (IllegalArgumentException e) {
      return new RelationName(null, text);
    }
  }

  private static int readPart(String text, int start, StringBuilder part) {
    int at = start;
    boolean quoted = at < text.length() && text.charAt(at) == '"';
    if (!quoted) {
      while (at < text.length() && text.charAt(at) != '.') {
        part.append(foldAscii(text.charAt(at++)));
      }
      return at;
    }
    at++;
    while (at < text.length()) {
      char c = text.charAt(at++);
      if (c != '"') {
        part.append(c);
      } else if (at < text.length() && text.charAt(at) == '"') {
        part.append('"');
        at++;
      } else if (at == text.length() || text.charAt(at) == '.') {
        return at;
      } else {
        break;
      }
    }
    throw new IllegalArgumentException("not a relation name: " + text);
  }

  private static char foldAscii(char c) {
    return c >= 'A' && c <= 'Z' ? (char) (c + 32) : c;
  }

  /** The name ready to stand in SQL: every part in double quotes. */
  String quoted() {
    return schema == null ? quote(name) : quote(schema) + "." + quote(name);
  }

  static String quote(String part) {
    return '"' + part.replace("\"", "\"\"") + '"';
  }

  /** For people: quoted only where something other than a plain lower-case word stands. */
  @Override
  public String toString() {
    return schema == null ? word(name) : word(schema) + "." + word(name);
  }

  static String word(String part) {
    return PLAIN.matcher(part).matches() ? part : quote(part);
  }
}
