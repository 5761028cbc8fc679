package io.guardedjdbc.refresher.config;

/**
 * A relation that a store forbids in its closure, or refuses to readers, and why.
 *
 * @param pattern {@code schema.name}, with {@code *} for any characters
 * @param reason one phrase for messages
 */
public record RelationRule(String pattern, String reason) {}
