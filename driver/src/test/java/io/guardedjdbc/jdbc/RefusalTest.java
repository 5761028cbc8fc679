package io.guardedjdbc.jdbc;

import static io.guardedjdbc.jdbc.FakeGuard.Answer.REFUSE_AFTER;
import static io.guardedjdbc.jdbc.FakeGuard.Answer.REFUSE_BEFORE;
import static io.guardedjdbc.jdbc.FakeGuard.Answer.RELEASE;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowable;

import io.guardedjdbc.error.GuardRefusal;
import java.io.StringReader;
import java.nio.charset.StandardCharsets;
import java.sql.CallableStatement;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.sql.Types;
import java.time.Duration;
import java.util.ArrayList;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Executor;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.postgresql.PGConnection;
import org.postgresql.fastpath.FastpathArg;

/** What a refusal leaves behind: nothing to read, and a connection that works. */
class RefusalTest {
  /** The common pool has one thread on two cores, and one of ours may block it. */
  private static final Executor OWN_THREAD = task -> new Thread(task).start();

  private static final String SELECT = "select label from secret";
  private static String database = "";
  private Session session = new Session(new FakeGuard(), new Recording().connection());

  @BeforeAll
  static void fill() throws SQLException {
    database = Session.database();
  }

  @BeforeEach
  void open() throws SQLException {
    session = Session.open(database);
  }

  @AfterEach
  void close() throws SQLException {
    session.close();
  }

  @Test
  void nothingOfARefusedExecutionCanBeRead() throws SQLException {
    session.answering(REFUSE_AFTER);
    Statement statement = session.statement();
    String sql = "select shout() /* secret */; update plain set id = id; " + SELECT;
    assertThatThrownBy(() -> statement.execute(sql)).isInstanceOf(GuardRefusal.class);
    assertThat(statement.getResultSet()).isNull();
    assertThat(statement.getUpdateCount()).isEqualTo(-1);
    assertThat(statement.getLargeUpdateCount()).isEqualTo(-1);
    assertThat(statement.getMoreResults()).isFalse();
    assertThat(statement.getMoreResults(Statement.KEEP_CURRENT_RESULT)).isFalse();
    assertThat((Object) statement.getWarnings()).isNull();
    assertThat(statement.getGeneratedKeys().next()).isFalse();
    assertThat((Object) session.connection().getWarnings()).isNull();
  }

  @Test
  void generatedKeysOfARefusedExecutionAreEmpty() throws SQLException {
    session.answering(REFUSE_AFTER);
    Statement statement = session.statement();
    assertThatThrownBy(
            () ->
                statement.executeUpdate(
                    "update secret set id = id", Statement.RETURN_GENERATED_KEYS))
        .isInstanceOf(GuardRefusal.class);
    ResultSet keys = statement.getGeneratedKeys();
    assertThat(keys.next()).isFalse();
    assertThat(keys.getStatement()).isSameAs(statement);
  }

  @Test
  void outParametersOfARefusedCallAreTheRefusal() throws SQLException {
    CallableStatement call = session.connection().prepareCall("{? = call peek()}");
    call.registerOutParameter(1, Types.VARCHAR);
    call.execute();
    assertThat(call.getString(1)).isEqualTo("LEAK");
    session.answering(REFUSE_AFTER);
    Throwable refusal = catchThrowable(call::execute);
    assertThat(refusal).isInstanceOf(GuardRefusal.class);
    assertThatThrownBy(() -> call.getString(1)).isSameAs(refusal);
    assertThatThrownBy(() -> call.getObject(1)).isSameAs(refusal);
    session.answering(REFUSE_BEFORE);
    assertThatThrownBy(call::execute).isInstanceOf(GuardRefusal.class);
    assertThatThrownBy(() -> call.getString(1)).isInstanceOf(GuardRefusal.class);
  }

  @Test
  void theStatementWorksAgainOnceReleased() throws SQLException {
    PreparedStatement statement = session.connection().prepareStatement(SELECT);
    session.answering(REFUSE_AFTER);
    assertThatThrownBy(statement::executeQuery).isInstanceOf(GuardRefusal.class);
    session.answering(RELEASE);
    ResultSet rows = statement.executeQuery();
    rows.next();
    assertThat(rows.getString(1)).isEqualTo("LEAK");
    assertThat(statement.getResultSet()).isSameAs(rows);
  }

