package io.guardedjdbc.catalog;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * How a role can read entrypoints and policies on one server, found by {@link SourceQuery}.
 *
 * @param owner OID of the registry's owner; 0 where there is no registry
 * @param stepTables whether table steps and declared edges are read from their tables
 * @param changesCounted whether a function of ours says what the seal has counted
 * @param marked names by OID of the built-in functions and relations that a stored tree names by
 *     OID alone, and that matter
 */
record MapSource(
    RelationName registry,
    long owner,
    Policy policy,
    boolean lookFunction,
    boolean registryTable,
    boolean baselineTable,
    boolean stepTables,
    boolean changesCounted,
    Map<Long, String> marked) {
  /** Whether there is a registry. */
  boolean registryRead() {
    return lookFunction || registryTable;
  }

  /** Where policies come from. */
  enum Policy {
    /** {@code guard_policy()}. */
    FUNCTION,
    /** {@code entrypoint_policy} and {@code relation_rule}, and those of steps where they exist. */
    TABLES,
    /** Not installed: the database is as the runbook's system leaves it. */
    NONE
  }

  /** One relation or function of the registry's schema that matters here. */
  record Found(
      String name,
      boolean function,
      long owner,
      boolean callable,
      boolean mayRead,
      boolean hidden) {}

  /** What can be read, and what can't. */
  record Finding(@Nullable MapSource source, GuardMapLoad.@Nullable Unreadable problem) {
    static Finding problem(boolean grant, String what, String advice) {
      return new Finding(null, new GuardMapLoad.Unreadable(grant, what, advice));
    }
  }

  static Finding choose(
      GuardMapOptions options, boolean schemaUsable, List<Found> found, Map<Long, String> marked) {
    return new Chooser(options, schemaUsable, found, marked).choose();
  }

  private record Chooser(
      GuardMapOptions options, boolean schemaUsable, List<Found> found, Map<Long, String> marked) {
    Finding choose() {
      Found registry = find(options.registry().name(), false);
      Found policies = find("entrypoint_policy", false);
      Found rules = find("relation_rule", false);
      Found baselines = find("t0_viewdef_baseline", false);
      Found steps = find("sql_step", false);
      Found edges = find("declared_edge", false);
      long owner = registry == null ? 0 : registry.owner();
      if (registry == null && policies == null && baselines == null) {
        return options.extraEntrypoints().isEmpty()
            ? Finding.problem(
                false,
                "there is no registry " + options.registry(),
                "Check guard.registry and the database, or run: refresher init")
            : new Finding(
                new MapSource(
                    options.registry(), 0, Policy.NONE, false, false, false, false, false, marked),
                null);
      }
      if (!schemaUsable) {
        return missing("USAGE ON SCHEMA " + RelationName.word(options.schema()), options.schema());
      }
      boolean function = ours("guard_policy", owner);
      boolean look = ours("certificate_look", owner);
      List<Found> needed = new ArrayList<>();
      if (!function) {
        add(needed, policies);
        add(needed, rules);
        add(needed, baselines);
        add(needed, steps);
        add(needed, edges);
      }
      if (!look) {
        add(needed, registry);
      }
      for (Found relation : needed) {
        if (!relation.mayRead()) {
          return missing("SELECT ON " + spelled(relation), spelled(relation));
        }
        if (relation.hidden()) {
          return Finding.problem(
              false,
              "row security may hide rows of " + spelled(relation),
              "Exempt the role from its policies, or install the reader functions: refresher init");
        }
      }
      Policy policy =
          function
              ? Policy.FUNCTION
              : policies != null && rules != null ? Policy.TABLES : Policy.NONE;
      boolean baselinesToo = baselines != null && baselines.mayRead() && !baselines.hidden();
      boolean stepsToo = policy == Policy.TABLES && steps != null && edges != null;
      return new Finding(
          new MapSource(
              options.registry(),
              owner,
              policy,
              look,
              !look && registry != null,
              baselinesToo,
              stepsToo,
              ours("catalog_changes", owner),
              marked),
          null);
    }

    private static void add(List<Found> needed, @Nullable Found relation) {
      if (relation != null) {
        needed.add(relation);
      }
    }

    private Finding missing(String grant, String what) {
      return Finding.problem(true, what + " is not readable for this role", "GRANT " + grant);
    }

    private String spelled(Found relation) {
      return new RelationName(options.schema(), relation.name()).toString();
    }

    /** A function counts as ours only with the registry's owner. */
    private boolean ours(String name, long owner) {
      Found function = find(name, true);
      return function != null && function.callable() && (owner == 0 || function.owner() == owner);
    }

    private @Nullable Found find(String name, boolean function) {
      for (Found one : found) {
        if (one.function() == function && one.name().equals(name)) {
          return one;
        }
      }
      return null;
    }
  }
}
