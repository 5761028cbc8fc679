package io.guardedjdbc.refresher.graph;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * One thing in a closure.
 *
 * @param name {@code schema.name}, a function's signature, or the name of a SQL step
 * @param live whether it is computed or read at every read of the entrypoint
 * @param store the other store whose entrypoint it is; empty for everything else
 * @param gates the gates that found something in it
 */
public record GraphNode(
    String name, Kind kind, boolean live, Optional<String> store, Mark mark, List<String> gates) {
  /** What a node is. */
  public enum Kind {
    /** A view. */
    VIEW("view"),
    /** A materialized view. */
    MATVIEW("materialized view"),
    /** A table, partitioned or not. */
    TABLE("table"),
    /** A foreign table. */
    FOREIGN_TABLE("foreign table"),
    /** A function. */
    FUNCTION("function"),
    /** A SQL step of a store, which fills a table. */
    STEP("SQL step");

    private final String word;

    Kind(String word) {
      this.word = word;
    }

    /** As people say it, and as it stands in JSON. */
    public String word() {
      return word;
    }

    static Kind of(String letter) {
      return switch (letter) {
        case "v" -> VIEW;
        case "m" -> MATVIEW;
        case "f" -> FOREIGN_TABLE;
        case "function" -> FUNCTION;
        case "sql" -> STEP;
        default -> TABLE;
      };
    }
  }

  /** What the findings of the last run say of a node or an arrow. The later, the worse. */
  public enum Mark {
    /** Nothing. */
    NONE,
    /** It leads to something that only warns. */
    WARN_PATH,
    /** A gate warns of it. */
    WARNED,
    /** It leads to what failed. */
    FAIL_PATH,
    /** A gate failed because of it. */
    FAILED;

    /** Whether what it stands for blocks. */
    public boolean blocks() {
      return compareTo(FAIL_PATH) >= 0;
    }

    /** Whether it is the end of a path. */
    public boolean isEnd() {
      return this == WARNED || this == FAILED;
    }

    /** The word in JSON. */
    public String word() {
      return switch (this) {
        case NONE -> "none";
        case WARN_PATH, FAIL_PATH -> "path";
        case WARNED -> "warned";
        case FAILED -> "failed";
      };
    }

    Mark worse(Mark other) {
      return compareTo(other) >= 0 ? this : other;
    }
  }

  /** Copies the list. */
  public GraphNode {
    gates = List.copyOf(gates);
  }

  /** What it is, in words. */
  String what() {
    String what = store.map(name -> "entrypoint of store " + name).orElse(kind.word());
    // a function holds no rows that could be live
    return live && kind != Kind.FUNCTION ? what + ", live" : what;
  }

  /** The stable fields, in order. */
  Map<String, @Nullable Object> json() {
    Map<String, @Nullable Object> json = new LinkedHashMap<>();
    json.put("object", name);
    json.put("kind", kind.word());
    json.put("live", live);
    json.put("store", store.orElse(null));
    json.put("mark", mark.word());
    json.put("gates", gates);
    return json;
  }
}
