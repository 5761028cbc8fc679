package io.guardedjdbc.jdbc;

import java.sql.SQLException;
import java.util.ArrayDeque;
import java.util.Deque;
import org.jspecify.annotations.Nullable;
import org.postgresql.copy.CopyOut;

/**
 * A COPY TO that has been read to its end: of a statement that writes, which can be kept or taken
 * back only when it is over. Holds its rows in memory. Not thread-safe, like pgjdbc's.
 */
final class BufferedCopyOut implements CopyOut {
  private final CopyOut over;
  private final Deque<byte[]> rows = new ArrayDeque<>();
  private long handled;
  private boolean active = true;

  /** Reads all that is still to come. */
  BufferedCopyOut(CopyOut copy) throws SQLException {
    this.over = copy;
    for (byte[] row = copy.readFromCopy(); row != null; row = copy.readFromCopy()) {
      rows.add(row);
    }
  }

  @Override
  public byte @Nullable [] readFromCopy() throws SQLException {
    return readFromCopy(true);
  }

  @Override
  public byte @Nullable [] readFromCopy(boolean block) throws SQLException {
    byte[] row = rows.poll();
    if (row == null) {
      active = false;
    } else {
      handled++;
    }
    return row;
  }

  /** One that has ended is pgjdbc's to refuse. */
  @Override
  public void cancelCopy() throws SQLException {
    if (!active) {
      over.cancelCopy();
    }
    rows.clear();
    active = false;
  }

  @Override
  public boolean isActive() {
    return active;
  }

  @Override
  public long getHandledRowCount() {
    return active ? handled : over.getHandledRowCount();
  }

  @Override
  public int getFieldCount() {
    return over.getFieldCount();
  }

  @Override
  public int getFormat() {
    return over.getFormat();
  }

  @Override
  public int getFieldFormat(int field) {
    return over.getFieldFormat(field);
  }
}
