package io.guardedjdbc.jdbc;

import java.lang.reflect.Method;
import java.lang.reflect.Proxy;
import java.sql.Connection;
import java.sql.ResultSet;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** A delegate that records each call, and answers with a sample of the type that is asked for. */
final class Recording {

  /** One call as it arrived. */
  record Call(Method method, List<@Nullable Object> arguments) {
    /** Name and parameter types, as the contract lists them. */
    String signature() {
      return signature(method);
    }

    static String signature(Method method) {
      return method.getName()
          + Arrays.toString(
              Arrays.stream(method.getParameterTypes()).map(Class::getSimpleName).toArray());
    }
  }

  final List<Call> calls = new ArrayList<>();
  final Map<String, @Nullable Object> answers = new HashMap<>();
  @Nullable Throwable failure;

  /** A connection that reports to this recording. */
  Connection connection() {
    return (Connection) as(Connection.class);
  }

  /** An object of all these interfaces that reports to this recording. */
  Object as(Class<?>... interfaces) {
    return Proxy.newProxyInstance(
        Recording.class.getClassLoader(),
        interfaces,
        (proxy, method, given) -> answer(proxy, method, given));
  }

  private @Nullable Object answer(Object proxy, Method method, Object @Nullable [] given)
      throws Throwable {
    if (method.getDeclaringClass() == Object.class) {
      return switch (method.getName()) {
        case "equals" -> given != null && proxy == given[0];
        case "hashCode" -> System.identityHashCode(proxy);
        default -> "recording";
      };
    }
    var call = new Call(method, given == null ? List.of() : Arrays.asList(given));
    calls.add(call);
    if (failure != null) {
      throw failure;
    }
    return answers.computeIfAbsent(call.signature(), signature -> result(method));
  }

  private static @Nullable Object result(Method method) {
    // A recording result set can be updated, so that the routes of updates are taken.
    return method.getName().equals("getConcurrency")
        ? ResultSet.CONCUR_UPDATABLE
        : Samples.of(method.getReturnType());
  }
}
