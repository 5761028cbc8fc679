package io.guardedjdbc.refresher.text;

/**
 * One thing wrong in a file.
 *
 * @param line 1-based line of the file
 * @param message what is wrong and what is allowed, one line
 */
public record Complaint(int line, String message) {}
