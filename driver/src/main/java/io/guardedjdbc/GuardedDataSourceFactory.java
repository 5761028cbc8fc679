package io.guardedjdbc;

import java.util.Collections;
import java.util.Hashtable;
import java.util.Map;
import java.util.TreeMap;
import javax.naming.Context;
import javax.naming.Name;
import javax.naming.RefAddr;
import javax.naming.Reference;
import javax.naming.spi.ObjectFactory;
import org.jspecify.annotations.Nullable;

/** Makes the data sources of this package from what a naming service has kept. Thread-safe. */
public final class GuardedDataSourceFactory implements ObjectFactory {
  /** Naming services make it by this. */
  public GuardedDataSourceFactory() {}

  /** Null for what is no reference of {@code getReference}. */
  @Override
  public @Nullable Object getObjectInstance(
      @Nullable Object kept,
      @Nullable Name name,
      @Nullable Context context,
      @Nullable Hashtable<?, ?> environment) {
    if (!(kept instanceof Reference reference)) {
      return null;
    }
    PropertiesDataSource source = empty(reference.getClassName());
    if (source != null) {
      Map<String, String> values = new TreeMap<>();
      for (RefAddr address : Collections.list(reference.getAll())) {
        values.put(address.getType(), String.valueOf(address.getContent()));
      }
      source.restore(values);
    }
    return source;
  }

  private static @Nullable PropertiesDataSource empty(String type) {
    if (type.equals(GuardedDataSource.class.getName())) {
      return new GuardedDataSource();
    }
    if (type.equals(GuardedConnectionPoolDataSource.class.getName())) {
      return new GuardedConnectionPoolDataSource();
    }
    return type.equals(GuardedXADataSource.class.getName()) ? new GuardedXADataSource() : null;
  }
}
