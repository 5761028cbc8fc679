package io.guardedjdbc.refresher.testing;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/** Stops a server that a test has for itself, and starts it again. */
public final class Restart {
  private Restart() {}

  /**
   * Returns when it is up again.
   *
   * @param dataDirectory its own
   * @param mode {@code immediate}, as by a crash, or {@code fast}, in order
   */
  public static void of(String dataDirectory, String mode) {
    try {
      String postmaster =
          Files.readAllLines(Path.of(dataDirectory, "postmaster.pid")).get(0).strip();
      Path programs = Path.of("/proc", postmaster, "exe").toRealPath().resolveSibling("pg_ctl");
      List<String> command =
          new ArrayList<>(
              List.of(programs.toString(), "-D", dataDirectory, "-m", mode, "-w", "restart"));
      if (System.getProperty("user.name").equals("root")) {
        command.addAll(0, List.of("unshare", "-U")); // PostgreSQL refuses to run as root
      }
      Process control =
          new ProcessBuilder(command)
              .redirectErrorStream(true)
              .redirectOutput(ProcessBuilder.Redirect.DISCARD)
              .start();
      if (control.waitFor() != 0) {
        throw new AssertionError(String.join(" ", command) + " ended with " + control.exitValue());
      }
    } catch (IOException e) {
      throw new AssertionError(e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new AssertionError(e);
    }
  }
}
