package io.guardedjdbc.refresher.text;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * Collects everything that is wrong in one file, so that all of it is told at once. Not
 * thread-safe.
 */
public final class Complaints {
  private final String file;
  private final List<Complaint> complaints = new ArrayList<>();
  private final Map<String, Integer> keys = new LinkedHashMap<>();

  /** Complaints about the file of this name. */
  public Complaints(String file) {
    this.file = file;
  }

  /** Adds one. */
  public void add(int line, String message) {
    complaints.add(new Complaint(line, message));
  }

  /** Notes where a key stands. */
  void key(String path, int line) {
    keys.put(path, line);
  }

  /** Where the keys stand that were read. */
  public KeyLines keyLines() {
    return new KeyLines(file, keys);
  }

  /** Whether nothing was wrong. */
  public boolean isEmpty() {
    return complaints.isEmpty();
  }

  /** All of them as {@code file:line: message}, in the order of the file. */
  public List<String> lines() {
    return complaints.stream()
        .sorted(Comparator.comparingInt(Complaint::line))
        .map(complaint -> file + ":" + complaint.line() + ": " + complaint.message())
        .toList();
  }
}
