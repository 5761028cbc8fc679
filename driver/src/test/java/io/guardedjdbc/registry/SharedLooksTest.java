package io.guardedjdbc.registry;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.guardedjdbc.testing.Postgres;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.Objects;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** The registry as the runbook's own system leaves it, and as its readers may meet it. */
@Tag("postgres14")
class SharedLooksTest {
  private static final String STORE = "ml.store_v";

  private static final String COLUMNS_OF_OURS =
      """
      ALTER TABLE audit.t0_cert_registry ADD certificate_id bigint, ADD chain_start bigint,
        ADD lease interval, ADD max_age interval, ADD max_data_age interval,
        ADD refreshed_at timestamptz""";

  private final Postgres postgres = Postgres.shared();
  private final AtomicInteger opened = new AtomicInteger();
  private String database = "";
  private Connection admin;
  private @Nullable Connection lastOpened;
  private SideChannel channel;

  SharedLooksTest() throws SQLException {
    database = postgres.createDatabase("looks");
    admin = postgres.connect(database);
    channel = channel("postgres");
  }

  @BeforeEach
  void runbooksRegistry() throws SQLException {
    sql(
        """
        CREATE SCHEMA audit;
        CREATE TABLE audit.t0_cert_registry (entrypoint text PRIMARY KEY, status text,
          certified_at timestamptz DEFAULT now(), viewdef_objects int, dataset_days int, notes text);
        INSERT INTO audit.t0_cert_registry VALUES ('ml.store_v', 'certified', '2026-11-22 12:00+00', 9, 5)
        """);
  }

  @AfterEach
  void close() throws SQLException {
    channel.close();
    admin.close();
  }

  @Test
  void readsTheRunbooksSixColumnsWithoutAnyInstallation() throws SQLException {
    Certificate certificate = certificate(looks(channel));
    assertThat(certificate.certified()).isTrue();
    assertThat(certificate.certifiedAt()).isEqualTo(Instant.parse("2026-11-22T12:00:00Z"));
    assertThat(certificate.lease()).isEqualTo(Duration.ZERO);
    assertThat(certificate.number()).isEqualTo(-1);
  }

  @Test
  void theIdOfARunbooksRowChangesWithEveryWrite() throws SQLException {
    SharedLooks looks = looks(channel);
    String before = certificate(looks).id();
    sql("UPDATE audit.t0_cert_registry SET notes = 'same certificate, written again'");
    assertThat(certificate(looks).id()).isNotEqualTo(before);
  }

  @Test
  void theReaderFunctionTellsTheWarnAgeAndAnEarlierOneHasNone() throws SQLException {
    sql(COLUMNS_OF_OURS);
    readerFunction(", warn_age_ms bigint", ", 3600000");
    assertThat(certificate(looks(channel)).warnAge()).isEqualTo(Duration.ofHours(1));
    sql("DROP FUNCTION audit.certificate_look()");
    readerFunction("", "");
    assertThat(certificate(looks(channel)).warnAge()).isNull();
  }

  private void readerFunction(String moreColumns, String moreValues) throws SQLException {
    sql(
        """
        CREATE FUNCTION audit.certificate_look() RETURNS TABLE (entrypoint text, status text,
          certified_at timestamptz, certificate_id bigint, chain_start bigint,
          refreshed_at timestamptz, max_age_ms bigint, max_data_age_ms bigint, lease_ms bigint,
          failed_gate text, store text%s) SECURITY DEFINER LANGUAGE sql AS $$
          SELECT 'ml.store_v', 'CERTIFIED', now(), 1, 1, now(), 7200000, NULL::bigint, 10000,
            NULL, 'store'%s$$
        """
            .formatted(moreColumns, moreValues));
  }

  @Test
  void theServerKeepsThePlanOfALook() throws SQLException {
    SharedLooks looks = looks(channel);
    lookOften(looks);
    assertThat(onSideConnection("SELECT count(*) FROM pg_prepared_statements")).isEqualTo("1");
    assertThat(opened).hasValue(1);
  }

  @Test
  void aKeptPlanFollowsWhatIsDefinedAnew() throws SQLException {
    SharedLooks looks = looks(channel);
    lookOften(looks);
    sql(
        """
        ALTER TABLE audit.t0_cert_registry RENAME TO old_registry;
        CREATE TABLE audit.t0_cert_registry (entrypoint text, status varchar(20),
          certified_at timestamptz);
        INSERT INTO audit.t0_cert_registry VALUES ('ml.store_v', 'FAILED', now())
        """);
    assertThat(certificate(looks).status()).isEqualTo("FAILED");
    lookOften(looks);
    sql("DELETE FROM audit.t0_cert_registry");
    assertThat(looks.sentAfter(ReaderClock.system().stamp()).certificates()).isEmpty();
  }

