package io.guardedjdbc;

import java.sql.DriverManager;
import java.sql.SQLException;

/**
 * The driver behind {@code jdbc:guarded:postgresql:}. Takes every URL form and property of pgjdbc's
 * and those of {@link GuardProperty}. Registered with {@link DriverManager}. Thread-safe.
 */
public final class GuardedDriver extends PrefixDriver {
  static {
    try {
      DriverManager.registerDriver(new GuardedDriver());
    } catch (SQLException e) {
      throw new ExceptionInInitializerError(e);
    }
  }

  /** Drivers have no state; DriverManager and frameworks make them by this. */
  public GuardedDriver() {
    super(GuardedUrl.PREFIX);
  }
}
