package io.guardedjdbc.refresher;

import io.guardedjdbc.refresher.report.Paint;
import java.io.Console;
import java.io.PrintStream;
import java.io.PrintWriter;
import java.nio.charset.Charset;
import java.nio.charset.StandardCharsets;
import java.time.InstantSource;
import java.util.Map;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.logging.Level;
import java.util.logging.Logger;

/** The program. */
public final class Refresher {
  private static final int SECONDS_TO_ROLL_BACK = 30;

  /** pgjdbc's warnings would stand beside the one line that says what is wrong. */
  private static final Logger PGJDBC = Logger.getLogger("org.postgresql");

  private Refresher() {}

  /**
   * Runs the command line and exits with its code; on SIGINT or SIGTERM rolls back and records
   * first.
   */
  public static void main(String[] args) {
    PGJDBC.setLevel(Level.OFF);
    Map<String, String> env = System.getenv();
    RefresherApp app = new RefresherApp(env, InstantSource.system(), paint(env));
    LastSignal last = LastSignal.watch();
    CountDownLatch over = new CountDownLatch(1);
    Thread onSignal =
        new Thread(
            () -> {
              app.interrupt(last.code());
              awaitQuietly(over);
            },
            "roll-back");
    Runtime.getRuntime().addShutdownHook(onSignal);
    int code;
    try {
      code = app.execute(writer(System.out), writer(System.err), args);
    } finally {
      over.countDown();
    }
    System.exit(code);
  }

  private static void awaitQuietly(CountDownLatch over) {
    try {
      // The JVM ends with 130 or 143 when this thread is done.
      if (!over.await(SECONDS_TO_ROLL_BACK, TimeUnit.SECONDS)) {
        System.err.println("Not rolled back in time: the server does it when the connection ends");
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  private static PrintWriter writer(PrintStream stream) {
    return new PrintWriter(stream, true, charset());
  }

  private static Charset charset() {
    String ofSystem = System.getProperty("native.encoding", "UTF-8");
    String name = System.getProperty("stdout.encoding", ofSystem);
    return Charset.isSupported(name) ? Charset.forName(name) : StandardCharsets.UTF_8;
  }

  private static Paint paint(Map<String, String> env) {
    return Paint.of(env, isTerminal(), charset().equals(StandardCharsets.UTF_8));
  }

  @SuppressWarnings("SystemConsoleNull")
  private static boolean isTerminal() {
    Console console = System.console();
    if (console == null) {
      return false;
    }
    try {
      // Since 22 there is a console even where there is no terminal.
      return (boolean) Console.class.getMethod("isTerminal").invoke(console);
    } catch (ReflectiveOperationException e) {
      return true;
    }
  }
}
