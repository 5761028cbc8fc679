package io.guardedjdbc;

import static io.guardedjdbc.CertifiedStore.READ;
import static io.guardedjdbc.CertifiedStore.ids;
import static io.guardedjdbc.CertifiedStore.run;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.StringWriter;
import java.sql.SQLException;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.postgresql.PGConnection;
import org.postgresql.copy.CopyOut;
import org.postgresql.copy.PGCopyInputStream;
import org.postgresql.util.PSQLException;

/** A COPY that is refused, or given up, once its rows are on their way. */
@Tag("postgres14")
class RefusedCopyTest extends StoreTest {
  RefusedCopyTest() throws SQLException {
    assertThat(ids(connection, READ)).hasSize(3);
  }

  @ParameterizedTest
  @ValueSource(ints = {3, 100_000})
  void leavesNothingOnTheWireForTheNextStatement(int rows) throws SQLException {
    store.admin("INSERT INTO ml.raw SELECT n FROM generate_series(4, " + rows + ") n");
    run(store.admin, "BEGIN; REFRESH MATERIALIZED VIEW ml.store_mv");
    CompletableFuture<Void> revoked = CompletableFuture.runAsync(this::revokeOnceItWaits);
    StringWriter out = new StringWriter();
    assertThatThrownBy(
            () ->
                connection
                    .unwrap(PGConnection.class)
                    .getCopyAPI()
                    .copyOut("COPY (SELECT id FROM ml.store_v) TO STDOUT", out))
        .hasMessageContaining("[RG101]");
    revoked.join();
    assertThat(out.toString()).isEmpty();
    for (int i = 0; i < 3; i++) {
      assertThat(ids(connection, "SELECT " + i)).containsExactly(i);
    }
    store.status("CERTIFIED");
    assertThat(ids(connection, READ)).hasSize(rows);
  }

  @ParameterizedTest
  @ValueSource(ints = {3, 100_000})
  void neitherDoesOneThatTheApplicationEndsEarly(int rows) throws Exception {
    store.admin("INSERT INTO ml.raw SELECT n FROM generate_series(4, " + rows + ") n");
    store.admin("REFRESH MATERIALIZED VIEW ml.store_mv");
    String copy = "COPY (SELECT id FROM ml.store_v) TO STDOUT";
    PGConnection pg = connection.unwrap(PGConnection.class);
    try (PGCopyInputStream stream = new PGCopyInputStream(pg, copy)) {
      assertThat(stream.read()).isPositive();
    }
    CopyOut out = pg.getCopyAPI().copyOut(copy);
    assertThat(out.readFromCopy()).isNotEmpty();
    out.cancelCopy();
    assertThat(out.isActive()).isFalse();
    assertThatThrownBy(out::cancelCopy).isInstanceOf(PSQLException.class);
    for (int i = 0; i < 3; i++) {
      assertThat(ids(connection, "SELECT " + i)).containsExactly(i);
    }
    assertThat(ids(connection, READ)).hasSize(rows);
  }

  private void revokeOnceItWaits() {
    try {
      while (ids(store.admin, "SELECT count(*)::int FROM pg_locks WHERE NOT granted").get(0) == 0) {
        run(store.admin, "SELECT pg_sleep(0.01)");
      }
      store.status("FAILED");
      run(store.admin, "COMMIT");
    } catch (SQLException e) {
      throw new AssertionError(e);
    }
  }
}
