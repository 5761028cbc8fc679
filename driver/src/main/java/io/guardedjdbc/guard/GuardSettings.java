package io.guardedjdbc.guard;

import io.guardedjdbc.catalog.GuardMapOptions;
import io.guardedjdbc.registry.RegistryName;
import java.time.Duration;
import org.jspecify.annotations.Nullable;

/**
 * What a connection's properties say to the guard. Immutable.
 *
 * @param map which relations are guarded besides those the database names
 * @param registry the registry's table
 * @param maxAge tightens the registry's maximum age; null: the registry's alone, or 24 h
 * @param lease upper bound of a lease; null: the registry's
 * @param validation whether leases may be used
 * @param unwrapAllowed whether pgjdbc's own classes may be unwrapped
 * @param registryTimeout longest wait for registry and catalog
 * @param certificate the pin; null: none
 * @param copies what becomes of statements that copy guarded rows elsewhere
 * @param mode what becomes of statements that no certificate covers
 * @param snapshot the exported snapshot that every transaction reads; null: each its own
 */
public record GuardSettings(
    GuardMapOptions map,
    RegistryName registry,
    @Nullable Duration maxAge,
    @Nullable Duration lease,
    Validation validation,
    boolean unwrapAllowed,
    Duration registryTimeout,
    @Nullable String certificate,
    Copies copies,
    Mode mode,
    @Nullable String snapshot) {
  /** What a connection has that says nothing but this. */
  public static GuardSettings of(
      GuardMapOptions map, RegistryName registry, Duration registryTimeout) {
    return new GuardSettings(
        map,
        registry,
        null,
        null,
        Validation.LEASED,
        false,
        registryTimeout,
        null,
        Copies.UNDO,
        Mode.ENFORCE,
        null);
  }

  /** The rules of a release under these settings. */
  CertificateRules rules() {
    return new CertificateRules(maxAge, lease, validation, certificate);
  }
}
