package io.guardedjdbc.examples.story;

import io.guardedjdbc.examples.survival.Incident;
import io.guardedjdbc.examples.survival.SurvivalSize;
import io.guardedjdbc.examples.survival.SurvivalStore;
import io.guardedjdbc.refresher.RefresherApp;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;

/** The chapters, in order. Each step is checked; the first that goes otherwise ends the story. */
final class Story {
  private static final int MAX_AGE_SECONDS = 3;

  private final StoryServer server;
  private final Narrator narrator;
  private final SurvivalSize size;
  private final InstantSource clock = InstantSource.system();
  private boolean begun;

  Story(StoryServer server, Narrator narrator, SurvivalSize size) {
    this.server = server;
    this.narrator = narrator;
    this.size = size;
  }

  void tell() throws SQLException, IOException, InterruptedException {
    narrator.line("Guarded reads for PostgreSQL: one store, one bad day, no bad row.");
    createStore();
    Reading certified = firstRun();
    badBackfill(certified);
    ageOut();
    redefinition();
    repair(certified);
    narrator.line("");
    narrator.good("Every step went as told.");
  }

  private void createStore() throws SQLException {
    narrator.chapter("A feature store");
    try (Connection connection = server.connect()) {
      requireEmpty(connection);
      begun = true;
      narrator.say(
          "Second-hand phones: a row is a listing at the moment of its last edit, T0. Nothing that"
              + " was known only after T0 may be in a feature. Training reads "
              + SurvivalStore.GUARDED_VIEW
              + ".");
      Instant start = clock.instant();
      SurvivalStore.create(connection, size);
      long rows = count(connection, "SELECT count(*) FROM " + SurvivalStore.ENTRYPOINT);
      long views = count(connection, "SELECT count(*) FROM pg_matviews WHERE schemaname = 'ml'");
      narrator.good(
          String.format(
              Locale.ROOT,
              "PostgreSQL %s: %,d listings of %d days, %d materialized views, %,d rows at the"
                  + " entrypoint, %.1f s",
              text(connection, "SHOW server_version"),
              size.listings(),
              size.days(),
              views,
              rows,
              Duration.between(start, clock.instant()).toMillis() / 1e3));
    }
  }

  private static void requireEmpty(Connection connection) throws SQLException {
    String there =
        text(
            connection,
            "SELECT coalesce(string_agg(nspname, ', '), '') FROM pg_namespace WHERE nspname IN"
                + " ('ml', 'ref', 'audit', 'iPhone')");
    if (!there.isEmpty()) {
      throw new IllegalArgumentException(
          "The story needs a database without these schemas, and will not touch yours: " + there);
    }
  }

  private Reading firstRun() throws SQLException, IOException {
    narrator.chapter("The first certificate");
    narrator.say(
        "The refresher sets up its audit schema and learns what the store's definitions and its"
            + " historical days are today. A person looks at that and approves it: the baseline.");
    Path configuration = Files.createTempFile("survival", ".yaml");
    try {
      Files.writeString(configuration, SurvivalStore.configuration());
      refresher(0, "init", configuration.toString());
    } finally {
      Files.delete(configuration);
    }
    try (Connection connection = server.connect()) {
      SurvivalStore.createGuardedView(connection);
    }
    narrator.say("Nobody has certified anything yet, so nobody reads anything yet:");
    expectRefusal(read(), "RG102");
    refresher(0, "baseline", "propose", "survival");
    for (long proposal : proposals()) {
      refresher(
          0,
          "baseline",
          "approve",
          Long.toString(proposal),
          "--reviewer",
          "ada",
          "--reason",
          "first baseline");
    }
    narrator.say(
        "Now the nightly run: one transaction refreshes every view in dependency order, runs the"
            + " gates on the new rows, and publishes data and certificate together.");
    refresher(0, "run", "survival");
    return expectRows(read());
  }

  private void badBackfill(Reading certified) throws SQLException {
    narrator.chapter("Upstream data goes bad");
    narrator.say(
        "Somebody reloads the prices of two days long past, net of VAT. Both days were certified."
            + " The next run meets them:");
    happen(Incident.BACKFILL);
    refresher(1, "run", "survival");
    narrator.say(
        "The refresh was rolled back with everything else. The old certificate stands, and readers"
            + " never noticed:");
    Reading now = expectRows(read());
    expect(
        now.rows() == certified.rows() && now.fingerprint() == certified.fingerprint(),
        "readers should still get the last certified rows");
    narrator.good("the same rows as before the backfill, price by price");
  }

  private void ageOut() throws SQLException, InterruptedException {
    narrator.chapter("The certificate ages out");
    narrator.say(
        "A failed refresh costs nothing until the certificate gets too old. This reader allows "
            + MAX_AGE_SECONDS
            + " seconds (guard.maxAge="
            + MAX_AGE_SECONDS
            + "s), and waits that long:");
    new CountDownLatch(1).await(MAX_AGE_SECONDS, TimeUnit.SECONDS);
    expectRefusal(
        Reading.of(
            server.guardedUrl("guard.maxAge=" + MAX_AGE_SECONDS + "s"), SurvivalStore.GUARDED_VIEW),
        "RG001");
  }

