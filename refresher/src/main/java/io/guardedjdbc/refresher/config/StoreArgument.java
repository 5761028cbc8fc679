package io.guardedjdbc.refresher.config;

import io.guardedjdbc.refresher.db.Session;
import io.guardedjdbc.refresher.exit.ExitCode;
import io.guardedjdbc.refresher.exit.Failure;
import io.guardedjdbc.refresher.text.KeyLines;
import java.nio.file.Files;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.sql.SQLException;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * What a person named: a YAML file, already read, or the name of a store that the database knows.
 *
 * @param text as given
 * @param config the file's content; empty for a name
 * @param lines where the file's keys stand
 */
public record StoreArgument(String text, Optional<StoreConfig> config, KeyLines lines) {
  /**
   * Reads the argument; a file is validated at once.
   *
   * @throws Failure {@link ExitCode#USAGE} with every complaint
   */
  public static StoreArgument of(String text) {
    if (!isFile(text)) {
      return new StoreArgument(text, Optional.empty(), KeyLines.NONE);
    }
    StoreFile.Content content = StoreFile.content(Path.of(text));
    return new StoreArgument(text, Optional.of(content.config()), content.lines());
  }

  /**
   * Each store once, where it was named first; by its file, if that is among them.
   *
   * @throws Failure {@link ExitCode#USAGE} when two files of one store differ
   */
  public static List<StoreArgument> once(List<StoreArgument> given) {
    Map<String, StoreArgument> files = new HashMap<>();
    for (StoreArgument argument : given) {
      argument.config().ifPresent(config -> keep(argument, config, files));
    }
    return given.stream()
        .map(argument -> files.getOrDefault(argument.store(), argument))
        .distinct()
        .toList();
  }

  private static void keep(
      StoreArgument argument, StoreConfig config, Map<String, StoreArgument> files) {
    StoreArgument first = files.putIfAbsent(config.store(), argument);
    if (first != null && !first.config().equals(argument.config())) {
      throw new Failure(
          ExitCode.USAGE,
          first.text()
              + " and "
              + argument.text()
              + " are both of store "
              + config.store()
              + ", and differ");
    }
    files.putIfAbsent(config.entrypoint(), argument);
  }

  /** The store's name. */
  public String store() {
    return config.map(StoreConfig::store).orElse(text);
  }

  /**
   * The policy in the database.
   *
   * @throws Failure {@link ExitCode#USAGE} when the database does not know the store
   */
  public StorePolicy policy(Session session) throws SQLException {
    return KnownStores.named(session, store());
  }

  private static boolean isFile(String text) {
    try {
      return text.endsWith(".yaml")
          || text.endsWith(".yml")
          || text.contains("/")
          || Files.isRegularFile(Path.of(text));
    } catch (InvalidPathException e) {
      throw new Failure(ExitCode.USAGE, "Neither a store name nor a path: '" + text + "'", e);
    }
  }
}
