package io.guardedjdbc.refresher;

import io.guardedjdbc.refresher.exit.ExitCode;
import java.lang.reflect.InvocationHandler;
import java.lang.reflect.Method;
import java.lang.reflect.Proxy;

/**
 * Which signal ends this process: a shutdown hook is not told, and what is printed should name the
 * code that the process ends with. By reflection, as the compiler warns of {@code sun.misc} and the
 * platform has nothing else. Where that is not there, every signal counts as SIGINT. Thread-safe.
 */
final class LastSignal {
  private volatile ExitCode code = ExitCode.INTERRUPTED;

  private LastSignal() {}

  /** Notes signals from here on; what they do stays what it was. */
  static LastSignal watch() {
    LastSignal last = new LastSignal();
    try {
      last.note("TERM", ExitCode.TERMINATED);
    } catch (ReflectiveOperationException | IllegalArgumentException e) {
      // another platform, or -Xrs: nobody will know the difference
    }
    return last;
  }

  ExitCode code() {
    return code;
  }

  private void note(String name, ExitCode meaning) throws ReflectiveOperationException {
    Class<?> signalType = Class.forName("sun.misc.Signal");
    Class<?> handlerType = Class.forName("sun.misc.SignalHandler");
    Method handle = signalType.getMethod("handle", signalType, handlerType);
    Method pass = handlerType.getMethod("handle", signalType);
    Object signal = signalType.getConstructor(String.class).newInstance(name);
    Object[] before = new Object[1];
    InvocationHandler noting =
        (proxy, method, arguments) -> {
          if (!method.equals(pass)) {
            return method.invoke(this, arguments);
          }
          code = meaning;
          return pass.invoke(before[0], arguments);
        };
    Object handler =
        Proxy.newProxyInstance(
            LastSignal.class.getClassLoader(), new Class<?>[] {handlerType}, noting);
    before[0] = handle.invoke(null, signal, handler);
  }
}
