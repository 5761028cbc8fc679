package io.guardedjdbc.refresher.testing;

import com.fasterxml.jackson.jr.ob.JSON;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * As much of JSON Schema as our own schema uses; a keyword that it does not know is an error, so
 * that nothing is believed to be checked that is not.
 */
public final class JsonSchema {
  private final Map<String, Object> root;

  private JsonSchema(Map<String, Object> root) {
    this.root = root;
  }

  /** The schema of a file. */
  public static JsonSchema of(Path file) {
    try {
      return new JsonSchema(JSON.std.mapFrom(Files.readString(file)));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** The values of {@code command} that it has. */
  public List<String> commands() {
    return list(root, "anyOf").stream()
        .map(verb -> map(map(map(verb).get("properties")).get("command")).get("const"))
        .map(String::valueOf)
        .distinct()
        .toList();
  }

  /** What is wrong with a document; empty for a good one. */
  public List<String> complaints(Map<String, Object> document) {
    // of a verb's own forms, the one that fits best: else every other verb would complain as well
    return list(root, "anyOf").stream()
        .filter(
            verb ->
                Objects.equals(
                    map(map(map(verb).get("properties")).get("command")).get("const"),
                    document.get("command")))
        .map(verb -> check(map(verb), document, "$"))
        .min((one, other) -> Integer.compare(one.size(), other.size()))
        .orElse(List.of("no such command: " + document.get("command")));
  }

  private List<String> check(Map<String, Object> schema, @Nullable Object value, String at) {
    List<String> wrong = new ArrayList<>();
    schema.forEach(
        (keyword, rule) -> {
          switch (keyword) {
            case "$ref" -> wrong.addAll(check(definition(String.valueOf(rule)), value, at));
            case "type" -> {
              Collection<?> types = rule instanceof Collection<?> several ? several : List.of(rule);
              if (!types.contains(type(value))) {
                wrong.add(at + " is " + type(value) + ", not " + rule);
              }
            }
            case "const" -> {
              if (!rule.equals(value)) {
                wrong.add(at + " is " + value + ", not " + rule);
              }
            }
            case "enum" -> {
              if (!((Collection<?>) rule).contains(value)) {
                wrong.add(at + " is " + value + ", not one of " + rule);
              }
            }
            case "required" -> {
              for (Object name : (Collection<?>) rule) {
                if (value instanceof Map<?, ?> object && !object.containsKey(name)) {
                  wrong.add(at + " lacks " + name);
                }
              }
            }
            case "properties" -> properties(map(rule), value, at, wrong);
            case "additionalProperties" -> {
              if (value instanceof Map<?, ?> object) {
                object.keySet().stream()
                    .filter(name -> !map(schema.get("properties")).containsKey(name))
                    .forEach(name -> wrong.add(at + " has " + name));
              }
            }
            case "items" -> {
              if (value instanceof List<?> items) {
                for (int i = 0; i < items.size(); i++) {
                  wrong.addAll(check(map(rule), items.get(i), at + "[" + i + "]"));
                }
              }
            }
            case "anyOf" -> {
              List<List<String>> each =
                  ((List<?>) rule).stream().map(one -> check(map(one), value, at)).toList();
              if (each.stream().noneMatch(List::isEmpty)) {
                wrong.add(at + " fits none: " + each);
              }
            }
            default -> throw new IllegalArgumentException("unknown keyword " + keyword);
          }
        });
    return wrong;
  }

  private void properties(
      Map<String, Object> rules, @Nullable Object value, String at, List<String> wrong) {
    if (value instanceof Map<?, ?> object) {
      rules.forEach(
          (name, rule) -> {
            if (object.containsKey(name)) {
              wrong.addAll(check(map(rule), object.get(name), at + "." + name));
            }
          });
    }
  }

  private Map<String, Object> definition(String reference) {
    return map(map(root.get("$defs")).get(reference.substring("#/$defs/".length())));
  }

  private static String type(@Nullable Object value) {
    if (value == null) {
      return "null";
    }
    return value instanceof String
        ? "string"
        : value instanceof Boolean
            ? "boolean"
            : value instanceof Integer || value instanceof Long
                ? "integer"
                : value instanceof Number
                    ? "number"
                    : value instanceof Collection<?> ? "array" : "object";
  }

  private static List<?> list(Map<String, Object> map, String key) {
    return (List<?>) Objects.requireNonNull(map.get(key));
  }

  @SuppressWarnings("unchecked")
  private static Map<String, Object> map(@Nullable Object value) {
    return (Map<String, Object>) Objects.requireNonNull(value);
  }
}
