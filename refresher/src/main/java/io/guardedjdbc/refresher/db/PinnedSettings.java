package io.guardedjdbc.refresher.db;

import java.sql.SQLException;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.Map;

/**
 * The settings that decide which rows a refresh stores and how they hash, set by every session of
 * the refresher whatever role, database or JVM say. They are part of the run's record.
 */
public final class PinnedSettings {
  private static final int TRANSACTION_TIMEOUT_SINCE = 170_000;
  private static final String CONNECTION_CHECK = "2s";
  private static final String INVALID_PARAMETER_VALUE = "22023";

  private final Map<String, String> values;

  private PinnedSettings(Map<String, String> values) {
    this.values = values;
  }

  /**
   * Settings for one store's work.
   *
   * @param statementTimeout how long one statement may take; zero: no limit
   */
  public static PinnedSettings of(
      String timeZone, Duration lockTimeout, Duration statementTimeout, int serverVersion) {
    Map<String, String> values = new LinkedHashMap<>();
    values.put("TimeZone", timeZone);
    values.put("DateStyle", "ISO, MDY");
    values.put("IntervalStyle", "postgres");
    values.put("extra_float_digits", "1");
    values.put("bytea_output", "hex");
    values.put("xmloption", "content");
    // How texts of functions are read, ours among them, and how the server spells names.
    values.put("standard_conforming_strings", "on");
    values.put("quote_all_identifiers", "off");
    values.put("search_path", "pg_catalog, pg_temp");
    values.put("row_security", "off");
    values.put("default_transaction_isolation", "read committed");
    values.put("default_transaction_read_only", "off");
    values.put("default_transaction_deferrable", "off");
    values.put("synchronous_commit", "on");
    values.put("statement_timeout", statementTimeout.toMillis() + "ms");
    values.put("idle_in_transaction_session_timeout", "0");
    values.put("idle_session_timeout", "0");
    values.put("lock_timeout", lockTimeout.toMillis() + "ms");
    values.put("client_min_messages", "warning");
    if (serverVersion >= TRANSACTION_TIMEOUT_SINCE) {
      values.put("transaction_timeout", "0");
    }
    return new PinnedSettings(values);
  }

  /** The settings by name. */
  public Map<String, String> values() {
    return Map.copyOf(values);
  }

  /** Sets them for the session, in one round trip. */
  public void applyTo(Session session) throws SQLException {
    StringBuilder calls = new StringBuilder("SELECT ");
    String separator = "";
    for (int i = 0; i < values.size(); i++) {
      calls.append(separator).append("pg_catalog.set_config(?, ?, false)");
      separator = ", ";
    }
    Object[] arguments =
        values.entrySet().stream()
            .flatMap(entry -> java.util.stream.Stream.of(entry.getKey(), entry.getValue()))
            .toArray();
    session.first(calls.toString(), row -> row.getString(1), arguments);
    noticeWhenWeAreGone(session);
  }

  /**
   * A backend at work looks at its connection every now and then: when this process was killed, its
   * statement ends and lets go of its locks. Not every platform can, and then it ends as it did
   * before there was such a setting: when the statement is over.
   */
  private static void noticeWhenWeAreGone(Session session) throws SQLException {
    try {
      session.text(
          "SELECT pg_catalog.set_config('client_connection_check_interval', ?, false)",
          CONNECTION_CHECK);
    } catch (SQLException e) {
      if (!INVALID_PARAMETER_VALUE.equals(e.getSQLState())) {
        throw e;
      }
    }
  }
}
