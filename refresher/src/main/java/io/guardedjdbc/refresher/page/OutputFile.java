package io.guardedjdbc.refresher.page;

import io.guardedjdbc.refresher.exit.ExitCode;
import io.guardedjdbc.refresher.exit.Failure;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.AtomicMoveNotSupportedException;
import java.nio.file.Files;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;

/**
 * A file that somebody else may be reading while it is written: who opens it sees the old text or
 * the new one, whole.
 */
public final class OutputFile {
  private OutputFile() {}

  /**
   * Checks a path before any work is done.
   *
   * @param option the option that names it, for the message
   * @throws Failure {@link ExitCode#USAGE} when nothing can be written there
   */
  public static Path of(String option, String text) {
    Path file;
    try {
      file = Path.of(text).toAbsolutePath();
    } catch (InvalidPathException e) {
      throw new Failure(ExitCode.USAGE, option + " is no path: '" + text + "'", e);
    }
    Path folder = file.getParent();
    if (folder == null || !Files.isDirectory(folder)) {
      throw new Failure(ExitCode.USAGE, option + ": there is no folder for '" + text + "'");
    }
    if (Files.isDirectory(file)) {
      throw new Failure(ExitCode.USAGE, option + ": '" + text + "' is a folder; name a file");
    }
    if (!Files.isWritable(folder)) {
      throw new Failure(ExitCode.USAGE, option + ": no permission to write into " + folder);
    }
    return file;
  }

  /**
   * Writes the text as UTF-8 beside the file and moves it there.
   *
   * @throws Failure {@link ExitCode#USAGE} when it can't be written
   */
  public static void write(Path file, String text) {
    // Not createTempFile: that one is for its owner alone, and a collector is somebody else.
    Path written =
        file.resolveSibling(
            "." + file.getFileName() + "." + ProcessHandle.current().pid() + ".tmp");
    try {
      Files.writeString(
          written,
          text,
          StandardCharsets.UTF_8,
          StandardOpenOption.CREATE,
          StandardOpenOption.TRUNCATE_EXISTING,
          StandardOpenOption.WRITE);
      move(written, file);
    } catch (IOException e) {
      throw new Failure(
          ExitCode.USAGE, "Can't write " + file + " (" + e.getClass().getSimpleName() + ")", e);
    }
  }

  private static void move(Path from, Path to) throws IOException {
    try {
      Files.move(from, to, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
    } catch (AtomicMoveNotSupportedException e) {
      Files.move(from, to, StandardCopyOption.REPLACE_EXISTING);
    }
  }
}
