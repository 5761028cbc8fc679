package io.guardedjdbc.guard;

import com.github.benmanes.caffeine.cache.Cache;
import com.github.benmanes.caffeine.cache.Caffeine;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * What {@code guard.mode=observe} saw last, for all connections to one server: one line a change,
 * none a statement. Thread-safe.
 */
final class Observations {
  private static final Logger LOG = LoggerFactory.getLogger("io.guardedjdbc.guard");
  private static final int MAX_SUBJECTS = 10_000;

  private final Cache<String, String> states =
      Caffeine.newBuilder().maximumSize(MAX_SUBJECTS).executor(Runnable::run).build();

  /**
   * Logs it where it is another state than the last.
   *
   * @param subject what was read
   * @param state why it would be refused; empty: it is covered
   * @param message the refusal's; not used where there is none
   * @return whether it was logged
   */
  boolean saw(String subject, String state, String message) {
    @Nullable String before = states.asMap().put(subject, state);
    if (state.equals(before == null ? "" : before)) {
      return false;
    }
    if (state.isEmpty()) {
      LOG.info("{} would be released again", subject);
    } else {
      LOG.warn("{}", message);
    }
    return true;
  }
}
