package io.guardedjdbc.jdbc;

import java.io.ByteArrayInputStream;
import java.io.InputStream;
import java.io.Reader;
import java.io.StringReader;
import java.math.BigDecimal;
import java.net.URI;
import java.net.URL;
import java.sql.Date;
import java.sql.Time;
import java.sql.Timestamp;
import java.util.Calendar;
import java.util.List;
import java.util.Map;
import java.util.Properties;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import org.postgresql.largeobject.LargeObjectManager;

/**
 * A value of each type that the interfaces use, as argument or as result. Where a type allows it,
 * each is another one, so that swapped arguments show.
 */
final class Samples {
  private static final Map<Class<?>, Supplier<Object>> BY_TYPE =
      Map.ofEntries(
          Map.entry(boolean.class, () -> next() % 2 == 0),
          Map.entry(char.class, () -> (char) next()),
          Map.entry(byte.class, () -> (byte) next()),
          Map.entry(short.class, () -> (short) next()),
          Map.entry(int.class, Samples::next),
          Map.entry(long.class, () -> (long) next()),
          Map.entry(float.class, () -> (float) next()),
          Map.entry(double.class, () -> (double) next()),
          Map.entry(Object.class, () -> List.of(next())),
          Map.entry(String.class, () -> "text " + next()),
          Map.entry(BigDecimal.class, () -> new BigDecimal("7.8")),
          Map.entry(Date.class, () -> new Date(9)),
          Map.entry(Time.class, () -> new Time(10)),
          Map.entry(Timestamp.class, () -> new Timestamp(11)),
          Map.entry(Calendar.class, Calendar::getInstance),
          Map.entry(Properties.class, Properties::new),
          Map.entry(InputStream.class, () -> new ByteArrayInputStream(new byte[] {12})),
          Map.entry(Reader.class, () -> new StringReader("13")),
          Map.entry(URL.class, Samples::url),
          Map.entry(Class.class, () -> String.class));

  /** Above every constant of JDBC. */
  private static final AtomicInteger LAST = new AtomicInteger(3000);

  private Samples() {}

  private static int next() {
    return LAST.incrementAndGet();
  }

  /** A sample; null for {@code void} and for a class of pgjdbc's that needs a connection. */
  static @Nullable Object of(Class<?> type) {
    if (type == void.class || type == LargeObjectManager.class) {
      return null;
    }
    Supplier<Object> known = BY_TYPE.get(type);
    if (known != null) {
      return known.get();
    }
    if (type.isArray()) {
      Object array = java.lang.reflect.Array.newInstance(type.getComponentType(), 1);
      java.lang.reflect.Array.set(array, 0, of(type.getComponentType()));
      return array;
    }
    if (type.isEnum()) {
      return type.getEnumConstants()[0];
    }
    if (type.isInterface()) {
      return new Recording().as(type);
    }
    throw new AssertionError("Samples knows no value of " + type + ": add one");
  }

  private static Object url() {
    try {
      return URI.create("http://localhost/").toURL();
    } catch (java.net.MalformedURLException e) {
      throw new AssertionError(e);
    }
  }
}
