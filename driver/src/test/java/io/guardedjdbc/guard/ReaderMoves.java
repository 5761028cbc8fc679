package io.guardedjdbc.guard;

import io.guardedjdbc.guard.ReaderScript.Ask;
import io.guardedjdbc.guard.ReaderScript.Kind;
import io.guardedjdbc.guard.ReaderScript.Scanned;
import io.guardedjdbc.guard.World.Moment;
import io.guardedjdbc.guard.World.Reader;
import io.guardedjdbc.guard.World.Seen;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;

/**
 * All that a reader may do next. The real code runs again from its beginning on the answers that it
 * got so far, until it asks something new. Answers that leave it in the same state are one.
 */
final class ReaderMoves {
  /** The answers of one program's readers, by number, and what each makes it ask. */
  private static final class Script {
    final List<List<Object>> told = new ArrayList<>();
    final List<Ask> asks = new ArrayList<>();
    final Map<List<Object>, Integer> states = new HashMap<>();
    final Map<List<Object>, Integer> next = new HashMap<>();
  }

  private final Setting setting;
  private final List<Script> scripts = new ArrayList<>();

  ReaderMoves(Setting setting) {
    this.setting = setting;
    for (int i = 0; i < setting.programs().size(); i++) {
      scripts.add(new Script());
      int first = number(i, List.of());
      assert first == Reader.FRESH.told();
    }
  }

  private int number(int index, List<Object> answers) {
    Script script = scripts.get(index);
    Ask ask = new ReaderScript(setting, setting.programs().get(index), answers).next();
    if (ask.kind() == Kind.DONE || ask.kind() == Kind.REFUSED) {
      return Reader.DONE.told();
    }
    Integer known = script.states.putIfAbsent(ask.state(), script.told.size());
    if (known != null) {
      return known;
    }
    script.told.add(answers);
    script.asks.add(ask);
    return script.told.size() - 1;
  }

  /** What the reader asks next, or what it released last. */
  Ask ask(int index, Reader reader) {
    return scripts.get(index).asks.get(reader.told());
  }

  List<Move> of(World world, int index) {
    Reader reader = world.readers().get(index);
    Ask ask = ask(index, reader);
    Moment now = world.now();
    return switch (ask.kind()) {
      case CLOCK -> told(world, index, "reads its clocks", now);
      case LAST ->
          told(world, index, "takes the last look", world.last() == null ? "none" : world.last());
      case LOOK -> look(world, index, ask);
      case VIEW ->
          told(
              world,
              index,
              "reads the registry in its transaction",
              new Seen(
                  now,
                  world.commits().get((ask.snapshot() > 0 ? ask.snapshot() : world.replayed()) - 1),
                  setting.forAges(world.time()),
                  setting.standby()));
      case SNAPSHOT -> told(world, index, "takes a snapshot", world.replayed());
      case SCAN -> {
        int generation = world.scanned(ask.snapshot());
        yield told(
            world, index, "reads generation " + generation, new Scanned(generation, world.time()));
      }
      case RELEASED -> told(world, index, "goes on", "released");
      case REFUSED, DONE -> List.of();
    };
  }

  /**
   * The world in which those readers go on to whom it makes a difference that {@code before} became
   * {@code after}. All other orders of their step and this one come to the same.
   */
  World woken(World before, World after) {
    boolean ticked = before.time() != after.time();
    boolean committed =
        before.replayed() != after.replayed() || before.commits() != after.commits();
    boolean looked = !Objects.equals(before.last(), after.last());
    World woken = after;
    for (int i = 0; i < after.readers().size(); i++) {
      Reader reader = after.readers().get(i);
      if (reader.paused() && !reader.equals(Reader.DONE)) {
        boolean wakes =
            switch (ask(i, reader).kind()) {
              case CLOCK -> ticked;
              case LAST -> looked;
              case LOOK -> reader.sending() == null ? ticked || looked : ticked || committed;
              case VIEW, SCAN -> ticked || committed;
              default -> committed;
            };
        woken = wakes ? woken.with(i, new Reader(reader.told(), reader.sending(), false)) : woken;
      }
    }
    return woken;
  }

  private List<Move> look(World world, int index, Ask ask) {
    Reader reader = world.readers().get(index);
    Moment sending = reader.sending();
    if (sending != null) {
      Seen seen =
          new Seen(sending, world.shown(), setting.forAges(world.time()), setting.standby());
      return told(world.looked(seen), index, "has looked: " + seen.commit().status(), seen);
    }
    Seen last = world.last();
    boolean serves = last != null && last.sent().stamp().isAfter(ask.after());
    if (last != null && (serves || setting.mutant() == Setting.Mutant.SENT_TOO_EARLY)) {
      return told(world, index, "takes another's look", last);
    }
    boolean turnTaken = world.readers().stream().anyMatch(other -> other.sending() != null);
    if (turnTaken) {
      return List.of();
    }
    return List.of(
        new Move(
            "reader " + index + " sends a look",
            world.with(index, new Reader(reader.told(), world.now(), false))));
  }

  private List<Move> told(World world, int index, String what, Object answer) {
    Script script = scripts.get(index);
    int from = world.readers().get(index).told();
    int to =
        script.next.computeIfAbsent(
            List.of(from, answer),
            step -> {
              List<Object> answers = new ArrayList<>(script.told.get(from));
              answers.add(answer);
              return number(index, List.copyOf(answers));
            });
    return List.of(
        new Move(
            "reader " + index + " " + what,
            world.with(index, new Reader(to, null, to == Reader.DONE.told()))));
  }
}
