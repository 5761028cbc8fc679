package io.guardedjdbc.registry;

import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Duration;
import java.time.Instant;
import java.util.HashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * The query that reads the registry with the server's clock and identity, and how its rows become
 * certificates. Every name in it is qualified, so that no {@code search_path} can answer for the
 * server. Immutable.
 */
public final class RegistryRead {
  private static final int TIME = 2;
  private static final int IDENTITY = 3;
  private static final int ROW = 9;
  private static final long MICROS_PER_SECOND = 1_000_000;
  private static final long NANOS_PER_MICRO = 1_000;

  private final RegistryColumns columns;
  private final String from;
  private final String sql;

  RegistryRead(RegistryColumns columns, String from) {
    this.columns = columns;
    this.from = from;
    this.sql =
        "SELECT '"
            + from.replace("'", "''")
            + "'::pg_catalog.text, "
            + RegistryColumns.micros("pg_catalog.clock_timestamp()")
            + ", "
            + ServerIdentity.COLUMNS
            + ", "
            + columns.selectList()
            + " FROM (SELECT 1) one LEFT JOIN "
            + from
            + " c ON true";
  }

  /** One statement without parameters; one row at least. */
  public String sql() {
    return sql;
  }

  /**
   * Reads what {@link #sql} returned.
   *
   * @param sent the reader's clocks before the query was sent
   * @throws SQLException where a row is none of this query: behind a pooler, the name of a kept
   *     statement may stand for another's
   */
  public Look read(ResultSet rows, Stamp sent) throws SQLException {
    Instant serverTime = null;
    ServerIdentity server = null;
    Map<String, Certificate> certificates = new HashMap<>();
    while (rows.next()) {
      if (server == null) {
        requireOwn(rows);
        serverTime = instant(rows.getString(TIME));
        server = ServerIdentity.read(rows, IDENTITY);
      }
      String entrypoint = rows.getString(ROW);
      if (entrypoint != null) {
        Certificate certificate = certificate(rows, entrypoint);
        certificates.merge(entrypoint, certificate, RegistryRead::ambiguous);
      }
    }
    if (serverTime == null || server == null) {
      throw new SQLException("the registry's query returned no row", "02000");
    }
    return new Look(sent, serverTime, server, certificates);
  }

  private void requireOwn(ResultSet row) throws SQLException {
    if (!from.equals(row.getString(1))) {
      throw new SQLException("the registry's query returned the rows of another", "26000");
    }
  }

  private Certificate certificate(ResultSet row, String entrypoint) throws SQLException {
    String status = row.getString(ROW + 1);
    String certifiedAt = row.getString(ROW + 2);
    String number = row.getString(ROW + 3);
    String chain = row.getString(ROW + 4);
    long id = number == null ? -1 : Long.parseLong(number);
    Duration lease = millis(row.getString(ROW + 8));
    return new Certificate(
        entrypoint,
        status == null ? "" : status.strip(),
        columns == RegistryColumns.RUNBOOK
            ? row.getString(ROW + 11) + "@" + certifiedAt
            : String.valueOf(number),
        id,
        chain == null ? id : Long.parseLong(chain),
        instant(certifiedAt),
        instant(row.getString(ROW + 5)),
        millis(row.getString(ROW + 6)),
        millis(row.getString(ROW + 7)),
        lease == null || lease.isNegative() ? Duration.ZERO : lease,
        row.getString(ROW + 9),
        row.getString(ROW + 10),
        row.getString(ROW + 12),
        millis(row.getString(ROW + 13)));
  }

  /** Two rows for one entrypoint: neither can be believed. */
  private static Certificate ambiguous(Certificate one, Certificate other) {
    return new Certificate(
        one.entrypoint(),
        "AMBIGUOUS",
        one.id() + "," + other.id(),
        -1,
        -1,
        null,
        null,
        null,
        null,
        Duration.ZERO,
        null,
        one.store(),
        null);
  }

  private static @Nullable Instant instant(@Nullable String micros) {
    if (micros == null) {
      return null;
    }
    long value = Long.parseLong(micros);
    return Instant.ofEpochSecond(
        Math.floorDiv(value, MICROS_PER_SECOND),
        Math.floorMod(value, MICROS_PER_SECOND) * NANOS_PER_MICRO);
  }

  private static @Nullable Duration millis(@Nullable String millis) {
    return millis == null ? null : Duration.ofMillis(Long.parseLong(millis));
  }
}
