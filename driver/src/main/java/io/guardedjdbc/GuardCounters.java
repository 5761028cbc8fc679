package io.guardedjdbc;

import io.guardedjdbc.guard.Counted;
import java.lang.management.ManagementFactory;
import javax.management.JMException;
import javax.management.ObjectName;

/** Where the counters of this JVM are. */
public final class GuardCounters {
  /** The name they get in JMX. */
  public static final String OBJECT_NAME = "io.guardedjdbc:type=GuardCounters";

  private GuardCounters() {}

  /** What the guard did in this JVM since it was loaded. Thread-safe; costs nothing until read. */
  public static GuardCountersMXBean ofThisJvm() {
    return Counted.INSTANCE;
  }

  /**
   * Shows them in the platform's MBean server as {@value #OBJECT_NAME}; again is no error. The
   * driver does not do so by itself: it would start JMX in every JVM that connects.
   *
   * @throws JMException where the server refuses
   */
  public static void register() throws JMException {
    ObjectName name = new ObjectName(OBJECT_NAME);
    var server = ManagementFactory.getPlatformMBeanServer();
    if (!server.isRegistered(name)) {
      server.registerMBean(ofThisJvm(), name);
    }
  }
}
