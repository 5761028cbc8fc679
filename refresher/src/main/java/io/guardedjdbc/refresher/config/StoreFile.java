package io.guardedjdbc.refresher.config;

import io.guardedjdbc.refresher.exit.ExitCode;
import io.guardedjdbc.refresher.exit.Failure;
import io.guardedjdbc.refresher.text.Complaints;
import io.guardedjdbc.refresher.text.KeyLines;
import io.guardedjdbc.refresher.text.YamlText;
import java.io.IOException;
import java.nio.charset.CharacterCodingException;
import java.nio.file.AccessDeniedException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/** Reads a store's YAML file: the whole of it, or every complaint at once. */
public final class StoreFile {
  /**
   * What a file holds.
   *
   * @param lines where its keys stand
   */
  record Content(StoreConfig config, KeyLines lines) {}

  private StoreFile() {}

  /**
   * The store of a file.
   *
   * @throws Failure {@link ExitCode#USAGE} with a line a complaint
   */
  public static StoreConfig read(Path file) {
    return content(file).config();
  }

  /** The same, with the lines of its keys. */
  static Content content(Path file) {
    if (Files.isDirectory(file)) {
      throw new Failure(ExitCode.USAGE, file + " is a folder; name a store's file in it");
    }
    try {
      return content(file.toString(), Files.readString(file));
    } catch (NoSuchFileException e) {
      throw new Failure(ExitCode.USAGE, "No such file: " + file, e);
    } catch (CharacterCodingException e) {
      throw new Failure(
          ExitCode.USAGE, file + " is not UTF-8; save it as UTF-8. Nothing was done", e);
    } catch (AccessDeniedException e) {
      throw new Failure(ExitCode.USAGE, "No permission to read " + file, e);
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
    return content(label, text).config();
  }

  private static Content content(String label, String text) {
    Complaints complaints = new Complaints(label);
    Optional<StoreConfig> config =
        YamlText.read(label, text, complaints).map(StoreReader::new).map(StoreReader::read);
    if (config.isEmpty() || !complaints.isEmpty()) {
      throw failure(label, complaints.lines());
    }
    return new Content(config.get(), complaints.keyLines());
  }

  /** That a file can't be used, with every complaint about it. */
  static Failure failure(String label, List<String> complaints) {
    List<String> lines = new ArrayList<>(complaints);
    lines.add(label + ": " + count(lines.size()) + ", nothing was done");
    return new Failure(ExitCode.USAGE, lines, null);
  }

  private static String count(int complaints) {
    return complaints == 1 ? "1 complaint" : complaints + " complaints";
  }
}
