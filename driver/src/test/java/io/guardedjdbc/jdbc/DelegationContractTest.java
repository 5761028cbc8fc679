package io.guardedjdbc.jdbc;

import static org.assertj.core.api.Assertions.assertThat;

import java.sql.Array;
import java.sql.CallableStatement;
import java.sql.Connection;
import java.sql.DatabaseMetaData;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.List;
import java.util.Set;
import java.util.function.Function;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.postgresql.PGConnection;
import org.postgresql.PGRefCursorResultSet;
import org.postgresql.PGStatement;

/** Every method of every interface on the running JDK, against a recording delegate. */
class DelegationContractTest {
  private static final FakeGuard GUARD = new FakeGuard();
  private static final SentText VERBATIM = new VerbatimText();
  private static final FakeGuard.Facts FACTS = new FakeGuard.Facts("select 1", false, true);

  /** Sends SQL: decided on, then forwarded. */
  private static final Set<String> EXECUTE =
      Set.of(
          "execute",
          "executeQuery",
          "executeUpdate",
          "executeLargeUpdate",
          "executeBatch",
          "executeLargeBatch");

  private static final Set<String> UNWRAP = Set.of("unwrap", "isWrapperFor");

  static Stream<Case> facades() {
    return Stream.of(
        facade(
            "connection",
            80,
            List.of(Connection.class, PGConnection.class),
            delegate -> new GuardedConnection((Connection) delegate, GUARD, VERBATIM),
            Set.of(),
            plus(UNWRAP, "getCopyAPI", "getFastpathAPI", "getReplicationAPI", "getClientInfo")),
        facade(
            "metadata",
            176,
            List.of(DatabaseMetaData.class),
            delegate -> new GuardedDatabaseMetaData(connection(), (DatabaseMetaData) delegate),
            Set.of(),
            plus(UNWRAP, "getConnection")),
        facade(
            "statement",
            60,
            List.of(Statement.class, PGStatement.class),
            delegate -> new GuardedStatement(connection(), (Statement) delegate),
            EXECUTE,
            plus(UNWRAP, "getConnection")),
        facade(
            "prepared statement",
            118,
            List.of(PreparedStatement.class, PGStatement.class),
            delegate ->
                new GuardedPreparedStatement(connection(), FACTS, (PreparedStatement) delegate),
            plus(EXECUTE, "getMetaData", "getParameterMetaData"),
            plus(UNWRAP, "getConnection")),
        facade(
            "callable statement",
            239,
            List.of(CallableStatement.class, PGStatement.class),
            delegate ->
                new GuardedCallableStatement(connection(), FACTS, (CallableStatement) delegate),
            plus(EXECUTE, "getMetaData", "getParameterMetaData"),
            plus(UNWRAP, "getConnection")),
        facade(
            "result set",
            193,
            List.of(ResultSet.class, PGRefCursorResultSet.class),
            delegate -> rows((ResultSet) delegate),
            Set.of("getObject", "refreshRow", "insertRow", "updateRow", "deleteRow"),
            plus(UNWRAP, "getStatement")),
        facade(
            "array",
            11,
            List.of(Array.class),
            delegate -> new GuardedArray(connection(), (Array) delegate),
            Set.of(),
            Set.of()));
  }

  @ParameterizedTest
  @MethodSource("facades")
  void everyMethodOfTheRunningJdkArrivesAtTheDelegate(Case facade) {
    assertThat(facade.contract().breaches()).isEmpty();
    assertThat(facade.contract().driven()).isGreaterThanOrEqualTo(facade.atLeast());
    assertThat(facade.contract().stale()).isEmpty();
  }

  @Test
  void aMethodOfAFutureJdkIsReported() {
    var contract =
        new DelegationContract(
            List.of(StatementOfTomorrow.class),
            delegate -> new TomorrowsStatement((Statement) delegate),
            EXECUTE,
            plus(UNWRAP, "getConnection"));
    assertThat(contract.breaches())
        .containsExactly(
            "StatementOfTomorrow.executeSoon[String] is unknown to the generator: raise its release, or"
                + " guard it by hand");
  }

  @Test
  void aMethodOfAFutureJdkGoesThroughTheFacadesOwnMethods() throws SQLException {
    var guard = new FakeGuard("secret");
    guard.answer = FakeGuard.Answer.REFUSE_BEFORE;
    var recording = new Recording();
    recording.answers.put("getMoreResults[int]", false);
    recording.answers.put("getUpdateCount[]", -1);
    var connection =
        new GuardedConnection((Connection) new Recording().as(Connection.class), guard, VERBATIM);
    var statement =
        new TomorrowsStatement(connection, (Statement) recording.as(StatementOfTomorrow.class));
    org.assertj.core.api.Assertions.assertThatThrownBy(
            () -> statement.executeSoon("select * from secret"))
        .hasMessageContaining("Read refused");
    assertThat(recording.calls)
        .extracting(Recording.Call::signature)
        .noneMatch(call -> call.startsWith("execute"));
  }

  @Test
  void arraysOfOursGoInAsPgjdbcsOwn() throws SQLException {
    var recording = new Recording();
    Array raw = (Array) new Recording().as(Array.class);
    var statement =
        new GuardedPreparedStatement(
            connection(), FACTS, (PreparedStatement) recording.as(PreparedStatement.class));
    var ours = new GuardedArray(connection(), raw);
    statement.setArray(1, ours);
    statement.setObject(2, ours);
    var rows = rows((ResultSet) recording.as(ResultSet.class));
    rows.updateArray(3, ours);
    rows.updateObject("x", ours);
    assertThat(recording.calls).hasSize(4);
    assertThat(recording.calls)
        .allSatisfy(call -> assertThat(call.arguments().get(1) == raw).isTrue());
  }

  private static Case facade(
      String name,
      int atLeast,
      List<Class<?>> interfaces,
      Function<Object, Object> facade,
      Set<String> decided,
      Set<String> ours) {
    return new Case(name, atLeast, new DelegationContract(interfaces, facade, decided, ours));
  }

  private static Set<String> plus(Set<String> some, String... more) {
    return Stream.concat(some.stream(), Stream.of(more))
        .collect(java.util.stream.Collectors.toUnmodifiableSet());
  }

  private static GuardedConnection connection() {
    return new GuardedConnection(
        (Connection) new Recording().as(Connection.class, PGConnection.class), GUARD, VERBATIM);
  }

  private static GuardedResultSet rows(ResultSet delegate) {
    return new GuardedResultSet(connection(), null, delegate, FACTS, io.guardedjdbc.Lineage.NONE);
  }

  /** One facade, with the number of methods that JDK 17 has for it. */
  record Case(String name, int atLeast, DelegationContract contract) {
    @Override
    public String toString() {
      return name;
    }
  }

  /** As a later JDK may have it. */
  interface StatementOfTomorrow extends Statement, PGStatement {
    default ResultSet executeSoon(String sql) throws SQLException {
      return executeQuery(sql);
    }
  }

  private static final class TomorrowsStatement extends GuardedStatement
      implements StatementOfTomorrow {
    TomorrowsStatement(Statement delegate) {
      this(connection(), delegate);
    }

    TomorrowsStatement(GuardedConnection connection, Statement delegate) {
      super(connection, delegate);
    }
  }
}
