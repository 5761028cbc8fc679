package io.guardedjdbc.jdbc;

import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Method;
import java.lang.reflect.Modifier;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.Objects;
import java.util.Set;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * Holds a facade to its promise on the running JDK: every method of its interfaces, default methods
 * included, arrives at the delegate with the same arguments, and what the delegate gives or throws
 * comes back. What may differ is listed by the caller.
 *
 * @param interfaces all that the facade implements; the delegate implements them, too
 * @param facade makes the facade of a delegate
 * @param decided methods that are decided on: the call arrives among others, its result may be
 *     wrapped
 * @param ours methods that have an answer of their own, and tests of their own
 */
record DelegationContract(
    List<Class<?>> interfaces,
    Function<Object, Object> facade,
    Set<String> decided,
    Set<String> ours) {

  /** All breaches, one line each; empty: the contract holds. */
  List<String> breaches() {
    var breaches = new ArrayList<String>();
    for (Method method : methods()) {
      if (!ours.contains(method.getName())) {
        check(method, breaches);
      }
    }
    return breaches;
  }

  /** How many methods are driven. */
  long driven() {
    return methods().stream().filter(method -> !ours.contains(method.getName())).count();
  }

  /** Names listed as decided or ours that no interface has: the lists must not outlive a method. */
  List<String> stale() {
    var names = new ArrayList<String>(decided);
    names.addAll(ours);
    methods().forEach(method -> names.remove(method.getName()));
    return names;
  }

  private List<Method> methods() {
    return interfaces.stream()
        .flatMap(type -> Arrays.stream(type.getMethods()))
        .filter(method -> !Modifier.isStatic(method.getModifiers()))
        .sorted(Comparator.comparing(Recording.Call::signature))
        .toList();
  }

  private void check(Method method, List<String> breaches) {
    var recording = new Recording();
    Object ours = facade.apply(recording.as(interfaces.toArray(Class<?>[]::new)));
    String name =
        method.getDeclaringClass().getSimpleName() + "." + Recording.Call.signature(method);
    if (isLeftToTheInterface(ours, method)) {
      breaches.add(name + " is unknown to the generator: raise its release, or guard it by hand");
      return;
    }
    Object[] arguments =
        Arrays.stream(method.getParameterTypes()).map(Samples::of).toArray(Object[]::new);
    Object result = Outcome.of(ours, method, arguments).result();
    recording.calls.stream()
        .filter(call -> call.signature().equals(Recording.Call.signature(method)))
        .findFirst()
        .ifPresentOrElse(
            call -> compare(name, recording, call, arguments, result, breaches),
            () -> breaches.add(name + " does not arrive"));
    fail(name, method, arguments, breaches);
  }

  private static boolean isLeftToTheInterface(Object facade, Method method) {
    try {
      return facade
          .getClass()
          .getMethod(method.getName(), method.getParameterTypes())
          .getDeclaringClass()
          .isInterface();
    } catch (NoSuchMethodException e) {
      throw new AssertionError(e);
    }
  }

  private void compare(
      String name,
      Recording recording,
      Recording.Call call,
      Object[] arguments,
      @Nullable Object result,
      List<String> breaches) {
    boolean isDecided = decided.contains(call.method().getName());
    if (!isDecided && recording.calls.size() != 1) {
      breaches.add(name + " makes " + recording.calls.size() + " calls");
    }
    for (int i = 0; i < arguments.length; i++) {
      if (!same(arguments[i], call.arguments().get(i))) {
        breaches.add(name + " changes argument " + (i + 1));
      }
    }
    Object given = recording.answers.get(call.signature());
    if (!same(given, result) && !same(given, delegateOf(result))) {
      breaches.add(name + " gives " + result + ", not " + given);
    }
  }

  /** Primitives are boxed anew on their way; all else must be the same instance. */
  private static boolean same(@Nullable Object left, @Nullable Object right) {
    boolean isBoxed = left instanceof Number || left instanceof Boolean;
    return left == right || (isBoxed && Objects.equals(left, right));
  }

  private static @Nullable Object delegateOf(@Nullable Object result) {
    if (result instanceof DelegatingStatement statement) {
      return statement.delegate;
    }
    if (result instanceof DelegatingDatabaseMetaData metaData) {
      return metaData.delegate;
    }
    if (result instanceof DelegatingArray array) {
      return array.delegate;
    }
    return result instanceof ResultSet rows && rows instanceof DelegatingResultSet facade
        ? facade.delegate
        : null;
  }

  private void fail(String name, Method method, Object[] arguments, List<String> breaches) {
    boolean throwsSql = Arrays.asList(method.getExceptionTypes()).contains(SQLException.class);
    Throwable failure = throwsSql ? new SQLException("no") : new IllegalStateException("no");
    var recording = new Recording();
    Object ours = facade.apply(recording.as(interfaces.toArray(Class<?>[]::new)));
    recording.failure = failure;
    if (Outcome.of(ours, method, arguments).thrown() != failure) {
      breaches.add(name + " does not pass on the exception");
    }
  }

  private record Outcome(@Nullable Object result, @Nullable Throwable thrown) {
    static Outcome of(Object facade, Method method, Object[] arguments) {
      try {
        return new Outcome(method.invoke(facade, arguments), null);
      } catch (InvocationTargetException e) {
        return new Outcome(null, Objects.requireNonNull(e.getCause()));
      } catch (IllegalAccessException e) {
        throw new AssertionError(e);
      }
    }
  }
}