  @Test
  void aPlanWhoseColumnsHaveChangedIsNoRefusal() throws SQLException {
    sql(COLUMNS_OF_OURS + ", ADD failed_gate text");
    SharedLooks looks = looks(channel);
    lookOften(looks);
    sql("ALTER TABLE audit.t0_cert_registry ALTER failed_gate TYPE varchar(60)");
    assertThat(certificate(looks).certified()).isTrue();
    lookOften(looks);
    assertThat(onSideConnection("SELECT count(*) FROM pg_prepared_statements")).isEqualTo("1");
    assertThat(opened).hasValue(1);
  }

  @Test
  void aKeptStatementThatIsGoneOrAnothersIsNotBelieved() throws SQLException {
    SharedLooks looks = looks(channel);
    lookOften(looks);
    String name = onSideConnection("SELECT name FROM pg_prepared_statements");
    onSideConnection("DEALLOCATE \"" + name + "\"; SELECT 1");
    assertThat(certificate(looks).certified()).isTrue();
    lookOften(looks);
    String next = onSideConnection("SELECT name FROM pg_prepared_statements");
    sql(
        "CREATE TABLE audit.other AS SELECT * FROM audit.t0_cert_registry;"
            + " UPDATE audit.t0_cert_registry SET status = 'FAILED'");
    String others = new RegistryRead(RegistryColumns.RUNBOOK, "\"audit\".\"other\"").sql();
    onSideConnection(
        "DEALLOCATE \"" + next + "\"; PREPARE \"" + next + "\" AS " + others + "; SELECT 1");
    assertThat(certificate(looks).status()).isEqualTo("FAILED");
  }

  private static void lookOften(SharedLooks looks) throws SQLException {
    for (int i = 0; i < 8; i++) {
      looks.sentAfter(ReaderClock.system().stamp());
    }
  }

  /** The first column of the last result there, without pgjdbc's noticing what it does. */
  private String onSideConnection(String text) throws SQLException {
    try (Statement statement = Objects.requireNonNull(lastOpened).createStatement()) {
      boolean rows = statement.execute(text);
      while (!rows) {
        rows = statement.getMoreResults();
      }
      statement.getResultSet().next();
      return statement.getResultSet().getString(1);
    }
  }

  @Test
  void infiniteAndMissingTimesAreNoTimes() throws SQLException {
    sql("UPDATE audit.t0_cert_registry SET certified_at = 'infinity'");
    SharedLooks looks = looks(channel);
    assertThat(certificate(looks).certifiedAt()).isNull();
    sql("UPDATE audit.t0_cert_registry SET certified_at = NULL");
    assertThat(certificate(looks).certifiedAt()).isNull();
  }

  @Test
  void twoRowsForOneEntrypointAreNoCertificate() throws SQLException {
    sql(
        "ALTER TABLE audit.t0_cert_registry DROP CONSTRAINT t0_cert_registry_pkey;"
            + " INSERT INTO audit.t0_cert_registry SELECT * FROM audit.t0_cert_registry");
    assertThat(certificate(looks(channel)).certified()).isFalse();
  }

  @Test
  void aLookSentEarlierIsNotTakenForALaterOne() throws SQLException {
    SharedLooks looks = looks(channel);
    Look first = looks.sentAfter(ReaderClock.system().stamp());
    Look second = looks.sentAfter(ReaderClock.system().stamp());
    assertThat(second).isNotSameAs(first);
    assertThat(looks.sentAfter(first.sent())).isSameAs(second);
  }

  @Test
  void theGrantThatIsMissingIsNamed() throws SQLException {
    role("looks_reader");
    try (SideChannel reader = channel("looks_reader")) {
      assertThatThrownBy(() -> certificate(looks(reader)))
          .hasMessage(
              "Read refused: this role may not read the registry audit.t0_cert_registry."
                  + " Run: GRANT USAGE ON SCHEMA \"audit\" TO \"looks_reader\" [RG301]");
      sql("GRANT USAGE ON SCHEMA audit TO looks_reader");
      assertThatThrownBy(() -> certificate(looks(reader)))
          .hasMessageContaining(
              "GRANT SELECT ON \"audit\".\"t0_cert_registry\" TO \"looks_reader\"");
      sql("GRANT SELECT ON audit.t0_cert_registry TO looks_reader");
      assertThat(certificate(looks(reader)).certified()).isTrue();
    }
  }

  @Test
  void rowSecurityOnTheRegistryIsAnErrorNotAMissingRow() throws SQLException {
    role("looks_secured");
    sql(
        "GRANT USAGE ON SCHEMA audit TO looks_secured;"
            + " GRANT SELECT ON audit.t0_cert_registry TO looks_secured;"
            + " ALTER TABLE audit.t0_cert_registry ENABLE ROW LEVEL SECURITY");
    try (SideChannel reader = channel("looks_secured")) {
      assertThatThrownBy(() -> certificate(looks(reader))).hasMessageContaining("[RG003]");
    }
  }

