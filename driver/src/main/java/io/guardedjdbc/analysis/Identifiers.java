package io.guardedjdbc.analysis;

import java.util.ArrayList;
import java.util.List;

/** PostgreSQL's rules for what a spelled identifier is called: folding and clipping. */
final class Identifiers {
  /** PostgreSQL's NAMEDATALEN less one: the bytes of a name that count. */
  static final int MAX_BYTES = 63;

  private Identifiers() {}

  /** Whether this character may begin an unquoted identifier. */
  static boolean isStart(char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_' || c >= 0x80;
  }

  /** Whether this character may go on an unquoted identifier. */
  static boolean isPart(char c) {
    return isStart(c) || (c >= '0' && c <= '9') || c == '$';
  }

  /** ASCII letters to lower case; everything else stays (never by a locale). */
  static String fold(String spelled) {
    for (int i = 0; i < spelled.length(); i++) {
      char c = spelled.charAt(i);
      if (c >= 'A' && c <= 'Z') {
        StringBuilder folded = new StringBuilder(spelled);
        for (int j = i; j < folded.length(); j++) {
          folded.setCharAt(j, foldChar(folded.charAt(j)));
        }
        return folded.toString();
      }
    }
    return spelled;
  }

  static char foldChar(char c) {
    return c >= 'A' && c <= 'Z' ? (char) (c + ('a' - 'A')) : c;
  }

  /** Clips to 63 bytes of UTF-8, at a whole character, as the server does. */
  static String clip(String name) {
    if (name.length() <= MAX_BYTES / 3) {
      return name;
    }
    int bytes = 0;
    for (int i = 0; i < name.length(); ) {
      int c = name.codePointAt(i);
      bytes += c < 0x80 ? 1 : c < 0x800 ? 2 : c < 0x10000 ? 3 : 4;
      if (bytes > MAX_BYTES) {
        return name.substring(0, i);
      }
      i += Character.charCount(c);
    }
    return name;
  }

  /**
   * What else this spelling may be called where the server's encoding is not UTF-8: there the 63
   * bytes hold more characters, and single-byte encodings fold letters beyond ASCII too. Empty for
   * nearly every name.
   *
   * @param spelled the decoded, unclipped spelling
   * @param folds whether it was unquoted
   */
  static List<String> otherEncodings(String spelled, boolean folds) {
    boolean ascii = true;
    for (int i = 0; i < spelled.length() && ascii; i++) {
      ascii = spelled.charAt(i) < 0x80;
    }
    if (ascii) {
      return List.of();
    }
    List<String> names = new ArrayList<>();
    String name = folds ? fold(spelled) : spelled;
    addClips(name, names);
    if (folds) {
      StringBuilder lower = new StringBuilder(name);
      for (int i = 0; i < lower.length(); i++) {
        lower.setCharAt(i, Character.toLowerCase(lower.charAt(i)));
      }
      if (!lower.toString().contentEquals(name)) {
        names.add(clip(lower.toString()));
        addClips(lower.toString(), names);
      }
    }
    return names;
  }

  private static void addClips(String name, List<String> names) {
    int shortest = clip(name).length();
    int longest = Math.min(name.length(), MAX_BYTES);
    for (int length = shortest + 1; length <= longest; length++) {
      names.add(name.substring(0, length));
    }
  }
}
