package io.guardedjdbc.guard;

import io.guardedjdbc.guard.ReaderScript.Ask;
import io.guardedjdbc.guard.ReaderScript.Kind;
import io.guardedjdbc.guard.World.Reader;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Collections;
import java.util.Deque;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * Goes through every state that a world can come to, the nearest first, until a release breaks a
 * promise or there are no more.
 */
final class Search {
  /**
   * What came of it.
   *
   * @param states how many there are, or were seen until the end
   * @param releases in how many of them a reader had just released
   * @param broken which promise, and the shortest way there; null: none
   */
  record Found(int states, int releases, @Nullable String broken, List<String> trace) {}

  private final Setting setting;
  private final WriterMoves writer;
  private final ReaderMoves readers;
  private final Promises promises;
  private final Map<World, World> cameFrom = new HashMap<>();
  private final Deque<World> next = new ArrayDeque<>();
  private int releases;

  Search(Setting setting) {
    this.setting = setting;
    this.writer = new WriterMoves(setting);
    this.readers = new ReaderMoves(setting);
    this.promises = new Promises(setting);
  }

  Found run() {
    World begin = setting.begin();
    cameFrom.put(begin, begin);
    next.add(begin);
    while (!next.isEmpty()) {
      World world = next.remove();
      for (int i = 0; i < world.readers().size(); i++) {
        String broken = broken(world, i);
        if (broken != null) {
          return new Found(cameFrom.size(), releases, broken, trace(world));
        }
      }
      for (Move move : moves(world)) {
        if (cameFrom.putIfAbsent(move.to(), world) == null) {
          next.add(move.to());
        }
      }
    }
    return new Found(cameFrom.size(), releases, null, List.of());
  }

  private @Nullable String broken(World world, int reader) {
    if (world.readers().get(reader).equals(Reader.DONE)) {
      return null;
    }
    Ask ask = readers.ask(reader, world.readers().get(reader));
    if (ask.kind() != Kind.RELEASED) {
      return null;
    }
    releases++;
    String broken = promises.broken(world, Objects.requireNonNull(ask.release()));
    return broken == null ? null : "reader " + reader + " released, " + broken;
  }

  private List<Move> moves(World world) {
    List<Move> moves = new ArrayList<>();
    for (int i = 0; i < world.readers().size(); i++) {
      Reader reader = world.readers().get(i);
      if (!reader.paused()) {
        moves.addAll(readers.of(world, i));
        if (readers.ask(i, reader).kind() != Kind.RELEASED) {
          Reader paused = new Reader(reader.told(), reader.sending(), true);
          moves.add(new Move("reader " + i + " pauses", world.with(i, paused)));
        }
        return woken(world, moves);
      }
    }
    if (world.readers().stream().allMatch(Reader.DONE::equals)) {
      return moves;
    }
    moves.addAll(writer.of(world));
    if (world.time() < setting.horizon()) {
      time(world, moves);
    }
    for (int shown = world.replayed() + 1; shown <= world.commits().size(); shown++) {
      moves.add(new Move("standby replays to commit " + shown, world.replayed(shown)));
    }
    return woken(world, moves);
  }

  private List<Move> woken(World world, List<Move> moves) {
    return moves.stream()
        .map(move -> new Move(move.what(), readers.woken(world, move.to())))
        .toList();
  }

  private void time(World world, List<Move> moves) {
    int time = world.time() + 1;
    moves.add(new Move("a tick", world.clocks(time, world.lag(), world.jump())));
    if (setting.clockFaults() && world.jump() == 0) {
      moves.add(
          new Move(
              "a tick that the monotonic clock misses",
              world.clocks(time, world.lag() + 1, world.jump())));
    }
    if (setting.clockFaults() && world.lag() == 0 && world.jump() == 0) {
      moves.add(new Move("a tick, wall clock set back", world.clocks(time, 0, -4)));
      moves.add(new Move("a tick, wall clock set ahead", world.clocks(time, 0, 4)));
    }
  }

  private List<String> trace(World end) {
    List<String> trace = new ArrayList<>();
    for (World at = end, from; ; at = from) {
      World to = at;
      from = Objects.requireNonNull(cameFrom.get(at));
      if (from.equals(at)) {
        Collections.reverse(trace);
        return trace;
      }
      for (Move move : moves(from)) {
        if (move.to().equals(to)) {
          if (!move.what().endsWith(" pauses")) trace.add("t" + to.time() + " " + move.what());
          break;
        }
      }
    }
  }
}
