package io.guardedjdbc.guard;

import java.sql.SQLWarning;

/** What is told why it would have been refused, where the guard only observes. */
@FunctionalInterface
public interface Warned {
  /** It goes out with this warning. */
  void warned(SQLWarning warning);
}
