package io.guardedjdbc;

import static io.guardedjdbc.CertifiedStore.READ;
import static io.guardedjdbc.CertifiedStore.ids;
import static io.guardedjdbc.CertifiedStore.run;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.charset.StandardCharsets;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.Arrays;
import java.util.List;
import javax.sql.XAConnection;
import javax.transaction.xa.XAException;
import javax.transaction.xa.XAResource;
import javax.transaction.xa.Xid;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** Guarded reads and copies in branches of distributed transactions, in one phase and in two. */
@Tag("postgres14")
class XaTest {
  private static final String COPY = "INSERT INTO ml.labels SELECT id, 1 FROM ml.store_v";
  private static final String LABELS = "SELECT id FROM ml.labels ORDER BY id";

  private CertifiedStore store;

  @BeforeEach
  void store() throws SQLException {
    store = new CertifiedStore();
  }

  @AfterEach
  void close() throws SQLException {
    store.close();
  }

  private XAConnection open() throws SQLException {
    GuardedXADataSource source = new GuardedXADataSource();
    source.setUrl(store.url());
    source.setProperty(GuardProperty.VALIDATION, "always");
    return source.getXAConnection();
  }

  private record Branch(String name) implements Xid {
    @Override
    public int getFormatId() {
      return 1;
    }

    @Override
    public byte[] getGlobalTransactionId() {
      return name.getBytes(StandardCharsets.UTF_8);
    }

    @Override
    public byte[] getBranchQualifier() {
      return new byte[] {1};
    }
  }

  /** The names of what is prepared in this database. */
  private static List<String> prepared(XAResource resource) throws XAException {
    return Arrays.stream(resource.recover(XAResource.TMSTARTRSCAN | XAResource.TMENDRSCAN))
        .map(xid -> new String(xid.getGlobalTransactionId(), StandardCharsets.UTF_8))
        .toList();
  }

  @Test
  void aPreparedCopyIsKeptByItsCommit() throws Exception {
    XAConnection distributed = open();
    XAResource resource = distributed.getXAResource();
    Branch branch = new Branch(store.database);
    resource.start(branch, XAResource.TMNOFLAGS);
    assertThat(ids(distributed.getConnection(), READ)).hasSize(3);
    run(distributed.getConnection(), COPY);
    resource.end(branch, XAResource.TMSUCCESS);
    assertThat(resource.prepare(branch)).isEqualTo(XAResource.XA_OK);
    assertThat(ids(store.admin, LABELS)).isEmpty();
    assertThat(prepared(resource)).containsExactly(store.database);
    store.status("FAILED"); // What was released is the application's.
    resource.commit(branch, false);
    assertThat(ids(store.admin, LABELS)).containsExactly(1, 2, 3);
    assertThat(prepared(resource)).isEmpty();
    distributed.close();
  }

  @Test
  void whatWasPreparedIsFoundAndRolledBackByAnotherConnection() throws Exception {
    XAConnection first = open();
    Branch branch = new Branch(store.database);
    first.getXAResource().start(branch, XAResource.TMNOFLAGS);
    run(first.getConnection(), COPY);
    first.getXAResource().end(branch, XAResource.TMSUCCESS);
    first.getXAResource().prepare(branch);
    first.close();

    XAConnection second = open();
    XAResource resource = second.getXAResource();
    Xid[] found = resource.recover(XAResource.TMSTARTRSCAN | XAResource.TMENDRSCAN);
    assertThat(found).hasSize(1);
    resource.rollback(found[0]);
    assertThat(prepared(resource)).isEmpty();
    assertThat(ids(store.admin, LABELS)).isEmpty();
    assertThat(ids(second.getConnection(), READ)).hasSize(3);
    second.close();
  }

  @Test
  void aRefusalLeavesItsBranchUsableAndNothingInIt() throws Exception {
    XAConnection distributed = open();
    XAResource resource = distributed.getXAResource();
    Connection connection = distributed.getConnection();
    Branch branch = new Branch(store.database);
    resource.start(branch, XAResource.TMNOFLAGS);
    run(connection, "INSERT INTO ml.labels VALUES (7, 7)");
    assertThat(ids(connection, READ)).hasSize(3); // The look by which the copy is sent.
    store.status("FAILED");
    assertThatThrownBy(() -> run(connection, COPY)).hasMessageContaining("[RG101]");
    assertThatThrownBy(() -> ids(connection, READ)).hasMessageContaining("[RG101]");
    run(connection, "INSERT INTO ml.labels VALUES (8, 8)");
    resource.end(branch, XAResource.TMSUCCESS);
    resource.prepare(branch);
    resource.commit(branch, false);
    assertThat(ids(store.admin, LABELS)).containsExactly(7, 8);
    distributed.close();
  }

  @Test
  void aTransactionThatPrepareEndsHasEndedForTheGuard() throws Exception {
    XAConnection distributed = open();
    XAResource resource = distributed.getXAResource();
    Connection connection = distributed.getConnection();
    run(connection, "SET SESSION CHARACTERISTICS AS TRANSACTION ISOLATION LEVEL REPEATABLE READ");
    for (int i = 0; i < 2; i++) {
      Branch branch = new Branch(store.database + i);
      resource.start(branch, XAResource.TMNOFLAGS);
      run(connection, COPY);
      resource.end(branch, XAResource.TMSUCCESS);
      resource.prepare(branch);
      // A view of the registry that outlived its transaction would refuse the next read.
      store.status("CERTIFIED");
    }
    for (Xid xid : resource.recover(XAResource.TMSTARTRSCAN | XAResource.TMENDRSCAN)) {
      resource.commit(xid, false);
    }
    assertThat(ids(store.admin, LABELS)).hasSize(6);
    distributed.close();
  }

  @Test
  void aTransactionThatAnXaCallEndsHasEndedForTheGuard() throws Exception {
    XAConnection distributed = open();
    XAResource resource = distributed.getXAResource();
    Connection connection = distributed.getConnection();
    run(connection, "SET SESSION CHARACTERISTICS AS TRANSACTION ISOLATION LEVEL REPEATABLE READ");
    for (boolean commits : new boolean[] {true, false, true}) {
      Branch branch = new Branch(store.database + commits);
      resource.start(branch, XAResource.TMNOFLAGS);
      assertThat(ids(connection, READ)).hasSize(3);
      assertThatThrownBy(connection::commit).isInstanceOf(SQLException.class);
      resource.end(branch, XAResource.TMSUCCESS);
      if (commits) {
        resource.commit(branch, true);
      } else {
        resource.rollback(branch);
      }
      // A view of the registry that outlived its transaction would refuse the next read.
      store.status("CERTIFIED");
    }
    distributed.close();
  }

  @Test
  void copiesInADistributedTransactionAreKeptOrTakenBackWithTheirRelease() throws Exception {
    XAConnection distributed = open();
    XAResource resource = distributed.getXAResource();
    Connection connection = distributed.getConnection();
    Branch branch = new Branch(store.database);
    String copy = "INSERT INTO ml.labels SELECT id, 1 FROM ml.store_v";
    resource.start(branch, XAResource.TMNOFLAGS);
    run(connection, copy);
    store.status("FAILED");
    assertThatThrownBy(() -> run(connection, copy)).hasMessageContaining("[RG101]");
    resource.end(branch, XAResource.TMSUCCESS);
    resource.commit(branch, true);
    assertThat(ids(store.admin, "SELECT count(*)::int FROM ml.labels")).containsExactly(3);
    distributed.close();
  }
}
