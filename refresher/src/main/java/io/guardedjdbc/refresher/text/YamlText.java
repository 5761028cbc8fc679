package io.guardedjdbc.refresher.text;

import java.util.Iterator;
import java.util.Optional;
import org.snakeyaml.engine.v2.api.LoadSettings;
import org.snakeyaml.engine.v2.api.lowlevel.Compose;
import org.snakeyaml.engine.v2.api.lowlevel.Parse;
import org.snakeyaml.engine.v2.events.CollectionEndEvent;
import org.snakeyaml.engine.v2.events.CollectionStartEvent;
import org.snakeyaml.engine.v2.events.Event;
import org.snakeyaml.engine.v2.exceptions.MarkedYamlEngineException;
import org.snakeyaml.engine.v2.exceptions.ParserException;
import org.snakeyaml.engine.v2.exceptions.YamlEngineException;
import org.snakeyaml.engine.v2.nodes.MappingNode;
import org.snakeyaml.engine.v2.nodes.Node;

/** A YAML 1.2 text that must be one document with one mapping. Nothing is constructed from tags. */
public final class YamlText {
  private static final int MAX_CODE_POINTS = 1_000_000;

  /** More than any store needs, and less than what reading by recursion can bear. */
  private static final int MAX_DEPTH = 50;

  private YamlText() {}

  /** The top mapping, or empty after a complaint. */
  public static Optional<MappingReader> read(String label, String text, Complaints complaints) {
    LoadSettings settings =
        LoadSettings.builder()
            .setLabel(label)
            .setUseMarks(true)
            .setMaxAliasesForCollections(20)
            .setCodePointLimit(MAX_CODE_POINTS)
            .build();
    try {
      requireShallow(settings, text);
      Iterator<Node> documents = new Compose(settings).composeAllFromString(text).iterator();
      if (!documents.hasNext()) {
        complaints.add(
            1, "the file is empty; a store needs at least store, entrypoint, key, anchor, gates");
        return Optional.empty();
      }
      Node root = documents.next();
      if (documents.hasNext()) {
        complaints.add(
            MappingReader.line(documents.next()), "a second document; one file is one store");
      }
      if (root instanceof MappingNode mapping) {
        return Optional.of(new MappingReader(mapping, "", complaints));
      }
      complaints.add(MappingReader.line(root), "expected keys and values, like 'store: survival'");
    } catch (MarkedYamlEngineException e) {
      int line = e.getProblemMark().map(mark -> mark.getLine() + 1).orElse(1);
      complaints.add(line, "not YAML: " + oneLine(String.valueOf(e.getProblem())));
    } catch (YamlEngineException e) {
      complaints.add(1, "not YAML: " + oneLine(String.valueOf(e.getMessage())));
    }
    return Optional.empty();
  }

  private static void requireShallow(LoadSettings settings, String text) {
    int depth = 0;
    for (Event event : new Parse(settings).parseString(text)) {
      if (event instanceof CollectionStartEvent && ++depth > MAX_DEPTH) {
        throw new ParserException("more than " + MAX_DEPTH + " levels deep", event.getStartMark());
      } else if (event instanceof CollectionEndEvent) {
        depth--;
      }
    }
  }

  private static String oneLine(String text) {
    return text.lines().findFirst().orElse("").strip();
  }
}
