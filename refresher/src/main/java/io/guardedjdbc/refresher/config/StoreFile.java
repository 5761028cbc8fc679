package io.guardedjdbc.refresher.config;

import io.guardedjdbc.refresher.exit.ExitCode;
import io.guardedjdbc.refresher.exit.Failure;
import io.guardedjdbc.refresher.text.Complaints;
import io.guardedjdbc.refresher.text.YamlText;
import java.io.IOException;
import java.nio.charset.CharacterCodingException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/** Reads a store's YAML file: the whole of it, or every complaint at once. */
public final class StoreFile {
  private StoreFile() {}

  /**
   * The store of a file.
   *
   * @throws Failure {@link ExitCode#USAGE} with a line a complaint
   */
  public static StoreConfig read(Path file) {
    try {
      return parse(file.toString(), Files.readString(file));
    } catch (NoSuchFileException e) {
      throw new Failure(ExitCode.USAGE, "No such file: " + file, e);
    } catch (CharacterCodingException e) {
      throw new Failure(ExitCode.USAGE, file + " is not UTF-8", e);
    } catch (IOException e) {
      throw new Failure(ExitCode.USAGE, "Can't read " + file, e);
    }
  }

  /**
   * The store of a text.
   *
   * @param label how messages name the text
   * @throws Failure {@link ExitCode#USAGE} with a line a complaint
   */
  public static StoreConfig parse(String label, String text) {
    Complaints complaints = new Complaints(label);
    Optional<StoreConfig> config =
        YamlText.read(label, text, complaints).map(StoreReader::new).map(StoreReader::read);
    if (config.isEmpty() || !complaints.isEmpty()) {
      List<String> lines = new ArrayList<>(complaints.lines());
      lines.add(label + ": " + count(lines.size()) + ", nothing was done");
      throw new Failure(ExitCode.USAGE, lines, null);
    }
    return config.get();
  }

  private static String count(int complaints) {
    return complaints == 1 ? "1 complaint" : complaints + " complaints";
  }
}
