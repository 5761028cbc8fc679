package io.guardedjdbc.refresher.proof;

import io.guardedjdbc.refresher.testing.Cli;
import io.guardedjdbc.refresher.testing.Shop;
import java.net.URI;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.List;
import java.util.Objects;
import java.util.Properties;
import org.postgresql.Driver;

/**
 * A database with the proof's stores: every row says which generation of each view made it.
 *
 * @param url pgjdbc's, for user postgres
 */
record ProofStore(String url) {
  static final String ONE = "proof.one_v";
  static final String TWO = "proof.two_v";
  static final String THREE = "proof.three_v";

  /** Nobody seals it. */
  static final String FOUR = "proof.four_v";

  static final String OLD = "proof.old_v";
  static final List<String> ENTRYPOINTS = List.of(ONE, TWO, THREE, FOUR, OLD);
  static final List<String> STORES = List.of("one", "two", "three", "four");
  private static final List<String> SEALED = List.of("one", "two", "three");

  /** Owns nothing, and may read all that readers read. */
  static final String ROLE = "proof_reader";

  static final int ROWS = 12;
  static final Duration LEASE = Duration.ofMillis(300);

  private static final String CANNOT_CONNECT_NOW = "57P03";
  private static final int RECONNECTS = 400;

  /** Certificates of store two last only so long. */
  static final Duration SHORT_AGE = Duration.ofSeconds(3);

  /** Builds, seals and certifies everything in an empty database. */
  static ProofStore in(String url) throws SQLException {
    ProofStore store = new ProofStore(url);
    store.sql(Shop.resource("proof/proof.sql"));
    for (String name : STORES) {
      store.expectOk("init", yaml(name).toString());
    }
    store.sql(Shop.resource("proof/after-init.sql"));
    store.sql(
        "INSERT INTO audit.t0_cert_registry (entrypoint, status, certified_at)"
            + " VALUES ('proof.old_v', 'FAILED', now()); CALL proof.old_refresh();"
            // What the runbook's own gates compare with makes it an entrypoint, row or no row.
            + " INSERT INTO audit.t0_viewdef_baseline VALUES ('proof.old_v', 'proof.old_v', 'v', 'as built')");
    for (String name : STORES) {
      store.expectOk("run", name);
    }
    for (String name : SEALED) {
      store.expectOk("seal", name);
    }
    for (String name : STORES) {
      store.expectOk("run", name);
    }
    return store;
  }

  private static Path yaml(String name) {
    String text =
        """
        store: %1$s
        entrypoint: proof.%1$s_v
        max_age: %2$s
        lease: %3$dms
        key: id
        anchor: day
        gates:
          sql:
            checks:
              - {name: good-rows, query: "SELECT id, state FROM proof.check_rows('proof.%1$s_v')"}
        """;
    String age = name.equals("two") ? SHORT_AGE.toSeconds() + "s" : "24h";
    return Shop.file(name + ".yaml", text.formatted(name, age, LEASE.toMillis()));
  }

  private void expectOk(String... args) {
    Cli.Result result = new Cli(url).run(args);
    if (result.exit() != 0) {
      throw new AssertionError(String.join(" ", args) + ": " + result);
    }
  }

  /** Waits for a server that is being stopped or started. */
  Connection connect() throws SQLException {
    for (int i = 0; ; i++) {
      try {
        return Objects.requireNonNull(new Driver().connect(url, new Properties()));
      } catch (SQLException e) {
        if (i == RECONNECTS || !mayComeBack(String.valueOf(e.getSQLState()))) {
          throw e;
        }
        Moments.pause(50);
      }
    }
  }

  /** Starting up, or nobody listens: a run that has ended may have left a restart under way. */
  private static boolean mayComeBack(String state) {
    return state.equals(CANNOT_CONNECT_NOW) || state.startsWith("08");
  }

  void sql(String text) throws SQLException {
    try (Connection connection = connect();
        Statement statement = connection.createStatement()) {
      statement.execute(text);
    }
  }

  String ask(String query) throws SQLException {
    try (Connection connection = connect()) {
      return Shop.ask(connection, query);
    }
  }

  /** The same place, by another way, or as somebody else. */
  ProofStore at(int port) {
    return new ProofStore(url.replaceFirst(":\\d+/", ":" + port + "/"));
  }

  int port() {
    return URI.create(url.substring("jdbc:".length())).getPort();
  }

  /** As the role that owns nothing. */
  ProofStore asReader() {
    return new ProofStore(url.replace("user=postgres", "user=" + ROLE));
  }

  /** The certificate that stands; empty: none does. */
  String certificate(String entrypoint) throws SQLException {
    return ask(
        "SELECT coalesce(max(certificate_id)::text, '') FROM audit.t0_cert_registry"
            + " WHERE status = 'CERTIFIED' AND entrypoint = '"
            + entrypoint
            + "'");
  }

  /** The id of its registry row's latest change, a certificate or not. */
  String lastCertificate(String entrypoint) throws SQLException {
    return ask(
        "SELECT max(certificate_id) FROM audit.certificate_history WHERE entrypoint = '"
            + entrypoint
            + "'");
  }

  /** Forgets what readers wrote a while ago. */
  void emptySink() throws SQLException {
    sql("DELETE FROM proof.sink WHERE at < now() - interval '30 s'");
  }

  /** Whether every entrypoint is certified now, and young enough for a while. */
  boolean certified() throws SQLException {
    return certified("true", ENTRYPOINTS.size());
  }

  /** Whether one is. */
  boolean certified(String entrypoint) throws SQLException {
    return certified("entrypoint = '" + entrypoint + "'", 1);
  }

  private boolean certified(String which, int all) throws SQLException {
    return ask("SELECT count(*) FROM audit.t0_cert_registry g WHERE status = 'CERTIFIED'"
            + " AND (g.max_age IS NULL OR g.certified_at + g.max_age > clock_timestamp() + interval '1.5 s')"
            + " AND "
            + which)
        .equals(Integer.toString(all));
  }
}