  @Test
  void aUsersOwnOperatorsAndFunctionsDoNotAnswer() throws SQLException {
    sql(
        """
        CREATE FUNCTION public.clock_timestamp() RETURNS timestamptz LANGUAGE sql
          AS $$SELECT '2000-01-01'::timestamptz$$;
        CREATE FUNCTION public.yes(name, name) RETURNS boolean LANGUAGE sql AS $$SELECT false$$;
        CREATE OPERATOR public.= (LEFTARG = name, RIGHTARG = name, FUNCTION = public.yes);
        ALTER ROLE postgres IN DATABASE "%s" SET search_path = public, pg_catalog
        """
            .formatted(database));
    Look look = looks(channel).sentAfter(ReaderClock.system().stamp());
    assertThat(look.serverTime()).isAfter(Instant.parse("2020-01-01T00:00:00Z"));
    assertThat(look.certificates()).containsKey(STORE);
  }

  @Test
  void aViewIsNoRegistryWithoutIds() throws SQLException {
    sql("CREATE VIEW audit.v AS SELECT * FROM audit.t0_cert_registry");
    SharedLooks looks = looks(channel, new RegistryName("audit", "v"));
    assertThatThrownBy(() -> certificate(looks)).hasMessageContaining("[RG102]");
  }

  @Test
  void aMissingRegistryIsRefusedWithAdvice() {
    SharedLooks looks = looks(channel, new RegistryName("audit", "nowhere"));
    assertThatThrownBy(() -> certificate(looks))
        .hasMessage(
            "Read refused: the registry audit.nowhere does not exist in this database."
                + " Run: refresher init, or name the right table by guard.registry [RG003]");
  }

  @Test
  void aCutConnectionIsReplacedOnce() throws SQLException {
    SharedLooks looks = looks(channel);
    certificate(looks);
    sql(
        "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = current_database()"
            + " AND pid <> pg_backend_pid() AND application_name <> ''");
    assertThat(certificate(looks).certified()).isTrue();
    assertThat(opened).hasValue(2);
  }

  @Test
  void aConnectionThatNobodyUsesIsClosedAndOpenedAgainWhenNeeded() throws SQLException {
    Deque<Runnable> later = new ArrayDeque<>();
    try (SideChannel idle = channel("postgres", (delay, task) -> later.add(task))) {
      SharedLooks looks = looks(idle);
      certificate(looks);
      certificate(looks);
      later.remove().run();
      assertThat(Objects.requireNonNull(lastOpened).isClosed())
          .as("used since it was opened")
          .isFalse();
      later.remove().run();
      assertThat(later).isEmpty();
      assertThat(Objects.requireNonNull(lastOpened).isClosed()).isTrue();
      assertThat(certificate(looks).certified()).isTrue();
      assertThat(opened).hasValue(2);
    }
  }

  @Test
  void aLockedRegistryIsRefusedWithinTheTimeout() throws SQLException {
    SharedLooks looks = looks(channel);
    admin.setAutoCommit(false);
    sql("LOCK TABLE audit.t0_cert_registry IN ACCESS EXCLUSIVE MODE");
    assertThatThrownBy(() -> certificate(looks)).hasMessageContaining("[RG003]");
    admin.rollback();
    admin.setAutoCommit(true);
    assertThat(certificate(looks).certified()).isTrue();
  }

  private static Certificate certificate(SharedLooks looks) throws SQLException {
    return Objects.requireNonNull(looks.sentAfter(ReaderClock.system().stamp()).certificate(STORE));
  }

  private static SharedLooks looks(SideChannel channel) {
    return looks(channel, RegistryName.DEFAULT);
  }

  private static SharedLooks looks(SideChannel channel, RegistryName name) {
    return new SharedLooks(channel, name, ReaderClock.system(), () -> {});
  }

  private SideChannel channel(String user) {
    return channel(user, (delay, task) -> {});
  }

  private SideChannel channel(String user, SideChannel.Later later) {
    return new SideChannel(
        () -> {
          opened.incrementAndGet();
          Connection fresh = postgres.connect(database, user);
          lastOpened = fresh;
          return fresh;
        },
        Duration.ofSeconds(1),
        later);
  }

  private void role(String name) throws SQLException {
    sql(
        "DO $$BEGIN CREATE ROLE "
            + name
            + " LOGIN; EXCEPTION WHEN duplicate_object THEN NULL; END$$");
  }

  private void sql(String text) throws SQLException {
    try (Statement statement = admin.createStatement()) {
      statement.execute(text);
    }
  }
}