  private void redefinition() throws SQLException {
    narrator.chapter("Somebody redefines two views");
    narrator.say(
        "One now calls a function that hides now(); the other takes an image feature past its SLA"
            + " gate. Definitions are live at once: no refresh needed to do harm. The nightly run"
            + " closes the store:");
    happen(Incident.REDEFINE);
    String found = refresher(1, "run", "survival");
    for (String gate : List.of("definition-drift", "time-of-query", "sla-leakage")) {
      expect(found.contains(gate), "the run should have reported " + gate);
    }
    expectRefusal(read(), "RG101");
  }

  private void repair(Reading certified) throws SQLException {
    narrator.chapter("Repaired");
    narrator.say("Definitions and prices are put back, and the run certifies the store again:");
    try (Connection connection = server.connect()) {
      Incident.REDEFINE.undo(connection);
      Incident.BACKFILL.undo(connection);
    }
    refresher(0, "run", "survival");
    Reading again = expectRows(read());
    expect(
        again.rows() == certified.rows() && again.fingerprint() == certified.fingerprint(),
        "the repaired store should have the rows of the first day");
    refresher(0, "status");
  }

  /** Says where everything is, for whoever wants to look around. */
  void leaveOpen() {
    narrator.line("");
    narrator.line("Look around (Ctrl-C ends it where the server is embedded):");
    narrator.line("  psql          " + psqlUrl());
    narrator.line("  plain JDBC    " + server.url());
    narrator.line("  guarded JDBC  " + server.guardedUrl());
  }

  private String psqlUrl() {
    return "'" + server.url().substring("jdbc:".length()) + "'";
  }

  /** Drops what the story made, however far it came, in a database that is not its own. */
  void tidyUp() throws SQLException {
    if (!begun) {
      return;
    }
    try (Connection connection = server.connect();
        Statement statement = connection.createStatement()) {
      SurvivalStore.drop(connection);
      statement.execute("DROP SCHEMA IF EXISTS audit CASCADE");
    }
    narrator.good("dropped everything that the story made, except its roles");
  }

  private void happen(Incident incident) throws SQLException {
    try (Connection connection = server.connect()) {
      incident.happen(connection);
    }
  }

  private Reading read() throws SQLException {
    narrator.command(
        "SELECT … FROM " + SurvivalStore.GUARDED_VIEW + "   -- jdbc:guarded:postgresql:");
    return Reading.of(server.guardedUrl(), SurvivalStore.GUARDED_VIEW);
  }

  private Reading expectRows(Reading reading) {
    expect(!reading.refused(), "the read should have been released, but: " + reading.refusal());
    expect(reading.rows() > 0, "the read should have returned rows");
    narrator.good(
        String.format(
            Locale.ROOT, "%,d rows, covered by %s", reading.rows(), reading.certificates()));
    return reading;
  }

  private void expectRefusal(Reading reading, String state) {
    expect(reading.refused(), "the read should have been refused");
    narrator.refused(reading.refusal());
    expect(reading.refusal().endsWith("[" + state + "]"), "the refusal should have said " + state);
  }

  /** Runs the refresher as the shell would, and gives back what it printed. */
  private String refresher(int expected, String... arguments) {
    narrator.command("refresher " + String.join(" ", arguments));
    List<String> all = new ArrayList<>(Arrays.asList(arguments));
    all.add("--url");
    all.add(server.url());
    StringWriter answer = narrator.answer();
    PrintWriter writer = new PrintWriter(answer);
    int code = new RefresherApp().execute(writer, writer, all.toArray(String[]::new));
    writer.flush();
    narrator.quote(answer.toString());
    expect(code == expected, "it should have ended with exit code " + expected + ", not " + code);
    return answer.toString();
  }

  private List<Long> proposals() throws SQLException {
    List<Long> ids = new ArrayList<>();
    try (Connection connection = server.connect();
        Statement statement = connection.createStatement();
        ResultSet rows =
            statement.executeQuery(
                "SELECT baseline_id FROM audit.baseline WHERE status = 'proposed' ORDER BY 1")) {
      while (rows.next()) {
        ids.add(rows.getLong(1));
      }
    }
    expect(!ids.isEmpty(), "there should be a proposal to approve");
    return ids;
  }

  private static void expect(boolean went, String told) {
    if (!went) {
      throw new StoryWentWrong(told);
    }
  }

  private static long count(Connection connection, String sql) throws SQLException {
    return Long.parseLong(text(connection, sql));
  }

  private static String text(Connection connection, String sql) throws SQLException {
    try (Statement statement = connection.createStatement();
        ResultSet row = statement.executeQuery(sql)) {
      row.next();
      return row.getString(1);
    }
  }
}
