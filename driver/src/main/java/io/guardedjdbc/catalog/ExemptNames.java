package io.guardedjdbc.catalog;

import java.util.Set;

/** Our own functions and relations in the registry's schema: asking why a store is closed works. */
final class ExemptNames {
  private static final Set<String> FUNCTIONS =
      Set.of(
          "assert_viewdef_baseline",
          "cert_guard",
          "catalog_changes",
          "certificate_look",
          "closure",
          "dataset_sha256",
          "deciding_entrypoint",
          "guard_policy",
          "rebaseline_last_n_days",
          "refresh_order",
          "require_certified",
          "require_certified_strict",
          "steps_on",
          "store_remarks",
          "why_not_certified");

  private static final Set<String> FAMILIES =
      Set.of("gate_", "refresh_and_certify_", "run_t0_cert_");

  private ExemptNames() {}

  /** Whether a function is ours, once schema and owner are known to be the registry's. */
  static boolean function(String name) {
    return FUNCTIONS.contains(name) || FAMILIES.stream().anyMatch(name::startsWith);
  }

  static boolean relation(String name, RelationName registry) {
    return name.equals(registry.name()) || name.equals("certificate_history");
  }
}
