package io.guardedjdbc.refresher;

import io.guardedjdbc.refresher.config.StorePolicy;
import io.guardedjdbc.refresher.db.PinnedSettings;
import io.guardedjdbc.refresher.db.ServerCheck;
import io.guardedjdbc.refresher.db.Session;
import io.guardedjdbc.refresher.db.Target;
import io.guardedjdbc.refresher.exit.ExitCode;
import io.guardedjdbc.refresher.exit.Failure;
import io.guardedjdbc.refresher.exit.SqlFailures;
import io.guardedjdbc.refresher.text.Json;
import java.io.PrintWriter;
import java.io.Writer;
import java.net.InetAddress;
import java.net.UnknownHostException;
import java.sql.SQLException;
import java.time.Duration;
import java.time.temporal.ChronoUnit;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/**
 * What all commands share: the options of the database, one document on stdout under {@code
 * --json}, one clear line for what went wrong.
 */
abstract class DatabaseCommand implements Callable<Integer> {
  private static final Duration LOCK_TIMEOUT = Duration.ofSeconds(10);

  final Surroundings surroundings;

  @Spec private @Nullable CommandSpec spec;

  @Option(
      names = "--url",
      paramLabel = "JDBC-URL",
      description = "Database, as jdbc:postgresql://HOST:PORT/DATABASE. Default: $GUARDED_URL.")
  private @Nullable String url;

  @Option(
      names = "--user",
      paramLabel = "NAME",
      description = "User. Password: PGPASSWORD, the password file (PGPASSFILE) or a service file.")
  private @Nullable String user;

  @Option(names = "--json", description = "One JSON document on stdout, nothing else.")
  private boolean json;

  @Option(
      names = {"-q", "--quiet"},
      description = "Print only what is wrong: for cron.")
  private boolean quiet;

  @Option(names = "--verbose", description = "Print stack traces, too.")
  private boolean verbose;

  DatabaseCommand(Surroundings surroundings) {
    this.surroundings = surroundings;
  }

  /** Does the work; fills the fields of the JSON document. */
  abstract ExitCode execute(Map<String, @Nullable Object> document) throws SQLException;

  @Override
  public final Integer call() {
    Map<String, @Nullable Object> document = new LinkedHashMap<>();
    document.put("command", name());
    document.put("exit_code", null);
    ExitCode code;
    try {
      code = execute(document);
    } catch (Failure e) {
      code = tell(e, document);
    } catch (SQLException e) {
      code = tell(SqlFailures.of("refresher " + name(), e), document);
    } catch (RuntimeException e) {
      // A fault of ours. It answers no question, so that its code is not that of a failed gate.
      String line = "refresher " + name() + " failed: " + e + ". --verbose says where";
      code = tell(new Failure(ExitCode.COULD_NOT_CHECK, line, e), document);
    }
    document.put("exit_code", code.code());
    if (json) {
      surroundings.out().println(Json.pretty(document));
    }
    surroundings.out().flush();
    surroundings.err().flush();
    return code.code();
  }

  /** Prints a failure, and answers its code. */
  final ExitCode tell(Failure failure, Map<String, @Nullable Object> document) {
    document.put("error", failure.lines());
    print(failure);
    return failure.exitCode();
  }

  /** Prints a failure. */
  final void print(Failure failure) {
    failure.lines().forEach(surroundings.err()::println);
    if (verbose) {
      failure.printStackTrace(surroundings.err());
    }
  }

  private String name() {
    return spec == null ? "" : nameOf(spec);
  }

  /** A command as a person types it, without the program. */
  static String nameOf(CommandSpec spec) {
    String qualified = spec.qualifiedName(" ");
    return qualified.substring(qualified.indexOf(' ') + 1);
  }

  /** Whether text for people goes to {@link #out()}. */
  final boolean forPeople() {
    return !json && !quiet;
  }

  /** Whether only what is wrong is to be printed. */
  final boolean isQuiet() {
    return quiet && !json;
  }

  /** The place for text; under {@code --json} and {@code --quiet} it goes nowhere. */
  final PrintWriter out() {
    return forPeople() ? surroundings.out() : new PrintWriter(Writer.nullWriter());
  }

  final Target target() {
    return Target.of(url, user, surroundings.env());
  }

  /** For the foot of a page: which command made it, on which machine, when. */
  final String madeBy() {
    return "refresher "
        + name()
        + " on "
        + host()
        + ", "
        + surroundings.clock().instant().truncatedTo(ChronoUnit.SECONDS);
  }

  /** What a command needs of the audit schema. */
  enum Access {
    /** It need not be there. */
    NONE,
    /** What every reader may ask. */
    READ,
    /** What only who runs the refresher may do. */
    OPERATE
  }

  /** A checked session with pinned settings. */
  final Session open(Access access) throws SQLException {
    Session session = new Session(target().open("guarded-jdbc refresher " + name()));
    try {
      int version = ServerCheck.version(session);
      PinnedSettings.of("UTC", LOCK_TIMEOUT, Duration.ZERO, version).applyTo(session);
      switch (access) {
        case NONE -> {}
        case READ -> ServerCheck.requireAudit(session);
        case OPERATE -> ServerCheck.requireOperator(session);
      }
      return session;
    } catch (SQLException | RuntimeException e) {
      session.close();
      throw e;
    }
  }

  /** Pins the settings of a store. */
  static void pin(Session session, StorePolicy policy) throws SQLException {
    PinnedSettings.of(policy.timeZone(), LOCK_TIMEOUT, Duration.ZERO, ServerCheck.version(session))
        .applyTo(session);
  }

  /** The name of this machine, for the history. */
  final String host() {
    return Optional.ofNullable(surroundings.env().get("HOSTNAME"))
        .orElseGet(
            () -> {
              try {
                return InetAddress.getLocalHost().getHostName();
              } catch (UnknownHostException e) {
                return "unknown";
              }
            });
  }

  static List<String> names(List<String> given) {
    return given.stream().distinct().toList();
  }
}
