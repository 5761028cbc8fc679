package io.guardedjdbc.analysis;

import java.util.AbstractList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.RandomAccess;

/**
 * The tokens of one text, in order. Kept as columns, because a bulk insert may have millions of
 * them; {@link #get} makes a {@link Token} on demand. Immutable once the lexer has filled it.
 */
public final class TokenList extends AbstractList<Token> implements RandomAccess {
  private TokenKind[] kinds = new TokenKind[64];
  private int[] starts = new int[64];
  private int[] ends = new int[64];
  private String[] values = new String[64];
  private int size;
  private boolean dependsOnConformingStrings;
  private final Map<Integer, List<String>> otherEncodings = new HashMap<>();

  TokenList() {}

  void append(TokenKind kind, int start, int end, String value) {
    if (size == starts.length) {
      int capacity = size + (size >> 1);
      kinds = Arrays.copyOf(kinds, capacity);
      starts = Arrays.copyOf(starts, capacity);
      ends = Arrays.copyOf(ends, capacity);
      values = Arrays.copyOf(values, capacity);
    }
    kinds[size] = kind;
    starts[size] = start;
    ends[size] = end;
    values[size++] = value;
  }

  /** Takes the last token away again: it was looked at ahead of its turn. */
  void removeLastToken() {
    size--;
  }

  /** What the last token is called where the server's encoding is not UTF-8. */
  void addOtherEncodings(List<String> names) {
    if (!names.isEmpty()) {
      otherEncodings.put(size - 1, names);
    }
  }

  /** Further names of the token at this index, for servers whose encoding is not UTF-8. */
  List<String> otherEncodings(int index) {
    return otherEncodings.isEmpty() ? List.of() : otherEncodings.getOrDefault(index, List.of());
  }

  void markDependsOnConformingStrings() {
    dependsOnConformingStrings = true;
  }

  /**
   * Whether another setting of {@code standard_conforming_strings} would give other tokens (a
   * backslash inside a plain literal, or a {@code U&'…'}).
   */
  public boolean dependsOnConformingStrings() {
    return dependsOnConformingStrings;
  }

  @Override
  public Token get(int index) {
    return new Token(kind(index), starts[index], ends[index], values[index]);
  }

  @Override
  public int size() {
    return size;
  }

  TokenKind kind(int index) {
    return kinds[index];
  }

  String value(int index) {
    return values[index];
  }

  int start(int index) {
    return starts[index];
  }

  int end(int index) {
    return ends[index];
  }

  /** Whether the token is exactly this punctuation or operator. */
  boolean isSymbol(int index, String symbol) {
    TokenKind kind = kind(index);
    return (kind == TokenKind.PUNCTUATION || kind == TokenKind.OPERATOR)
        && values[index].equals(symbol);
  }

  /** Whether the token is this word, unquoted (so that it may be a keyword). */
  boolean isWord(int index, String word) {
    return kind(index) == TokenKind.WORD && values[index].equals(word);
  }

  /** The unquoted word at this index, or the empty string where there is none. */
  String word(int index) {
    return index >= 0 && index < size && kind(index) == TokenKind.WORD ? values[index] : "";
  }
}
