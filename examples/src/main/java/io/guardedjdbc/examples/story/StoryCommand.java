package io.guardedjdbc.examples.story;

import io.guardedjdbc.examples.survival.SurvivalSize;
import java.io.PrintWriter;
import java.nio.charset.StandardCharsets;
import java.sql.SQLException;
import java.util.concurrent.Callable;
import java.util.concurrent.CountDownLatch;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/** {@code story}: exit code 0 only if each step went as told; 1 else; 2 for bad options. */
@Command(
    name = "story",
    mixinStandardHelpOptions = true,
    sortOptions = false,
    description = "A feature store's good day, bad day and repair, on a real PostgreSQL.")
final class StoryCommand implements Callable<Integer> {
  @Option(
      names = "--url",
      paramLabel = "JDBC-URL",
      description =
          "Play on your own PostgreSQL 14 to 18: jdbc:postgresql://HOST:PORT/DATABASE?user=NAME. The"
              + " database must have no schema ml, ref, audit or \"iPhone\"; without --keep they"
              + " are dropped at the end. Default: an embedded PostgreSQL.")
  private @Nullable String url;

  @Option(
      names = "--keep",
      description =
          "Leave everything as it is at the end and print the URLs for psql and your own client;"
              + " an embedded server runs until Ctrl-C.")
  private boolean keep;

  @Option(
      names = "--listings",
      paramLabel = "N",
      defaultValue = "5000",
      description = "Size of the store, 1000 to 500000. Default: ${DEFAULT-VALUE}.")
  private int listings;

  private final PrintWriter out;
  private final PrintWriter err;

  private StoryCommand(PrintWriter out, PrintWriter err) {
    this.out = out;
    this.err = err;
  }

  /** Tells the story and ends the process. */
  public static void main(String[] args) {
    PrintWriter out = new PrintWriter(System.out, true, StandardCharsets.UTF_8);
    System.exit(execute(out, new PrintWriter(System.err, true, StandardCharsets.UTF_8), args));
  }

  /** Tells the story and gives back the exit code. */
  static int execute(PrintWriter out, PrintWriter err, String... args) {
    return new CommandLine(new StoryCommand(out, err)).setOut(out).setErr(err).execute(args);
  }

  @Override
  public Integer call() throws Exception {
    if (listings < 1_000 || listings > 500_000) {
      err.println("--listings must be 1000 to 500000, not " + listings);
      return 2;
    }
    Narrator narrator = new Narrator(out, CommandLine.Help.Ansi.AUTO.enabled());
    try (StoryServer server = url == null ? StoryServer.embedded() : StoryServer.own(url)) {
      Story story = new Story(server, narrator, SurvivalSize.of(listings));
      try {
        story.tell();
      } finally {
        if (!keep && server.isOwn()) {
          story.tidyUp();
        }
      }
      if (keep) {
        story.leaveOpen();
        if (!server.isOwn()) {
          new CountDownLatch(1).await();
        }
      }
      return 0;
    } catch (StoryWentWrong e) {
      narrator.line("");
      narrator.line("The story did not go as told: " + e.getMessage());
      return 1;
    } catch (SQLException e) {
      err.println("The story ended early, by an error of the database: " + e.getMessage());
      return 1;
    } catch (IllegalArgumentException e) {
      err.println(e.getMessage());
      return 2;
    }
  }
}
