package io.guardedjdbc.refresher.text;

import java.util.Map;
import java.util.Optional;

/**
 * Where the keys of a file stand, for complaints that only the database can make.
 *
 * @param lines 1-based, by the path of the key: {@code edges[2].from}
 */
public record KeyLines(String file, Map<String, Integer> lines) {
  /** Of what is no file. */
  public static final KeyLines NONE = new KeyLines("", Map.of());

  /** Copies the map. */
  public KeyLines {
    lines = Map.copyOf(lines);
  }

  /**
   * The complaint as {@code file:line: message}.
   *
   * @param key where it belongs; a key that is not there counts as the one above it
   */
  public String at(String key, String message) {
    return file + ":" + line(key) + ": " + message;
  }

  /** The first of these keys that is there; the first of all where none is. */
  public String present(String... keys) {
    for (String key : keys) {
      if (lines.containsKey(key)) {
        return key;
      }
    }
    return keys.length == 0 ? "" : keys[0];
  }

  private int line(String key) {
    String above = key;
    while (!above.isEmpty()) {
      Optional<Integer> line = Optional.ofNullable(lines.get(above));
      if (line.isPresent()) {
        return line.get();
      }
      above =
          above.substring(0, Math.max(0, Math.max(above.lastIndexOf('.'), above.lastIndexOf('['))));
    }
    return 1;
  }
}
