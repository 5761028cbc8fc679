package io.guardedjdbc.refresher.testing;

import io.guardedjdbc.testing.Postgres;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Properties;
import org.postgresql.Driver;

/** A small store in a database of its own: orders of a shop, with one table step. */
public final class Shop {
  private static final Map<String, String> TEMPLATES = new HashMap<>();

  private final int port;
  private final String database;

  private Shop(String database) {
    this(Postgres.shared().port(), database);
  }

  private Shop(int port, String database) {
    this.port = port;
    this.database = database;
  }

  /** A database with the store's objects, but not one of ours. */
  public static Shop bare() throws SQLException {
    return copy("bare");
  }

  /** A database in which the store is certified. */
  public static Shop certified() throws SQLException {
    return copy("certified");
  }

  /** A certified one whose leases are over in a moment, for runs that wait for them. */
  public static Shop withBriefLeases() throws SQLException {
    return copy("brief");
  }

  /** The same on a server of the caller's, whose database {@code postgres} it takes. */
  public static Shop withBriefLeasesOn(int port) throws SQLException {
    Shop shop = new Shop(port, "postgres");
    // What is committed stays, whatever becomes of the server.
    shop.sql("ALTER ROLE postgres SET synchronous_commit = on");
    shop.sql(resource("shop/shop.sql"));
    return certify(shop, briefLeases());
  }

  /** The one that database {@code postgres} of a server holds already. */
  public static Shop on(int port) {
    return new Shop(port, "postgres");
  }

  private static synchronized Shop copy(String kind) throws SQLException {
    String template = TEMPLATES.get(kind);
    if (template == null) {
      Shop shop =
          switch (kind) {
            case "bare" -> built();
            case "brief" -> certify(copy("bare"), briefLeases());
            default -> certify(copy("bare"), yaml());
          };
      template = shop.database;
      TEMPLATES.put(kind, template);
    }
    return new Shop(Postgres.shared().createDatabase("shop", template));
  }

  private static Shop built() throws SQLException {
    Shop shop = new Shop(Postgres.shared().createDatabase("shop_bare"));
    shop.sql(resource("shop/shop.sql"));
    return shop;
  }

  private static Shop certify(Shop shop, Path yaml) {
    shop.expectOk("init", yaml.toString());
    shop.approve();
    shop.expectOk("run", "shop");
    return shop;
  }

  /** The store's file. */
  public static Path yaml() {
    return file("shop.yaml", resource("shop/shop.yaml"));
  }

  private static Path briefLeases() {
    return file("shop.yaml", resource("shop/shop.yaml").replace("lease: 10s", "lease: 40ms"));
  }

  /** A temporary file with this text. */
  public static Path file(String name, String text) {
    try {
      Path file = Files.createTempDirectory("shop").resolve(name);
      return Files.writeString(file, text);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** A test resource as text. */
  public static String resource(String name) {
    try (InputStream in = Shop.class.getClassLoader().getResourceAsStream(name)) {
      return new String(Objects.requireNonNull(in).readAllBytes(), StandardCharsets.UTF_8);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** Proposes and approves what is there as the reference. */
  public void approve() {
    Cli.Result proposed = expectOk("baseline", "propose", "shop", "--json");
    List<String> args = new ArrayList<>(List.of("baseline", "approve"));
    if (proposed.json().get("proposals") instanceof List<?> proposals) {
      for (Object proposal : proposals) {
        if (proposal instanceof Map<?, ?> fields) {
          args.add(String.valueOf(fields.get("baseline_id")));
        }
      }
    }
    args.addAll(List.of("--reviewer", "test", "--reason", "as built"));
    expectOk(args.toArray(new String[0]));
  }

  /** The command line of this database. */
  public Cli cli() {
    return new Cli(url());
  }

  public String url() {
    return "jdbc:postgresql://localhost:" + port + "/" + database + "?user=postgres";
  }

  public String database() {
    return database;
  }

  public Cli.Result expectOk(String... args) {
    Cli.Result result = cli().run(args);
    if (result.exit() != 0) {
      throw new AssertionError(String.join(" ", args) + ": " + result);
    }
    return result;
  }

  public Connection connect() throws SQLException {
    return Objects.requireNonNull(new Driver().connect(url(), new Properties()));
  }

  /** Runs SQL. */
  public void sql(String text) throws SQLException {
    try (Connection connection = connect();
        Statement statement = connection.createStatement()) {
      statement.execute(text);
    }
  }

  /** The first column of the first row; the empty string for null or no row. */
  public String ask(String query) throws SQLException {
    try (Connection connection = connect()) {
      return ask(connection, query);
    }
  }

  /** The same on a connection of the caller's. */
  public static String ask(Connection connection, String query) throws SQLException {
    try (Statement statement = connection.createStatement();
        ResultSet rows = statement.executeQuery(query)) {
      return rows.next() && rows.getString(1) != null ? rows.getString(1) : "";
    }
  }

  /** Status and certificate in the registry. */
  public String registry() throws SQLException {
    return ask(
        "SELECT status || ' ' || certificate_id FROM audit.t0_cert_registry WHERE entrypoint = 'shop.features_v'");
  }

  /** Outcome and message of the last run. */
  public String lastRun() throws SQLException {
    return ask(
        "SELECT outcome || ': ' || coalesce(message, '') FROM audit.run ORDER BY run_id DESC LIMIT 1");
  }

  /** A hash over all rows that readers see. */
  public String rows() throws SQLException {
    return ask("SELECT md5(string_agg(f::text, ';' ORDER BY order_no)) FROM shop.features_v f");
  }
}
