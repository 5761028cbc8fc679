package io.guardedjdbc.refresher.gate;

import io.guardedjdbc.refresher.text.MappingReader;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/**
 * Lists of small mappings among the settings of gates. Their keys are sorted: the same file gives
 * the same digest in every JVM.
 */
final class Entries {
  private Entries() {}

  /** A list of entries with these keys, all of them required. */
  static List<Map<String, String>> texts(MappingReader reader, String list, String... keys) {
    return reader.mappings(list).stream()
        .map(
            entry -> {
              Map<String, String> values = new TreeMap<>();
              for (String key : keys) {
                values.put(key, entry.requiredText(key));
              }
              entry.done();
              return values;
            })
        .toList();
  }
}
