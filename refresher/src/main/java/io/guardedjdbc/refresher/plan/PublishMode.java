package io.guardedjdbc.refresher.plan;

import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Optional;

/** How new data and their certificate become visible. */
public enum PublishMode {
  /** In one commit: readers keep the last certified rows until then. */
  ATOMIC,
  /** The store is closed first; views are refreshed side by side, each in a commit of its own. */
  STAGED,
  /** As staged, by plain REFRESH. */
  BLOCKING;

  /** The word in files, options and the history. */
  public String word() {
    return name().toLowerCase(Locale.ROOT);
  }

  /** The mode of a word; empty when it is none. */
  public static Optional<PublishMode> of(String word) {
    return Arrays.stream(values()).filter(mode -> mode.word().equals(word)).findFirst();
  }

  /** All words. */
  public static List<String> words() {
    return Arrays.stream(values()).map(PublishMode::word).toList();
  }
}
