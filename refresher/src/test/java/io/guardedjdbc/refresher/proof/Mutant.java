package io.guardedjdbc.refresher.proof;

import io.guardedjdbc.guard.ReaderProtection;
import io.guardedjdbc.registry.ReaderClock;
import java.util.List;
import java.util.concurrent.atomic.AtomicLong;
import org.jspecify.annotations.Nullable;

/** One broken protection, and what happens so often that it makes a difference. */
enum Mutant {
  SECOND_LOOK(ReaderProtection.SECOND_LOOK, Scene.STAGED),
  SECOND_LOOK_SENT_TOO_EARLY(ReaderProtection.SENT_TOO_EARLY, Scene.STAGED),
  AGE_CHECK(ReaderProtection.AGE, Scene.AGED),
  WALL_CLOCK(ReaderProtection.WALL_CLOCK, Scene.STAGED),
  CHAIN_RULE(ReaderProtection.CHAIN, Scene.WINDOW),
  SNAPSHOT_ROW(ReaderProtection.SNAPSHOT_ROW, Scene.ATOMIC, Scene.STAGED),
  STANDBY_RULE(ReaderProtection.STANDBY, Scene.BURST),
  SERVER_IDENTITY(ReaderProtection.SERVER_IDENTITY, Scene.LAG),
  UNDO_OF_WRITES(ReaderProtection.UNDO, Scene.STAGED),
  HELD_BACK_ERRORS(ReaderProtection.HELD_BACK_ERRORS, Scene.WINDOW),
  PIN(ReaderProtection.PIN, Scene.ATOMIC),
  LEASE_WAIT(Scene.STAGED) {
    @Override
    String sql() {
      // Leases that are out for long enough wherever a run takes its time.
      return "UPDATE audit.entrypoint_policy SET lease = '2 s'";
    }

    @Override
    ReaderClock leaseClock() {
      return IMPATIENT;
    }
  },
  LEASE_WAIT_OVER_A_FAILED_ROW(Scene.REOPENED) {
    @Override
    ReaderClock leaseClock() {
      return IMPATIENT;
    }
  },
  LOWERED_LEASE(Scene.LOWERED_LEASE) {
    @Override
    String sql() {
      return "CREATE OR REPLACE FUNCTION audit.longest_lease(p_entrypoint text) RETURNS interval LANGUAGE sql"
          + " AS 'SELECT lease FROM audit.entrypoint_policy WHERE entrypoint = p_entrypoint'";
    }
  },
  PLAIN_REFRESH_IN_AN_ATOMIC_RUN(Scene.ATOMIC) {
    @Override
    String sent(String sql) {
      // One of two views is enough: older snapshots see its new rows beside the other's old ones.
      return sql.replace(
          "REFRESH MATERIALIZED VIEW CONCURRENTLY proof.a_mv",
          "REFRESH MATERIALIZED VIEW proof.a_mv");
    }
  },
  OVERLAPPING_CLOSURES(Scene.ATOMIC) {
    @Override
    String sent(String sql) {
      return sql.contains("audit.touched_entrypoints(")
          ? sql.replace("ORDER BY store", "WHERE false")
          : sql;
    }
  },
  COMPARE_AND_SET(Scene.PUBLISHED_OVER) {
    @Override
    String sql() {
      return """
      DO $$
      DECLARE
        body text := (SELECT pg_get_functiondef(p.oid) FROM pg_proc p WHERE p.proname = 'publish_certificate');
      BEGIN
        body := replace(body, 'AND g.certificate_id = p_expected_certificate_id', '');
        EXECUTE body;
      END
      $$""";
    }

    @Override
    boolean mvcc() {
      return false;
    }
  },
  FENCE(Scene.TAKEN_OVER) {
    @Override
    String sql() {
      return "CREATE OR REPLACE FUNCTION audit.fence(p_entrypoints text[], p_certificate_ids bigint[])"
          + " RETURNS boolean LANGUAGE sql AS 'SELECT true'";
    }
  };

  /** By it every wait is over at once. */
  private static final ReaderClock IMPATIENT =
      new ReaderClock() {
        private final AtomicLong calls = new AtomicLong();

        @Override
        public long monotonicNanos() {
          return calls.incrementAndGet() * 1_000_000_000_000L;
        }

        @Override
        public long wallMillis() {
          return calls.incrementAndGet() * 1_000_000L;
        }
      };

  private final ReaderProtection reader;

  @SuppressWarnings("ImmutableEnumChecker") // a copy
  private final List<Scene> scenes;

  Mutant(Scene... scenes) {
    this(ReaderProtection.NONE, scenes);
  }

  Mutant(ReaderProtection reader, Scene... scenes) {
    this.reader = reader;
    this.scenes = List.of(scenes);
  }

  ReaderProtection reader() {
    return reader;
  }

  List<Scene> scenes() {
    return scenes;
  }

  /** Whether it matters most where no lease is taken. */
  boolean alwaysLooks() {
    return switch (this) {
      case SECOND_LOOK, SECOND_LOOK_SENT_TOO_EARLY, CHAIN_RULE, UNDO_OF_WRITES -> true;
      default -> false;
    };
  }

  /** What its readers do. */
  Habits habits() {
    return switch (this) {
      case LOWERED_LEASE, LEASE_WAIT_OVER_A_FAILED_ROW ->
          Habits.PAUSING.onLeases().of(ProofStore.ONE);
      case WALL_CLOCK, LEASE_WAIT, STANDBY_RULE -> Habits.PAUSING.onLeases();
      case PLAIN_REFRESH_IN_AN_ATOMIC_RUN, SNAPSHOT_ROW -> Habits.PAUSING.inSnapshots();
      case PIN -> Habits.PAUSING.of(ProofStore.ONE);
      case CHAIN_RULE -> Habits.PAUSING.slowly();
      case HELD_BACK_ERRORS -> Habits.PAUSING.slowly(Way.ERROR);
      default -> Habits.PAUSING;
    };
  }

  /** Whether no reader may look where another one has a lease, as its look would serve both. */
  boolean leasedAlone() {
    return this == WALL_CLOCK
        || this == LEASE_WAIT
        || this == LEASE_WAIT_OVER_A_FAILED_ROW
        || this == LOWERED_LEASE
        || this == STANDBY_RULE;
  }

  /** Whether it is found soon enough for every build. */
  boolean quick() {
    return switch (this) {
      case SECOND_LOOK_SENT_TOO_EARLY,
          CHAIN_RULE,
          SNAPSHOT_ROW,
          UNDO_OF_WRITES,
          HELD_BACK_ERRORS,
          PIN,
          LEASE_WAIT,
          OVERLAPPING_CLOSURES ->
          true;
      default -> false;
    };
  }

  /** Whether it takes two servers to miss it. */
  boolean needsStandby() {
    return this == STANDBY_RULE || this == SERVER_IDENTITY;
  }

  /** By which a run waits for leases. */
  ReaderClock leaseClock() {
    return ReaderClock.system();
  }

  /** Whether a run's transactions get the snapshot that they ask for. */
  boolean mvcc() {
    return true;
  }

  /** What a run sends in place of this. */
  String sent(String sql) {
    return sql;
  }

  /** What breaks it in the database; null: nothing needs to. */
  @Nullable String sql() {
    return null;
  }
}
