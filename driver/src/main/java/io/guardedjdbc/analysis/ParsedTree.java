package io.guardedjdbc.analysis;

import java.lang.reflect.Array;
import java.lang.reflect.Field;
import java.lang.reflect.Modifier;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Collections;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import net.sf.jsqlparser.expression.Alias;
import net.sf.jsqlparser.parser.CCJSqlParser;
import net.sf.jsqlparser.parser.CCJSqlParserConstants;
import net.sf.jsqlparser.parser.CCJSqlParserUtil;
import net.sf.jsqlparser.parser.Node;
import net.sf.jsqlparser.schema.Column;
import net.sf.jsqlparser.schema.Table;
import net.sf.jsqlparser.statement.Statement;
import net.sf.jsqlparser.statement.select.AllTableColumns;
import org.jspecify.annotations.Nullable;

/**
 * Lets JSqlParser read a {@link CanonicalText} and tells what it made of each tag. The only class
 * that knows JSqlParser, which reads another language than PostgreSQL: what it says is never enough
 * by itself (see {@link Narrower}).
 *
 * <p>The tree is walked by reflection, field by field, so that no place is forgotten. A tag that
 * the walk does not meet has no role, and an object that is neither of the model nor a known value
 * ends the attempt.
 */
final class ParsedTree {
  private static final String MODEL = packageAbove(Statement.class);

  /** Fields of each class of the model, of all its superclasses too. */
  private static final ClassValue<List<Field>> FIELDS =
      new ClassValue<>() {
        @Override
        protected List<Field> computeValue(Class<?> type) {
          List<Field> fields = new ArrayList<>();
          for (Class<?> c = type; c != null && c != Object.class; c = c.getSuperclass()) {
            for (Field field : c.getDeclaredFields()) {
              if (!Modifier.isStatic(field.getModifiers()) && !field.getType().isPrimitive()) {
                field.setAccessible(true);
                fields.add(field);
              }
            }
          }
          return fields;
        }
      };

  private final TreeRoles roles = new TreeRoles();
  private final Set<Object> seen = Collections.newSetFromMap(new IdentityHashMap<>());
  private final Set<Object> qualifiers = Collections.newSetFromMap(new IdentityHashMap<>());

  private ParsedTree() {}

  /**
   * Parses on the caller's thread. Empty on any trouble whatever: no parse, text left over, an
   * unknown object, stack exhausted.
   */
  static Optional<TreeRoles> read(String canonical) {
    try {
      CCJSqlParser parser =
          CCJSqlParserUtil.newParser(canonical)
              .withAllowComplexParsing(true)
              .withSquareBracketQuotation(false);
      Statement statement = parser.Statement();
      boolean whole = parser.getToken(1).kind == CCJSqlParserConstants.EOF;
      if (statement == null || !whole || !parser.getParseErrors().isEmpty()) {
        return Optional.empty();
      }
      ParsedTree tree = new ParsedTree();
      tree.visit(statement, TreeRoles.Role.OTHER);
      return Optional.of(tree.roles);
    } catch (Throwable e) {
      return Optional.empty();
    }
  }

  private void visit(Object value, TreeRoles.Role role) throws IllegalAccessException {
    if (value instanceof String text) {
      roles.note(text, role);
    } else if (value instanceof Collection<?> values) {
      for (Object each : values) {
        visitNullable(each, role);
      }
    } else if (value instanceof Map<?, ?> map) {
      visit(map.keySet(), TreeRoles.Role.OTHER);
      visit(map.values(), TreeRoles.Role.OTHER);
    } else if (value instanceof Map.Entry<?, ?> entry) { // of col -> 'key' and its like
      visitNullable(entry.getKey(), TreeRoles.Role.OTHER);
      visitNullable(entry.getValue(), TreeRoles.Role.OTHER);
    } else if (value instanceof Optional<?> optional) {
      visitNullable(optional.orElse(null), role);
    } else if (value.getClass().isArray()) {
      if (!value.getClass().getComponentType().isPrimitive()) {
        for (int i = 0; i < Array.getLength(value); i++) {
          visitNullable(Array.get(value, i), role);
        }
      }
    } else if (!isPlainValue(value)) {
      visitModel(value, role);
    }
  }

  private void visitNullable(@Nullable Object value, TreeRoles.Role role)
      throws IllegalAccessException {
    if (value != null) {
      visit(value, role);
    }
  }

  private static boolean isPlainValue(Object value) {
    return value instanceof Enum
        || value instanceof Number
        || value instanceof Boolean
        || value instanceof Character
        || value instanceof java.util.Date
        || value instanceof CharSequence
        || value instanceof Node;
  }

  /** Visits an object of the model; {@code role} counts where it is a Table. */
  private void visitModel(Object value, TreeRoles.Role role) throws IllegalAccessException {
    Class<?> type = value.getClass();
    if (!type.getName().startsWith(MODEL)) {
      throw new IllegalAccessException("unknown object in the tree");
    }
    boolean qualifier = role == TreeRoles.Role.QUALIFIER;
    if (!(qualifier ? qualifiers : seen).add(value)) {
      return;
    }
    for (Field field : FIELDS.get(type)) {
      Object part = field.get(value);
      if (part != null) {
        visit(part, roleOf(value, field, part, qualifier));
      }
    }
  }

  private static TreeRoles.Role roleOf(
      Object owner, Field field, Object part, boolean ownerQualifies) {
    if (part instanceof Table && (owner instanceof Column || owner instanceof AllTableColumns)) {
      return TreeRoles.Role.QUALIFIER;
    }
    if (owner instanceof Column && field.getName().equals("columnName")) {
      return TreeRoles.Role.COLUMN;
    }
    if (owner instanceof Table && field.getName().equals("partItems")) {
      return ownerQualifies ? TreeRoles.Role.QUALIFIER : TreeRoles.Role.TABLE;
    }
    boolean names = field.getName().equals("name");
    if (names && (owner instanceof Alias || owner instanceof Alias.AliasColumn)) {
      return TreeRoles.Role.ALIAS;
    }
    return TreeRoles.Role.OTHER;
  }

  private static String packageAbove(Class<?> type) {
    String name = type.getPackageName();
    return name.substring(0, name.lastIndexOf('.') + 1);
  }
}
