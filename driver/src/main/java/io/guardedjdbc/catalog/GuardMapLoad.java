package io.guardedjdbc.catalog;

import java.util.Set;
import org.jspecify.annotations.Nullable;

/** How an attempt to read the guard map ended; a broken connection is an SQLException instead. */
public sealed interface GuardMapLoad {
  /**
   * The map of the moment when it was read.
   *
   * @param registered the entrypoints that had a row in the registry then, as it spells them
   * @param changes what the seal had counted then; null where the database is not sealed
   */
  record Loaded(GuardMap map, Set<String> registered, @Nullable String changes)
      implements GuardMapLoad {}

  /**
   * Entrypoints or policies can't be read, so nothing can be shown to be harmless: refuse.
   *
   * @param grantMissing whether a GRANT cures it (RG301); else RG003
   * @param what what is wrong, a phrase for people
   * @param advice what to do next: the GRANT without its {@code TO}, or a sentence
   */
  record Unreadable(boolean grantMissing, String what, String advice) implements GuardMapLoad {}
}
