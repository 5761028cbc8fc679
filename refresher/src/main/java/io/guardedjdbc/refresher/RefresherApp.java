package io.guardedjdbc.refresher;

import io.guardedjdbc.refresher.exit.ExitCode;
import io.guardedjdbc.refresher.report.Paint;
import io.guardedjdbc.refresher.run.Interruption;
import io.guardedjdbc.refresher.text.Json;
import io.guardedjdbc.refresher.text.Nearest;
import java.io.PrintWriter;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;
import picocli.CommandLine;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.UnmatchedArgumentException;

/**
 * The command line as an object: for {@code main}, for tests, and for programs that run it in their
 * own process.
 */
public final class RefresherApp {
  private final Map<String, String> env;
  private final InstantSource clock;
  private final Paint paint;
  private final Interruption interruption = new Interruption();

  /** With this process's environment and clock, and plain output. */
  public RefresherApp() {
    this(System.getenv(), InstantSource.system(), Paint.PLAIN);
  }

  /** With surroundings of the caller's. */
  public RefresherApp(Map<String, String> env, InstantSource clock, Paint paint) {
    this.env = Map.copyOf(env);
    this.clock = clock;
    this.paint = paint;
  }

  /** Asks a run that is under way to roll back and end. Callable from any thread; for good. */
  public void interrupt() {
    interruption.request();
  }

  /** The same, to end with another code than that of SIGINT. */
  void interrupt(ExitCode code) {
    interruption.request(code);
  }

  /**
   * Runs one command line. Blocks until it is done; never exits the process, never throws for what
   * a user can do wrong.
   *
   * @return the exit code, see {@link ExitCode}
   */
  public int execute(PrintWriter out, PrintWriter err, String... args) {
    Surroundings surroundings = new Surroundings(out, err, env, clock, interruption, paint);
    CommandLine line =
        new CommandLine(new RootCommand())
            .addSubcommand(new InitCommand(surroundings))
            .addSubcommand(new PlanCommand(surroundings))
            .addSubcommand(new RunCommand(surroundings))
            .addSubcommand(new CertifyCommand(surroundings))
            .addSubcommand(new StatusCommand(surroundings))
            .addSubcommand(new ExplainCommand(surroundings))
            .addSubcommand(BaselineCommand.line(surroundings))
            .addSubcommand(new GraphCommand(surroundings))
            .addSubcommand(new ExtendCommand(surroundings))
            .addSubcommand(new SealCommand(surroundings))
            .addSubcommand(new DoctorCommand(surroundings))
            .addSubcommand(new UninstallCommand(surroundings))
            .addSubcommand(new CompletionCommand(surroundings))
            .addSubcommand(new CommandLine.HelpCommand());
    line.setOut(out);
    line.setErr(err);
    everywhere(line)
        .forEach(
            command -> {
              boolean help = command.getCommand() instanceof CommandLine.HelpCommand;
              command.getCommandSpec().mixinStandardHelpOptions(!help);
              command.getCommandSpec().version("refresher " + version());
            });
    line.setColorScheme(
        CommandLine.Help.defaultColorScheme(
            paint.color() ? CommandLine.Help.Ansi.ON : CommandLine.Help.Ansi.OFF));
    line.setParameterExceptionHandler((e, arguments) -> usage(e, out, err, arguments));
    int code = line.execute(args);
    out.flush();
    err.flush();
    return code;
  }

  private static List<CommandLine> everywhere(CommandLine line) {
    List<CommandLine> all = new ArrayList<>(List.of(line));
    line.getSubcommands().values().forEach(child -> all.addAll(everywhere(child)));
    return all;
  }

  private static int usage(
      ParameterException e, PrintWriter out, PrintWriter err, String[] arguments) {
    CommandLine line = e.getCommandLine();
    Set<String> commands = line.getSubcommands().keySet();
    List<String> lines = new ArrayList<>(List.of(complaint(e, commands)));
    if (!commands.isEmpty()) {
      lines.add("Commands: " + String.join(", ", commands));
    }
    String name = line.getCommandSpec().qualifiedName(" ");
    lines.add("Help: " + name + " --help");
    lines.forEach(err::println);
    err.flush();
    if (List.of(arguments).contains("--json")) {
      boolean verb = line.getCommand() instanceof DatabaseCommand;
      Map<String, Object> document = new LinkedHashMap<>();
      document.put("command", verb ? DatabaseCommand.nameOf(line.getCommandSpec()) : "refresher");
      document.put("exit_code", ExitCode.USAGE.code());
      document.put("error", lines);
      out.println(Json.pretty(document));
    }
    return ExitCode.USAGE.code();
  }

  private static String complaint(ParameterException e, Set<String> commands) {
    if (e instanceof UnmatchedArgumentException unmatched && !unmatched.getUnmatched().isEmpty()) {
      String word = unmatched.getUnmatched().get(0);
      boolean option = word.startsWith("-");
      Collection<String> allowed =
          option ? e.getCommandLine().getCommandSpec().optionsMap().keySet() : commands;
      String what =
          option ? "Unknown option " : commands.isEmpty() ? "One too many: " : "Unknown command ";
      return what
          + "'"
          + word
          + "'"
          + Nearest.to(word, allowed).map(near -> "; did you mean " + near + "?").orElse("");
    }
    return String.valueOf(e.getMessage())
        .lines()
        .collect(Collectors.joining("; "))
        .replaceFirst(" is not an? (int|long)$", " is no number");
  }

  private static String version() {
    String version = RefresherApp.class.getPackage().getImplementationVersion();
    return version == null ? "(development)" : version;
  }
}
