package io.guardedjdbc.refresher.run;

/**
 * Which run of what.
 *
 * @param runId in {@code audit.run}
 * @param mode atomic, staged or blocking, or certify for gates alone
 * @param server name and version
 * @param steps how many things will be refreshed
 */
public record RunHeader(
    String store, String entrypoint, long runId, String mode, String server, int steps) {}
