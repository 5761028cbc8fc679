package io.guardedjdbc.guard;

import io.guardedjdbc.Lineage;
import io.guardedjdbc.guard.World.Moment;
import io.guardedjdbc.guard.World.Seen;
import io.guardedjdbc.registry.Look;
import io.guardedjdbc.registry.Looks;
import io.guardedjdbc.registry.ReaderClock;
import io.guardedjdbc.registry.RegistryRead;
import io.guardedjdbc.registry.ServerIdentity;
import io.guardedjdbc.registry.Stamp;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.postgresql.core.TransactionState;

/** One run of the real {@link Validator} on answers written down, until they are used up. */
final class ReaderScript implements ReaderClock, Looks, Caller {
  /** What is asked. */
  enum Kind {
    CLOCK,
    LAST,
    LOOK,
    VIEW,
    SNAPSHOT,
    SCAN,
    RELEASED,
    REFUSED,
    DONE
  }

  /**
   * What the reader needs to know to go on, or what became of a statement.
   *
   * @param after the look must be sent after this
   * @param snapshot whose rows, or registry, are read; 0: those of now
   * @param release what it released
   * @param state all that the real code remembers by now
   */
  record Ask(Kind kind, Stamp after, int snapshot, @Nullable Release release, List<Object> state) {
    static Ask of(Kind kind, int snapshot) {
      return new Ask(kind, new Stamp(0, 0), snapshot, null, List.of());
    }

    Ask in(List<Object> now) {
      return new Ask(kind, after, snapshot, release, now);
    }
  }

  /**
   * Rows that went out.
   *
   * @param looked the look that the release was decided on
   * @param arrived when the rows had come
   * @param decided the first reading of a clock after that
   * @param last the last reading of a clock
   * @param onLeases whether leases prove something where it was read
   */
  record Release(
      int generation,
      Lineage lineage,
      Seen looked,
      int arrived,
      int decided,
      int last,
      boolean onLeases) {}

  /** What a statement read, and when it had come. */
  record Scanned(int generation, int time) {}

  /** The answers are used up. */
  private static final class Pending extends RuntimeException {
    private static final long serialVersionUID = 1;
    private final transient Ask ask;

    Pending(Ask ask) {
      super(null, null, false, false);
      this.ask = ask;
    }
  }

  private final Setting setting;
  private final Setting.Program program;
  private final List<Object> answers;
  private final IdentityHashMap<Look, Seen> looks = new IdentityHashMap<>();
  private final Map<Seen, Look> objects = new HashMap<>();
  private int position;
  private int snapshot;
  private Moment clock = new Moment(0, 0, 0);
  private int decided;
  private @Nullable Seen present;
  private @Nullable Seen view;
  private List<Object> remembered = List.of();
  private int since;

  ReaderScript(Setting setting, Setting.Program program, List<Object> answers) {
    this.setting = setting;
    this.program = program;
    this.answers = answers;
  }

  /** The first question without an answer. */
  Ask next() {
    Validator validator =
        new Validator(
            this, this, new CertificateRules(null, null, program.validation(), null), this);
    try {
      if (program.snapshot()) {
        snapshot = (Integer) answer(Ask.of(Kind.SNAPSHOT, 0));
      }
      Decision decision = new Decision(Set.of(World.STORE), false);
      for (int i = 0; i < program.statements(); i++) {
        remembers(i, "begins", decision);
        statement(validator, decision, i);
      }
      return Ask.of(Kind.DONE, 0);
    } catch (SQLException refusal) {
      return Ask.of(Kind.REFUSED, 0);
    } catch (Pending pending) {
      return pending.ask;
    }
  }

