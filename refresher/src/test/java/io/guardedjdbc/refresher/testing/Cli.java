package io.guardedjdbc.refresher.testing;

import com.fasterxml.jackson.jr.ob.JSON;
import io.guardedjdbc.refresher.RefresherApp;
import io.guardedjdbc.refresher.report.Paint;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.io.UncheckedIOException;
import java.time.InstantSource;
import java.util.Map;

/** Runs command lines in this process, as their user would see them. */
public final class Cli {
  private final Map<String, String> env;
  private volatile RefresherApp app;

  /** With the URL in the environment. */
  public Cli(String url) {
    this(Map.of("GUARDED_URL", url, "HOSTNAME", "test-host"));
  }

  /** With this environment. */
  public Cli(Map<String, String> env) {
    this.env = env;
    this.app = fresh(env);
  }

  private static RefresherApp fresh(Map<String, String> env) {
    return new RefresherApp(env, InstantSource.system(), Paint.PLAIN);
  }

  /** Runs one command line to its end. */
  public Result run(String... args) {
    RefresherApp running = fresh(env);
    app = running;
    StringWriter out = new StringWriter();
    StringWriter err = new StringWriter();
    int exit = running.execute(new PrintWriter(out), new PrintWriter(err), args);
    return new Result(exit, out.toString(), err.toString());
  }

  /** Interrupts the command line that is running. */
  public void interrupt() {
    app.interrupt();
  }

  /** What came of a command line. */
  public record Result(int exit, String out, String err) {
    /** The document on stdout. */
    public Map<String, Object> json() {
      try {
        return JSON.std.mapFrom(out);
      } catch (IOException e) {
        throw new UncheckedIOException(out, e);
      }
    }

    /** Both streams, for a failing assertion. */
    @Override
    public String toString() {
      return "exit " + exit + "\n" + out + "\n--\n" + err;
    }
  }
}
