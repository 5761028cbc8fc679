package io.guardedjdbc.jmh;

import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Collections;
import java.util.List;
import java.util.Locale;
import java.util.Random;
import org.openjdk.jmh.results.Result;
import org.openjdk.jmh.results.RunResult;
import org.openjdk.jmh.runner.Runner;
import org.openjdk.jmh.runner.RunnerException;
import org.openjdk.jmh.runner.options.ChainedOptionsBuilder;
import org.openjdk.jmh.runner.options.OptionsBuilder;
import org.openjdk.jmh.runner.options.TimeValue;
import org.openjdk.jmh.runner.options.VerboseMode;

/**
 * Runs all workloads for all arms and writes a Markdown file. Arms take turns, a round each, as
 * machines drift: where the server answers, all rounds in one JVM; where nanoseconds count, each
 * round of each arm in a JVM of its own, since arms would spoil each other's compiled code there.
 */
public final class Benchmarks {
  private static final List<Arm> ARMS = List.of(Arm.values());

  private final Store store;
  private final boolean brief;
  private final String only = System.getProperty("jmh.only", "");
  private final StringBuilder report = new StringBuilder();

  private Benchmarks(Store store, boolean brief) {
    this.store = store;
    this.brief = brief;
  }

  /**
   * The file to write; {@code -Djmh.short=true} for fewer rounds, {@code -Djmh.only=…} for one
   * workload.
   */
  public static void main(String[] arguments) throws Exception {
    Path file = Path.of(arguments[0]);
    boolean brief = Boolean.getBoolean("jmh.short");
    double before = load();
    Store store = Store.create(brief ? 200_000 : 1_000_000);
    System.setProperty(Store.SERVER, store.server());
    System.setProperty("jmh.ignoreLock", "true");
    Benchmarks all = new Benchmarks(store, brief);
    all.run();
    String head =
        String.format(
            Locale.ROOT,
            "JDK %s, PostgreSQL %d on the same machine, %d processors; load before and after: "
                + "%.1f, %.1f.%s%n%n",
            System.getProperty("java.version"),
            store.postgres().major(),
            Runtime.getRuntime().availableProcessors(),
            before,
            load(),
            brief ? " Short run: too few rounds to quote." : "");
    Files.writeString(file, head + all.report);
    System.out.println(head + all.report + "Written to " + file);
  }

  private static double load() {
    return ManagementFactory.getOperatingSystemMXBean().getSystemLoadAverage();
  }

  private boolean wanted(String workload) {
    return workload.contains(only);
  }

  private void run() throws RunnerException, SQLException, IOException {
    together("pointSelect", "Point SELECT, kept PreparedStatement", ARMS, brief ? 3 : 15, 200);
    together("prepareExecuteClose", "Prepare, execute, close", ARMS, brief ? 3 : 15, 200);
    together("connectClose", "Connect, close", ARMS, brief ? 3 : 15, 300);
    together(
        "allRows",
        "%,d rows × 10 columns by cursor".formatted(store.rows()),
        ARMS,
        brief ? 2 : 9,
        1);
    List<Arm> alone = new ArrayList<>(ARMS);
    alone.remove(Arm.ALWAYS);
    apart("prepareClose", "Prepare, close (nothing sent)", alone, brief ? 1 : 3);
    apart("getter", "getInt of a row that has arrived", alone, brief ? 1 : 3);
    if (wanted("decision")) {
      decision(brief ? 2 : 5);
    }
    if (wanted("firstSight")) {
      firstSight(brief ? 2 : 5);
    }
    if (wanted("mapLoad")) {
      report.append(MapLoad.markdown(store, brief ? 3 : 9));
    }
  }

  /** All arms in this JVM. */
  private void together(String workload, String title, List<Arm> arms, int rounds, int millis)
      throws RunnerException {
    if (!wanted(workload)) {
      return;
    }
    Figures figures = new Figures(title);
    for (int round = 0; round < rounds; round++) {
      for (Arm arm : turned(arms, round)) {
        var options =
            options(workload)
                .param("arm", arm.name())
                .forks(0)
                .warmupIterations(round > 0 ? 1 : millis == 1 ? 3 : 10)
                .warmupTime(TimeValue.milliseconds(millis))
                .measurementIterations(1)
                .measurementTime(TimeValue.milliseconds(millis));
        figures.add(arm.title, reading(options));
      }
      progress(title, round, rounds);
    }
    report.append(figures.markdown());
  }

