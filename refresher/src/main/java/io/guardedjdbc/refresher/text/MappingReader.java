package io.guardedjdbc.refresher.text;

import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.function.Function;
import java.util.stream.Collectors;
import org.snakeyaml.engine.v2.nodes.MappingNode;
import org.snakeyaml.engine.v2.nodes.Node;
import org.snakeyaml.engine.v2.nodes.NodeTuple;
import org.snakeyaml.engine.v2.nodes.ScalarNode;
import org.snakeyaml.engine.v2.nodes.SequenceNode;
import org.snakeyaml.engine.v2.nodes.Tag;

/**
 * Reads one mapping key by key; whatever is wrong becomes a {@link Complaint} and an empty value,
 * never an exception. The keys asked for are the keys allowed: {@link #done()} complains of all
 * others. Not thread-safe.
 */
public final class MappingReader {
  private final String path;
  private final int line;
  private final Complaints complaints;
  private final Map<String, Node> values = new LinkedHashMap<>();
  private final Map<String, Integer> keyLines = new LinkedHashMap<>();
  private final Set<String> allowed = new TreeSet<>();

  MappingReader(MappingNode node, String path, Complaints complaints) {
    this(node.getValue(), line(node), path, complaints);
  }

  private MappingReader(List<NodeTuple> tuples, int line, String path, Complaints complaints) {
    this.path = path;
    this.line = line;
    this.complaints = complaints;
    for (NodeTuple tuple : tuples) {
      Node key = tuple.getKeyNode();
      if (!(key instanceof ScalarNode scalar)) {
        complaints.add(line(key), "a key must be a word");
      } else if (values.putIfAbsent(scalar.getValue(), tuple.getValueNode()) != null) {
        complaints.add(line(key), "key '" + at(scalar.getValue()) + "' is there twice");
      } else {
        keyLines.put(scalar.getValue(), line(key));
        complaints.key(at(scalar.getValue()), line(key));
      }
    }
  }

  static int line(Node node) {
    return node.getStartMark().map(mark -> mark.getLine() + 1).orElse(1);
  }

  /** The line of a key, or of this mapping when the key is missing. */
  public int lineOf(String key) {
    return keyLines.getOrDefault(key, line);
  }

  /** Adds a complaint at a key of this mapping. */
  public void complain(String key, String message) {
    complaints.add(lineOf(key), "'" + at(key) + "' " + message);
  }

  /** The keys as written, in order. */
  public List<String> keys() {
    return List.copyOf(keyLines.keySet());
  }

  /** A scalar as text; empty when missing, or after a complaint. */
  public Optional<String> text(String key) {
    return value(key).flatMap(node -> scalar(key, node));
  }

  /** A scalar that must be there; the empty string after a complaint. */
  public String requiredText(String key) {
    if (value(key).isEmpty()) {
      missing(key);
    }
    return text(key).orElse("");
  }

  /** One of a few words. */
  public Optional<String> choice(String key, List<String> choices) {
    return parsed(
        key,
        word -> Optional.of(word).filter(choices::contains),
        "one of " + String.join(", ", choices));
  }

  /** A duration, see {@link DurationText}. */
  public Optional<Duration> duration(String key) {
    return parsed(key, DurationText::parse, DurationText.ALLOWED);
  }

  /** A scalar parsed by a function that gives empty for what is not allowed. */
  public <T> Optional<T> parsed(String key, Function<String, Optional<T>> parser, String expected) {
    Optional<String> text = text(key);
    Optional<T> parsed = text.flatMap(parser);
    if (text.isPresent() && parsed.isEmpty()) {
      complain(key, "is '" + text.get() + "'; expected " + expected);
    }
    return parsed;
  }

  /** A list of scalars; a single scalar counts as a list of one; empty when missing. */
  public List<String> texts(String key) {
    List<String> texts = new ArrayList<>();
    for (Node item : items(key)) {
      scalar(key, item).ifPresent(texts::add);
    }
    return texts;
  }

  /** A list of scalars that must have at least one. */
  public List<String> requiredTexts(String key) {
    if (value(key).isEmpty()) {
      missing(key);
      return List.of();
    }
    List<String> texts = texts(key);
    if (texts.isEmpty()) {
      complain(key, "must name at least one");
    }
    return texts;
  }

  /** A list of mappings; empty when missing. */
  public List<MappingReader> mappings(String key) {
    List<MappingReader> readers = new ArrayList<>();
    int index = 0;
    for (Node item : items(key)) {
      index++;
      if (item instanceof MappingNode mapping) {
        readers.add(new MappingReader(mapping, at(key) + "[" + index + "]", complaints));
      } else {
        complaints.add(
            line(item), "'" + at(key) + "' expects a list of entries, each with keys of its own");
      }
    }
    return readers;
  }

  /** A mapping; an empty value ({@code key:}) counts as a mapping without keys. */
  public Optional<MappingReader> mapping(String key) {
    allowed.add(key);
    Node node = values.get(key);
    if (node == null) {
      return Optional.empty();
    }
    if (node instanceof MappingNode mapping) {
      return Optional.of(new MappingReader(mapping, at(key), complaints));
    }
    if (isNull(node)) {
      return Optional.of(new MappingReader(List.of(), lineOf(key), at(key), complaints));
    }
    complain(key, "expects keys and values below it");
    return Optional.empty();
  }

  /** Complains of every key that nobody asked for, naming the nearest allowed one. */
  public void done() {
    for (String key : keyLines.keySet()) {
      if (!allowed.contains(key)) {
        String hint =
            Nearest.to(key, allowed)
                .map(nearest -> "did you mean '" + nearest + "'?")
                .orElseGet(() -> "allowed: " + allowed.stream().collect(Collectors.joining(", ")));
        complain(key, "is no known key; " + hint);
      }
    }
  }

  private Optional<Node> value(String key) {
    allowed.add(key);
    return Optional.ofNullable(values.get(key));
  }

  private List<Node> items(String key) {
    Optional<Node> value = value(key).filter(node -> !isNull(node));
    if (value.isEmpty()) {
      return List.of();
    }
    return value.get() instanceof SequenceNode sequence
        ? sequence.getValue()
        : List.of(value.get());
  }

  private Optional<String> scalar(String key, Node node) {
    if (node instanceof ScalarNode scalar && !isNull(node) && !scalar.getValue().isBlank()) {
      return Optional.of(scalar.getValue());
    }
    complaints.add(line(node), "'" + at(key) + "' needs a value, one word or text");
    return Optional.empty();
  }

  private void missing(String key) {
    complaints.add(line, "'" + at(key) + "' is missing");
  }

  private String at(String key) {
    return path.isEmpty() ? key : path + "." + key;
  }

  private static boolean isNull(Node node) {
    return node.getTag().equals(Tag.NULL);
  }
}
