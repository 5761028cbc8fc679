package io.guardedjdbc.catalog;

import java.util.Collections;
import java.util.Comparator;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;

/**
 * What a statement touches. Nothing here is a verdict: the guard decides.
 *
 * @param entrypoints whose certificates must be usable, spelled as the registry's key; sorted
 * @param refused what no certificate opens, by name
 * @param touchesEverything it runs something that can read anything; {@code entrypoints} then holds
 *     all of the map
 * @param throughVolatileFunction it reads guarded rows through a function that takes new snapshots:
 *     no cursor, or validate every fetch
 * @param unknownNames names where a relation or function can stand that the map has never heard of:
 *     read the catalog's digest before deciding
 * @param irrevocable what it does, itself or through what it calls, that no rollback undoes; for a
 *     person. By itself that guards nothing
 */
public record Match(
    Set<String> entrypoints,
    List<Refused> refused,
    boolean touchesEverything,
    boolean throughVolatileFunction,
    Set<String> unknownNames,
    Set<String> irrevocable) {

  /** Touches nothing guarded, names nothing unknown. */
  public static final Match NOTHING =
      new Match(Set.of(), List.of(), false, false, Set.of(), Set.of());

  /** Copies the collections. */
  public Match {
    entrypoints =
        entrypoints.isEmpty() ? Set.of() : Collections.unmodifiableSet(new TreeSet<>(entrypoints));
    refused = refused.stream().sorted(Comparator.comparing(Refused::object)).toList();
    unknownNames = Set.copyOf(unknownNames);
    irrevocable = Set.copyOf(irrevocable);
  }

  static Match irrevocable(Set<String> what) {
    return what.isEmpty() ? NOTHING : new Match(Set.of(), List.of(), false, false, Set.of(), what);
  }

  static Match of(
      Set<String> entrypoints, List<Refused> refused, boolean everything, boolean viaVolatile) {
    return entrypoints.isEmpty() && refused.isEmpty() && !everything
        ? NOTHING
        : new Match(entrypoints, refused, everything, viaVolatile, Set.of(), Set.of());
  }

  /** Whether a certificate is needed or a refusal is due; unknown names alone don't count. */
  public boolean guarded() {
    return touchesEverything || !entrypoints.isEmpty() || !refused.isEmpty();
  }

  /** Whether this equals {@link #NOTHING}. */
  public boolean isNothing() {
    return !guarded() && unknownNames.isEmpty() && irrevocable.isEmpty();
  }

  /** Both together: what a string of two statements touches. */
  public Match and(Match other) {
    if (isNothing() || equals(other)) {
      return other;
    }
    if (other.isNothing()) {
      return this;
    }
    return new Match(
        union(entrypoints, other.entrypoints),
        List.copyOf(union(new LinkedHashSet<>(refused), other.refused)),
        touchesEverything || other.touchesEverything,
        throughVolatileFunction || other.throughVolatileFunction,
        union(unknownNames, other.unknownNames),
        union(irrevocable, other.irrevocable));
  }

  Match withUnknown(Set<String> names) {
    return names.isEmpty()
        ? this
        : new Match(
            entrypoints, refused, touchesEverything, throughVolatileFunction, names, irrevocable);
  }

  /** The same without names that were unknown. */
  public Match knownOnly() {
    return unknownNames.isEmpty()
        ? this
        : new Match(
            entrypoints,
            refused,
            touchesEverything,
            throughVolatileFunction,
            Set.of(),
            irrevocable);
  }

  private static <T> Set<T> union(Set<T> one, Iterable<T> two) {
    Set<T> both = new LinkedHashSet<>(one);
    two.forEach(both::add);
    return both;
  }
}