  /** Each arm in a JVM of its own, a new one each round. */
  private void apart(String workload, String title, List<Arm> arms, int rounds)
      throws RunnerException {
    if (!wanted(workload)) {
      return;
    }
    Figures figures = new Figures(title);
    for (int round = 0; round < rounds; round++) {
      for (Arm arm : turned(arms, round)) {
        figures.add(arm.title, reading(forked(options(workload).param("arm", arm.name()))));
      }
      progress(title, round, rounds);
    }
    report.append(figures.markdown());
  }

  private void decision(int rounds) throws RunnerException {
    Figures figures = new Figures("Decision alone, of an execution that sends nothing");
    String[] texts = {
      "SELECT * FROM ml.store_v WHERE id = $1", "SELECT * FROM pg_catalog.pg_class WHERE oid = $1"
    };
    String[] titles = {"guarded statement, leased", "touches nothing guarded"};
    for (int round = 0; round < rounds; round++) {
      for (int which = 0; which < texts.length; which++) {
        figures.add(
            titles[which], reading(forked(options("decision").param("text", texts[which]))));
      }
      figures.add("of which: three readings of the clocks", reading(forked(options("clocks"))));
      progress("Decision", round, rounds);
    }
    report.append(figures.markdown());
  }

  private void firstSight(int rounds) throws SQLException {
    report
        .append("### First sight of a statement: prepare, 1,000 distinct texts a round\n\n")
        .append("| arm | rounds | wall p50 | wall p99 | CPU p50 | CPU p99 |\n")
        .append("| --- | --- | --- | --- | --- | --- |\n");
    for (Arm arm : List.of(Arm.PLAIN, Arm.PLAIN_AGAIN, Arm.LEASED)) {
      for (int warmup = 0; warmup < 3; warmup++) {
        FirstSight.measure(arm, store.server());
      }
      List<FirstSight.Nanos> all = new ArrayList<>();
      for (int round = 0; round < rounds; round++) {
        all.add(FirstSight.measure(arm, store.server()));
      }
      List<List<Double>> wall = all.stream().map(FirstSight.Nanos::wall).toList();
      List<List<Double>> cpu = all.stream().map(FirstSight.Nanos::cpu).toList();
      report.append(
          String.format(
              "| %s | %d | %s | %s | %s | %s |%n",
              arm.title, rounds, at(50, wall), at(99, wall), at(50, cpu), at(99, cpu)));
    }
    report.append('\n');
  }

  /** A percentile of each round: median and quartiles over the rounds. */
  private static String at(int percent, List<List<Double>> rounds) {
    return Figures.times(
        rounds.stream().map(nanos -> nanos.get(nanos.size() * percent / 100)).toList());
  }

  /** The arms in another order each round: a fixed one would give each arm the same neighbour. */
  private static List<Arm> turned(List<Arm> arms, int round) {
    List<Arm> turned = new ArrayList<>(arms);
    Collections.shuffle(turned, new Random(round));
    return turned;
  }

  private static ChainedOptionsBuilder options(String workload) {
    return new OptionsBuilder()
        .include(Workloads.class.getName() + "." + workload + "$")
        .verbosity(VerboseMode.SILENT)
        .shouldFailOnError(true)
        .threads(1);
  }

  private static ChainedOptionsBuilder forked(ChainedOptionsBuilder options) {
    return options
        .forks(1)
        .jvmArgsAppend(
            "-D" + Store.SERVER + "=" + System.getProperty(Store.SERVER), "-Djmh.ignoreLock=true")
        .warmupIterations(3)
        .warmupTime(TimeValue.milliseconds(700))
        .measurementIterations(1)
        .measurementTime(TimeValue.milliseconds(700));
  }

  private static Figures.Reading reading(ChainedOptionsBuilder options) throws RunnerException {
    Collection<RunResult> results = new Runner(options.build()).run();
    RunResult result = results.iterator().next();
    double operations = secondary(result, "operations");
    Result<?> wall = result.getPrimaryResult();
    boolean millis = wall.getScoreUnit().startsWith("ms");
    return new Figures.Reading(
        wall.getScore() * (millis ? 1e6 : 1),
        secondary(result, "cpuNanos") / operations,
        secondary(result, "bytes") / operations);
  }

  private static double secondary(RunResult result, String name) {
    return result.getSecondaryResults().get(name).getScore();
  }

  private static void progress(String title, int round, int rounds) {
    System.out.printf("%s: round %d of %d%n", title, round + 1, rounds);
  }
}
