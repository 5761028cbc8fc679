package io.guardedjdbc.jdbc;

import static org.assertj.core.api.Assertions.assertThat;

import io.guardedjdbc.GuardedDriver;
import io.guardedjdbc.testing.Postgres;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.Properties;
import org.assertj.core.api.SoftAssertions;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * Every route through the driver as applications use it, against a real registry: as pgjdbc while
 * everything is certified, else nothing comes out and nothing stays behind. Writes {@code
 * target/reports/routes.md}.
 */
@Tag("postgres14")
class RoutesTest {
  private static final String CERTIFICATES =
      """
      create schema audit;
      create table audit.t0_cert_registry (entrypoint text primary key, status text,
        certified_at timestamptz default now(), certificate_id bigint, chain_start bigint,
        lease interval, max_age interval, max_data_age interval, refreshed_at timestamptz,
        failed_gate text);
      insert into audit.t0_cert_registry values
        ('public.secret', 'CERTIFIED', now(), 1, 1, '0', '1 day', null, now(), null),
        ('public.crowd', 'CERTIFIED', now(), 1, 1, '0', '1 day', null, now(), null);
      """;

  /** Whatever a relation, a large object or the file holds. */
  private static final String TRACES =
      """
      select string_agg(query_to_xml(format('select * from %s t order by 1', oid::regclass),
          true, true, '')::text, '' order by relname)
        from pg_class where relnamespace in ('public'::regnamespace, 'made'::regnamespace)
          and relkind in ('r', 'm', 'S') and relname not in ('secret', 'crowd')
      union all select string_agg(convert_from(data, 'UTF8'), '') from pg_largeobject
      union all select replace(query_to_xml('table secret order by id', true, true, '')::text,
          'LEAK', 'kept')
      union all select string_agg(gid, '') from pg_prepared_xacts
      """;

  private static final List<String> REPORT = new ArrayList<>();
  private static final Postgres POSTGRES = Postgres.shared();
  private static String plain = "";
  private static String guarded = "";
  private static String untouched = "";
  private static Connection plainAdmin;
  private static Connection admin;
  private static Connection reader;

  static List<Route> routes() {
    return Routes.all(POSTGRES.major());
  }

  @BeforeAll
  static void fill() throws Exception {
    plain = Session.database();
    guarded = Session.database();
    plainAdmin = POSTGRES.connect(plain);
    admin = POSTGRES.connect(guarded);
    Reading.transcript(plainAdmin, Routes.MORE_SETUP, "listen whisper");
    Reading.transcript(admin, Routes.MORE_SETUP, CERTIFICATES, "listen whisper");
    reader = open();
    untouched = traces(admin);
  }

  @AfterAll
  static void report() throws Exception {
    reader.close();
    admin.close();
    plainAdmin.close();
    Path folder = Files.createDirectories(Path.of("target", "reports"));
    List<String> lines = new ArrayList<>();
    lines.add("# Routes by which a row can leave pgjdbc, on PostgreSQL " + POSTGRES.major());
    lines.add("");
    lines.add("| route | pgjdbc | certified | not certified | revoked meanwhile |");
    lines.add("| --- | --- | --- | --- | --- |");
    lines.addAll(REPORT);
    String name = POSTGRES.major() == 18 ? "routes.md" : "routes-" + POSTGRES.major() + ".md";
    Files.write(folder.resolve(name), lines);
  }

  private static Connection open() throws SQLException {
    return Objects.requireNonNull(
        new GuardedDriver()
            .connect(POSTGRES.guardedUrl(guarded) + "&guard.validation=always", new Properties()));
  }

  @ParameterizedTest
  @MethodSource("routes")
  void givesWhatPgjdbcGivesOrNothing(Route route) throws Exception {
    Sighting raw = sighting(route, plainAdmin, POSTGRES.connect(plain), () -> {});
    status("CERTIFIED");
    looked();
    Sighting certified = sighting(route, admin, open(), () -> {});
    status("FAILED");
    looked();
    Sighting uncertified = sighting(route, admin, open(), () -> {});
    status("CERTIFIED");
    Sighting revoked =
        sighting(
            route,
            admin,
            open(),
            () -> {
              looked();
              status("FAILED");
            });
    REPORT.add(
        "| %s | %s | %s | %s | %s |"
            .formatted(
                route,
                cell(raw),
                cell(certified, raw),
                cell(uncertified, raw),
                cell(revoked, raw)));
    SoftAssertions.assertSoftly(
        softly -> {
          switch (route.kind()) {
            case GUARDED, STRUCTURAL -> softly.assertThat(raw.leaks()).as(raw.seen()).isTrue();
            default -> {}
          }
          switch (route.kind()) {
            case STRUCTURAL, CLOSED -> refused(softly, certified);
            default -> softly.assertThat(certified).isEqualTo(raw);
          }
          switch (route.kind()) {
            case HARMLESS -> {
              softly.assertThat(uncertified).isEqualTo(raw);
              softly.assertThat(revoked).isEqualTo(raw);
            }
            case VALIDATED -> {
              refused(softly, uncertified);
              softly.assertThat(revoked).isEqualTo(raw);
            }
            default -> {
              refused(softly, uncertified);
              refused(softly, revoked);
            }
          }
        });
  }

  private static void refused(SoftAssertions softly, Sighting sighting) {
    softly.assertThat(sighting.refusal()).isNotNull();
    nothing(softly, sighting);
  }

  private static void nothing(SoftAssertions softly, Sighting sighting) {
    softly.assertThat(sighting.seen()).doesNotContain("LEAK");
    softly.assertThat(sighting.traces()).isEqualTo(untouched);
  }

  private static String cell(Sighting sighting, Sighting raw) {
    return sighting.equals(raw) ? "same" : cell(sighting);
  }

  private static String cell(Sighting sighting) {
    if (sighting.refusal() != null) {
      return "refused, " + sighting.refusal().sqlState() + (sighting.leaks() ? ", LEAKS" : "");
    }
    return sighting.leaks() ? "the value" : "no value";
  }

  private static Sighting sighting(
      Route route, Connection owner, Connection connection, Route.Revocation revocation)
      throws Exception {
    Reading.transcript(owner, Routes.RESET);
    return Sighting.of(route, connection, revocation, () -> traces(owner));
  }

  private static String traces(Connection owner) throws SQLException, IOException {
    String left = Reading.transcript(owner, TRACES);
    var notifications = owner.unwrap(org.postgresql.PGConnection.class).getNotifications();
    for (var notification : notifications) {
      left += notification.getParameter();
    }
    if (Files.exists(Routes.FILE)) {
      left += Files.readString(Routes.FILE);
      Files.delete(Routes.FILE);
    }
    return left;
  }

  private static void status(String status) throws SQLException {
    Reading.transcript(
        admin,
        "update audit.t0_cert_registry set status = '"
            + status
            + "', certificate_id = certificate_id + 1, chain_start = certificate_id + 1");
  }

  /** Lets the JVM's connections know what the registry says now. */
  private static void looked() throws SQLException {
    try {
      Reading.transcript(reader, Reading.SELECT);
    } catch (SQLException e) {
      assertThat(e.getMessage()).contains("RG");
    }
  }
}
