package io.guardedjdbc.jdbc;

import java.lang.reflect.InvocationHandler;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Method;
import java.lang.reflect.Proxy;
import org.jspecify.annotations.Nullable;
import org.postgresql.core.BaseConnection;

/**
 * A guarded connection in the shape that pgjdbc's XA support is built on. What an application can
 * reach goes through the facade; what only pgjdbc asks goes to its own connection, and the texts
 * that it sends there begin and end transactions.
 */
record PhysicalConnection(GuardedConnection facade) implements InvocationHandler {

  BaseConnection proxy() {
    return (BaseConnection)
        Proxy.newProxyInstance(
            PhysicalConnection.class.getClassLoader(), new Class<?>[] {BaseConnection.class}, this);
  }

  @Override
  public @Nullable Object invoke(Object proxy, Method method, Object @Nullable [] arguments)
      throws Throwable {
    if (method.getName().equals("equals") && arguments != null) {
      return proxy == arguments[0];
    }
    boolean reachable = method.getDeclaringClass().isInstance(facade);
    try {
      return method.invoke(reachable ? facade : facade.delegate, arguments);
    } catch (InvocationTargetException e) {
      throw e.getCause() == null ? e : e.getCause();
    } finally {
      if (method.getName().equals("execSQLUpdate")) {
        facade.guard.transactionEnded();
      }
    }
  }
}