  private void statement(Validator validator, Decision decision, int number) throws SQLException {
    present = null;
    Before before = validator.before(decision);
    remembers(number, Objects.requireNonNull(looks.get(before.look())), decision);
    int own = program.snapshot() ? snapshot : (Integer) answer(Ask.of(Kind.SNAPSHOT, 0));
    Scanned scanned = (Scanned) answer(Ask.of(Kind.SCAN, own));
    decided = -1;
    Seen first = Objects.requireNonNull(looks.get(before.look()));
    present = first;
    Lineage lineage = validator.release(decision.entrypoints(), before, null);
    Seen looked = Objects.requireNonNull(present);
    boolean onFirst = lineage.leased() && looked.equals(first);
    answer(
        new Ask(
            Kind.RELEASED,
            new Stamp(0, 0),
            0,
            new Release(
                scanned.generation(),
                lineage,
                looked,
                scanned.time(),
                onFirst ? decided : clock.time(),
                clock.time(),
                looked.commit().lease() > 0
                    && !setting.standby()
                    && program.validation() == Validation.LEASED),
            List.of()));
  }

  /** What came before counts no more but for this. */
  private void remembers(int statement, Object what, Decision decision) {
    Before sentOn = decision.sentOn();
    remembered =
        List.of(
            statement,
            what,
            sentOn == null ? "nothing" : Objects.requireNonNull(looks.get(sentOn.look())),
            view == null ? "no transaction" : view,
            snapshot);
    since = position;
  }

  private Object answer(Ask ask) {
    if (position == answers.size()) {
      List<Object> state = new ArrayList<>(remembered);
      state.addAll(answers.subList(since, position));
      throw new Pending(ask.in(state));
    }
    return answers.get(position++);
  }

  // ---- what the real code is told, broken where a mutant says so -----------------------------

  @Override
  public Stamp stamp() {
    return reading();
  }

  @Override
  public long monotonicNanos() {
    return reading().monotonicNanos();
  }

  /** Read right after the other. */
  @Override
  public long wallMillis() {
    return broken(clock).wallMillis();
  }

  private Stamp reading() {
    clock = (Moment) answer(Ask.of(Kind.CLOCK, 0));
    decided = decided < 0 ? clock.time() : decided;
    return broken(clock);
  }

  private Stamp broken(Moment moment) {
    return switch (setting.mutant()) {
      case WALL_CLOCK -> new Moment(0, moment.monotonic(), moment.monotonic()).stamp();
      case MONOTONIC_CLOCK -> new Moment(0, moment.wall(), moment.wall()).stamp();
      default -> moment.stamp();
    };
  }

  /** The same look is the same object, as the real code goes by. */
  private Look told(Seen seen) {
    Look known = objects.get(seen);
    if (known != null) {
      return known;
    }
    Look look = setting.told(seen, broken(seen.sent()));
    objects.put(seen, look);
    looks.put(look, seen);
    return look;
  }

  @Override
  public @Nullable Look last() {
    return answer(Ask.of(Kind.LAST, 0)) instanceof Seen seen ? told(seen) : null;
  }

  @Override
  public Look sentAfter(Stamp moment) {
    if (setting.mutant() == Setting.Mutant.SECOND_LOOK && present != null) {
      return told(present);
    }
    Seen seen = (Seen) answer(new Ask(Kind.LOOK, moment, 0, null, List.of()));
    present = seen;
    return told(seen);
  }

  @Override
  public void reconnect() {}

  @Override
  public RegistryRead read() {
    throw new IllegalStateException("only the server needs the query of a look");
  }

  @Override
  public TransactionView readTransaction(Looks where) {
    Seen seen = (Seen) answer(Ask.of(Kind.VIEW, snapshot));
    view = seen;
    boolean each = !program.snapshot() || setting.mutant() == Setting.Mutant.SNAPSHOT_ROW;
    return new TransactionView(each ? "read committed" : "repeatable read", told(seen));
  }

  @Override
  public ServerIdentity identity() {
    return World.server(setting.standby() && setting.mutant() != Setting.Mutant.STANDBY);
  }

  @Override
  public @Nullable ServerIdentity knownIdentity() {
    return identity();
  }

  @Override
  public void forgetIdentity() {}

  @Override
  public TransactionState state() {
    return program.transaction() ? TransactionState.OPEN : TransactionState.IDLE;
  }

  @Override
  public boolean autocommit() {
    return !program.transaction();
  }

  @Override
  public boolean standardConformingStrings() {
    return true;
  }
}
