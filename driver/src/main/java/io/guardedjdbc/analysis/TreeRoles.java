package io.guardedjdbc.analysis;

import java.util.Collection;
import java.util.EnumSet;
import java.util.HashMap;
import java.util.Map;
import java.util.Set;

/** What a parser made of each tag of a {@link CanonicalText}. */
final class TreeRoles {
  /** The place of one name in the tree. */
  enum Role {
    /** A column, read or written; in attribute notation perhaps a function. */
    COLUMN,
    /** What stands before a point: a schema, or an alias or table of the FROM clause. */
    QUALIFIER,
    /** A name given here: of a column, a table, a common table expression. */
    ALIAS,
    /** A relation. */
    TABLE,
    /** Anything else. */
    OTHER
  }

  private static final Set<Role> NO_RELATION = EnumSet.of(Role.COLUMN, Role.QUALIFIER, Role.ALIAS);
  private static final Set<Role> NO_FUNCTION = EnumSet.of(Role.QUALIFIER, Role.ALIAS, Role.TABLE);

  private final Map<Integer, EnumSet<Role>> roles = new HashMap<>();

  /** Takes note of every tag in a text of the tree; a tag among other words has no clear role. */
  void note(String text, Role role) {
    if (text.indexOf("\"t") < 0) {
      return;
    }
    int whole = CanonicalText.tokenOf(text);
    if (whole >= 0) {
      add(whole, role);
      return;
    }
    int from = 0;
    while ((from = text.indexOf("\"t", from)) >= 0) {
      int end = text.indexOf('"', from + 1);
      int token = end < 0 ? -1 : CanonicalText.tokenOf(text.substring(from, end + 1));
      if (token >= 0) {
        add(token, Role.OTHER);
      }
      from++;
    }
  }

  private void add(int token, Role role) {
    roles.computeIfAbsent(token, unused -> EnumSet.noneOf(Role.class)).add(role);
  }

  /** Whether the parser found this token, and only where no relation is meant. */
  boolean isNoRelation(int token) {
    return only(token, NO_RELATION);
  }

  /** Whether the parser found this token, and only where no function is meant. */
  boolean isNoFunction(int token) {
    return only(token, NO_FUNCTION);
  }

  /** Whether the parser found this token as a relation and nothing else. */
  boolean isTable(int token) {
    return only(token, EnumSet.of(Role.TABLE));
  }

  private boolean only(int token, Collection<Role> allowed) {
    EnumSet<Role> found = roles.get(token);
    return found != null && allowed.containsAll(found);
  }
}
