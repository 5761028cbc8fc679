package io.guardedjdbc.registry;

import java.time.Duration;
import java.time.Instant;
import org.jspecify.annotations.Nullable;

/**
 * One row of the registry, as one look saw it.
 *
 * @param entrypoint the relation it speaks of, {@code schema.name} in PostgreSQL's quoting
 * @param status as written there; compare by {@link #certified()} and {@link #refreshing()}
 * @param id changes with every change of the row; equal ids mean an unchanged row
 * @param chainStart first certificate of the chain; equal to {@code id} where the registry knows no
 *     chains
 * @param number position of {@code id} in its registry's sequence; -1 where ids have no order
 * @param certifiedAt server time before the first input was read; null: the row makes no sense
 * @param refreshedAt server time of the data; null: not told
 * @param maxAge limit set by the registry; null: it sets none
 * @param maxDataAge limit of the data's age; null: none
 * @param lease how long after a look it may be decided on; zero: leases prove nothing here
 * @param failedGate the gate that failed last; null: none told
 * @param store name of the store in the refresher's configuration; null: not told
 * @param extendedBy who let it stand beyond its maximum age; null: nobody
 * @param warnAge age from which the reader's log says so; null: none set
 */
public record Certificate(
    String entrypoint,
    String status,
    String id,
    long number,
    long chainStart,
    @Nullable Instant certifiedAt,
    @Nullable Instant refreshedAt,
    @Nullable Duration maxAge,
    @Nullable Duration maxDataAge,
    Duration lease,
    @Nullable String failedGate,
    @Nullable String store,
    @Nullable String extendedBy,
    @Nullable Duration warnAge) {

  /** Without a warn age. */
  public Certificate(
      String entrypoint,
      String status,
      String id,
      long number,
      long chainStart,
      @Nullable Instant certifiedAt,
      @Nullable Instant refreshedAt,
      @Nullable Duration maxAge,
      @Nullable Duration maxDataAge,
      Duration lease,
      @Nullable String failedGate,
      @Nullable String store,
      @Nullable String extendedBy) {
    this(
        entrypoint,
        status,
        id,
        number,
        chainStart,
        certifiedAt,
        refreshedAt,
        maxAge,
        maxDataAge,
        lease,
        failedGate,
        store,
        extendedBy,
        null);
  }

  /** Whether the row says CERTIFIED, in any case of letters. */
  public boolean certified() {
    return status.equalsIgnoreCase("CERTIFIED");
  }

  /** Whether a refresh is under way. */
  public boolean refreshing() {
    return status.equalsIgnoreCase("REFRESHING");
  }

  /** Whether {@code later} is this certificate, or was published atomically on top of it. */
  public boolean continuesIn(Certificate later) {
    if (id.equals(later.id)) {
      return true;
    }
    return number >= 0 && later.number > number && number >= later.chainStart;
  }
}
