package io.guardedjdbc.refresher.config;

/**
 * A dependency that the catalog does not know: {@code from} is read by {@code to} and comes first.
 *
 * @param from {@code schema.name}
 * @param to {@code schema.name}
 */
public record DeclaredEdge(String from, String to) {}