  @Test
  void aRefusalBeforeSendingClosesTheResultBefore() throws SQLException {
    PreparedStatement statement = session.connection().prepareStatement(SELECT);
    ResultSet before = statement.executeQuery();
    session.answering(REFUSE_BEFORE);
    assertThatThrownBy(statement::executeQuery).isInstanceOf(GuardRefusal.class);
    assertThat(before.isClosed()).isTrue();
    assertThat(statement.getResultSet()).isNull();
  }

  @Test
  void aRefusalBeforeSendingLeavesAnOpenTransactionUsable() throws SQLException {
    Connection connection = session.answering(REFUSE_BEFORE).connection();
    connection.setAutoCommit(false);
    session.value("select 1");
    assertThatThrownBy(() -> session.value(SELECT)).isInstanceOf(GuardRefusal.class);
    assertThat(session.value("select 2")).isEqualTo("2");
  }

  @Test
  void aCursorThatIsRefusedIsNotFetched() throws SQLException {
    session.connection().setAutoCommit(false);
    ResultSet rows = session.statement().executeQuery("select open_cursor()");
    rows.next();
    session.answering(REFUSE_BEFORE);
    assertThatThrownBy(() -> rows.getObject(1)).isInstanceOf(GuardRefusal.class);
    session.answering(RELEASE);
    ResultSet fetched = (ResultSet) rows.getObject(1);
    assertThat(fetched.next()).as("its rows are still there").isTrue();
  }

  @Test
  void aRefreshedRowThatIsRefusedTakesItsRowsAlong() throws SQLException {
    ResultSet rows = updatable("select id, label from secret");
    session.answering(REFUSE_AFTER);
    assertThatThrownBy(rows::refreshRow).isInstanceOf(GuardRefusal.class);
    assertThat(rows.isClosed()).isTrue();
  }

  @Test
  void rowsAreWrittenOnlyWhereTheirTextIsReleased() throws SQLException {
    ResultSet free = updatable("select id, label from plain");
    free.updateString(2, "changed");
    free.updateRow();
    assertThat(session.value("select label from plain")).isEqualTo("changed");

    ResultSet rows = updatable("select id, label from secret");
    session.answering(REFUSE_BEFORE);
    rows.updateString(2, "changed");
    assertThatThrownBy(rows::updateRow).isInstanceOf(GuardRefusal.class);
    assertThatThrownBy(rows::deleteRow).isInstanceOf(GuardRefusal.class);
    rows.moveToInsertRow();
    rows.updateInt(1, 2);
    assertThatThrownBy(rows::insertRow).isInstanceOf(GuardRefusal.class);
    assertThat(session.answering(RELEASE).value("select string_agg(label, '') from secret"))
        .isEqualTo("LEAK");
  }

  @Test
  void aReadOnlyRowIsRefreshedInPgjdbcsWords() throws SQLException {
    ResultSet rows = session.connection().getMetaData().getSchemas();
    rows.next();
    assertThatThrownBy(rows::refreshRow).hasMessageContaining("CONCUR_READ_ONLY");
  }

  @Test
  void aBatchIsDecidedOnceATextAndRefusedAsAWhole() throws SQLException {
    PreparedStatement prepared =
        session.connection().prepareStatement("update plain set id = id where id = ?");
    for (int i = 0; i < 1_000; i++) {
      prepared.setInt(1, i);
      prepared.addBatch();
    }
    session.guard().decided.clear();
    assertThat(prepared.executeBatch()).hasSize(1_000);
    assertThat(session.guard().decided).containsExactly("update plain set id = id where id = $1");

    session.answering(REFUSE_BEFORE);
    Statement mixed = session.statement();
    mixed.addBatch("update plain set label = 'first'");
    mixed.addBatch("update plain set label = (" + SELECT + ")");
    assertThatThrownBy(mixed::executeBatch).isInstanceOf(GuardRefusal.class);
    assertThat(session.value("select count(*) from plain where label = 'first'")).isEqualTo("0");
    assertThat(mixed.executeBatch()).as("the batch is empty now").isEmpty();
  }

