package io.guardedjdbc;

/**
 * The same guard behind pgjdbc's own URLs, {@code jdbc:postgresql:}, for tools that choose their
 * SQL dialect by the URL's prefix, such as Spark and Flyway: to be named there as the driver class.
 * Never registered with {@link java.sql.DriverManager} by itself, where it would stand beside
 * pgjdbc for every plain URL. Thread-safe.
 */
public final class GuardedPlainUrlDriver extends PrefixDriver {
  /** Drivers have no state; tools make them by this. */
  public GuardedPlainUrlDriver() {
    super(GuardedUrl.PLAIN_PREFIX);
  }
}
