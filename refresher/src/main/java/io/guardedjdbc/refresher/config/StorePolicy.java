package io.guardedjdbc.refresher.config;

import java.time.Duration;
import java.util.Optional;

/**
 * A store as the database knows it.
 *
 * @param entrypoint {@code schema.name} in PostgreSQL's quoting
 * @param digest of the configuration that the database holds
 */
public record StorePolicy(
    String store,
    String entrypoint,
    String timeZone,
    String publishMode,
    Duration maxAge,
    Optional<Duration> warnAge,
    Optional<Duration> maxDataAge,
    Duration lease,
    String digest) {}