  @Test
  void nothingShowsAndNobodyWaitsWhileTheValidationIsUnderWay() throws Exception {
    Statement statement = session.statement();
    var validating = new CountDownLatch(1);
    var looked = new CountDownLatch(1);
    session.guard().beforeRelease =
        () -> {
          validating.countDown();
          await(looked);
        };
    var executing =
        CompletableFuture.supplyAsync(
            () -> catchThrowable(() -> statement.execute(SELECT)), OWN_THREAD);
    assertThat(validating.await(10, TimeUnit.SECONDS)).isTrue();
    var seen = new ArrayList<Object>();
    CompletableFuture.runAsync(
            () -> {
              try {
                seen.add(statement.getResultSet() == null);
                seen.add(statement.getUpdateCount());
                seen.add(statement.getMoreResults());
                seen.add(statement.getWarnings() == null);
                statement.cancel();
                ((PGConnection) session.connection()).cancelQuery();
                statement.close();
                session.connection().close();
              } catch (SQLException e) {
                seen.add(e);
              }
            },
            OWN_THREAD)
        .get(10, TimeUnit.SECONDS);
    looked.countDown();
    assertThat(seen).containsExactly(true, -1, false, true);
    assertThat(executing).succeedsWithin(Duration.ofSeconds(10));
    assertThat(session.guard().closes).isEqualTo(1);
  }

  @Test
  void theEndOfATransactionIsTold() throws SQLException {
    Connection connection = session.connection();
    connection.setAutoCommit(false);
    connection.commit();
    connection.rollback();
    connection.rollback(connection.setSavepoint());
    connection.rollback();
    connection.setTransactionIsolation(Connection.TRANSACTION_REPEATABLE_READ);
    connection.setAutoCommit(true);
    assertThat(session.guard().transactionsEnded).isEqualTo(6);
  }

  @Test
  void copyInPassesAndReplicationDoesNot() throws Exception {
    PGConnection connection = (PGConnection) session.connection();
    long rows = connection.getCopyAPI().copyIn("copy plain from stdin", new StringReader("9\tx\n"));
    assertThat(rows).isEqualTo(1);
    assertThat(session.guard().decided).contains("copy plain from stdin");
    assertThatThrownBy(() -> connection.getCopyAPI().copyDual("start_replication"))
        .isInstanceOf(GuardRefusal.class);
    assertThatThrownBy(connection::getReplicationAPI)
        .isInstanceOf(UnsupportedOperationException.class)
        .cause()
        .isInstanceOf(GuardRefusal.class);
  }

  @Test
  @SuppressWarnings("deprecation")
  void largeObjectsPass() throws SQLException {
    session.connection().setAutoCommit(false);
    PGConnection connection = (PGConnection) session.connection();
    var objects = connection.getLargeObjectAPI();
    long oid = objects.createLO();
    try (var object = objects.open(oid)) {
      object.write("kept".getBytes(StandardCharsets.UTF_8));
    }
    var fastpath = connection.getFastpathAPI();
    fastpath.addFunctions(
        session
            .statement()
            .executeQuery(
                "select proname, oid from pg_proc where proname = 'lo_get'" + " and pronargs = 1"));
    FastpathArg[] arguments = {new FastpathArg(Math.toIntExact(oid))};
    assertThat(fastpath.getData("lo_get", arguments))
        .asString(StandardCharsets.UTF_8)
        .isEqualTo("kept");
  }

  private ResultSet updatable(String sql) throws SQLException {
    Statement statement =
        session
            .connection()
            .createStatement(ResultSet.TYPE_SCROLL_INSENSITIVE, ResultSet.CONCUR_UPDATABLE);
    ResultSet rows = statement.executeQuery(sql);
    rows.next();
    return rows;
  }

  private static void await(CountDownLatch latch) {
    try {
      assertThat(latch.await(10, TimeUnit.SECONDS)).isTrue();
    } catch (InterruptedException e) {
      throw new AssertionError(e);
    }
  }
}
