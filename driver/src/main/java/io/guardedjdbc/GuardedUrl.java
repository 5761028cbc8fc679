package io.guardedjdbc;

import io.guardedjdbc.error.Refusals;
import java.net.URLDecoder;
import java.nio.charset.StandardCharsets;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Properties;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import org.postgresql.PGProperty;

/**
 * A URL and properties taken apart: what is the guard's, and what pgjdbc gets, unchanged otherwise.
 *
 * @param url pgjdbc's URL, without our parameters
 * @param properties pgjdbc's properties, without ours, defaults included
 * @param guard ours alone
 */
record GuardedUrl(String url, Properties properties, Properties guard) {
  static final String PREFIX = "jdbc:guarded:postgresql:";

  /** What {@code getClientInfo} tells of a connection: applications open another with that. */
  private static final String CLIENT_INFO = "guard.certificates";

  static final String PLAIN_PREFIX = "jdbc:postgresql:";

  /**
   * @param prefix what the URL begins with, to be replaced by pgjdbc's own
   * @throws SQLException RG901 for a guard property that does not exist
   */
  static GuardedUrl parse(String prefix, String text, @Nullable Properties given)
      throws SQLException {
    Properties guard = new Properties();
    Properties rest = new Properties();
    if (given != null) {
      for (String name : given.stringPropertyNames()) {
        String value = given.getProperty(name);
        if (!name.equals(CLIENT_INFO)) {
          (isOurs(name) ? guard : rest).setProperty(name, value);
        }
      }
    }
    String url = PLAIN_PREFIX + text.substring(prefix.length());
    int query = url.indexOf('?');
    if (query >= 0) {
      List<String> kept = new ArrayList<>();
      for (String parameter : url.substring(query + 1).split("&", -1)) {
        int equals = parameter.indexOf('=');
        String name = decode(equals < 0 ? parameter : parameter.substring(0, equals));
        if (isOurs(name)) {
          guard.setProperty(name, equals < 0 ? "" : decode(parameter.substring(equals + 1)));
        } else {
          kept.add(parameter);
        }
      }
      url = withQuery(url.substring(0, query), kept);
    }
    for (String name : guard.stringPropertyNames()) {
      if (GuardProperty.of(name).isEmpty()) {
        throw Refusals.badProperty("there is no property " + name + "; there are: " + known());
      }
    }
    return new GuardedUrl(url, rest, guard);
  }

  /** The same with what is given in place of the URL's user and password; null: the URL's. */
  GuardedUrl as(@Nullable String user, @Nullable String password) throws SQLException {
    GuardedUrl changed = this;
    if (user != null) {
      changed = changed.with(PGProperty.USER.getName(), user);
    }
    return password == null ? changed : changed.with(PGProperty.PASSWORD.getName(), password);
  }

  private GuardedUrl with(String name, String value) throws SQLException {
    Properties changed = new Properties();
    properties
        .stringPropertyNames()
        .forEach(n -> changed.setProperty(n, properties.getProperty(n)));
    changed.setProperty(name, value);
    int query = url.indexOf('?');
    if (query < 0) {
      return new GuardedUrl(url, changed, guard);
    }
    List<String> kept = new ArrayList<>();
    for (String parameter : url.substring(query + 1).split("&", -1)) {
      if (!decode(parameter.split("=", 2)[0]).equals(name)) {
        kept.add(parameter);
      }
    }
    return new GuardedUrl(withQuery(url.substring(0, query), kept), changed, guard);
  }

  private static String withQuery(String url, List<String> parameters) {
    return url + (parameters.isEmpty() ? "" : "?" + String.join("&", parameters));
  }

  private static boolean isOurs(String name) {
    return name.toLowerCase(Locale.ROOT).startsWith(GuardProperty.PREFIX);
  }

  private static String known() {
    return Arrays.stream(GuardProperty.values())
        .map(GuardProperty::key)
        .collect(Collectors.joining(", "));
  }

  private static String decode(String text) throws SQLException {
    try {
      return URLDecoder.decode(text, StandardCharsets.UTF_8);
    } catch (IllegalArgumentException e) {
      if (isOurs(text)) {
        throw Refusals.badProperty("the URL's parameter " + text + " is not URL-encoded");
      }
      return text;
    }
  }
}
