package io.guardedjdbc.refresher.run;

import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Method;
import java.lang.reflect.Proxy;
import org.jspecify.annotations.Nullable;

/** JDBC objects whose every call passes through a test's hands. */
final class Intercepted {
  private Intercepted() {}

  @FunctionalInterface
  interface Call {
    @Nullable Object of(Method method, Object[] args) throws Throwable;
  }

  static <T> T proxy(Class<T> type, Call call) {
    return type.cast(
        Proxy.newProxyInstance(
            Intercepted.class.getClassLoader(),
            new Class<?>[] {type},
            (proxy, method, args) ->
                switch (method.getName()) {
                  case "hashCode" -> System.identityHashCode(proxy);
                  case "equals" -> proxy == args[0];
                  default -> call.of(method, args);
                }));
  }

  /** Passes a call on, with the exception that it had there. */
  static @Nullable Object call(Object target, Method method, Object[] args) throws Throwable {
    try {
      return method.invoke(target, args);
    } catch (InvocationTargetException e) {
      throw e.getCause();
    }
  }
}
