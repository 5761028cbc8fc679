package io.guardedjdbc;

import static io.guardedjdbc.CertifiedStore.READ;
import static io.guardedjdbc.CertifiedStore.ids;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.beans.Introspector;
import java.beans.PropertyDescriptor;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.ObjectInputStream;
import java.io.ObjectOutputStream;
import java.sql.Connection;
import java.sql.Driver;
import java.sql.DriverManager;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Objects;
import java.util.Properties;
import javax.naming.Referenceable;
import javax.naming.spi.NamingManager;
import javax.sql.ConnectionEvent;
import javax.sql.ConnectionEventListener;
import javax.sql.PooledConnection;
import javax.sql.XAConnection;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.postgresql.PGConnection;
import org.postgresql.core.BaseConnection;

/** Every door to a guarded connection besides DriverManager. */
@Tag("postgres14")
class DataSourceTest {
  private CertifiedStore store;

  @BeforeEach
  void store() throws SQLException {
    store = new CertifiedStore();
  }

  @AfterEach
  void close() throws SQLException {
    store.close();
  }

  private <T extends PropertiesDataSource> T configured(T source) {
    source.setUrl(store.url());
    source.setProperty(GuardProperty.VALIDATION, "always");
    return source;
  }

  // ---- plain -------------------------------------------------------------------------------

  @Test
  void aDataSourceOpensGuardedConnections() throws SQLException {
    try (Connection connection = configured(new GuardedDataSource()).getConnection()) {
      assertThat(ids(connection, READ)).containsExactly(1, 2, 3);
      assertThat(connection.getClientInfo("guard.certificates")).isEqualTo("ml.store_v=1");
      store.status("FAILED");
      assertThatThrownBy(() -> ids(connection, READ)).hasMessageContaining("[RG101]");
    }
  }

  @Test
  void aPlainUrlIsGuardedAllTheSame() throws SQLException {
    GuardedDataSource source = new GuardedDataSource();
    source.setURL(store.postgres.url(store.database));
    store.status("FAILED");
    try (Connection connection = source.getConnection()) {
      assertThatThrownBy(() -> ids(connection, READ)).hasMessageContaining("[RG101]");
    }
  }

  @Test
  void theUserThatIsSetCountsBeforeTheUrls() throws SQLException {
    store.admin("CREATE ROLE " + store.database + "_reader LOGIN");
    GuardedDataSource source = configured(new GuardedDataSource());
    try (Connection connection =
        source.getConnection(store.database + "_reader", "no password needed")) {
      assertThat(connection.getMetaData().getUserName()).isEqualTo(store.database + "_reader");
    }
    source.setUser(store.database + "_reader");
    try (Connection connection = source.getConnection()) {
      assertThat(connection.getMetaData().getUserName()).isEqualTo(store.database + "_reader");
    }
  }

  @Test
  void propertiesComeByNameDefaultsIncluded() throws SQLException {
    Properties defaults = new Properties();
    defaults.setProperty("ApplicationName", "from defaults");
    Properties given = new Properties(defaults);
    given.setProperty(GuardProperty.MAX_AGE.key(), "soon");
    GuardedDataSource source = configured(new GuardedDataSource());
    source.setProperties(given);
    assertThatThrownBy(source::getConnection).hasMessageContaining("guard.maxAge=soon");
    source.setProperty(GuardProperty.MAX_AGE, "1h");
    source.setLoginTimeout(7);
    assertThat(source.getLoginTimeout()).isEqualTo(7);
    try (Connection connection = source.getConnection()) {
      assertThat(connection.getClientInfo("ApplicationName")).isEqualTo("from defaults");
    }
  }

  @Test
  void theClientInfoOfOneConnectionOpensAnother() throws SQLException {
    GuardedDataSource source = configured(new GuardedDataSource());
    try (Connection first = source.getConnection()) {
      source.setProperties(first.getClientInfo());
      source.getConnection().close();
    }
  }

  @Test
  void withoutUrlTheConnectSaysWhatIsMissing() {
    assertThatThrownBy(() -> new GuardedDataSource().getConnection())
        .hasMessageContaining("jdbc:guarded:postgresql:")
        .hasMessageContaining("[RG901]");
  }

  @Test
  void poolsFindTheUsualBeanProperties() throws Exception {
    for (Class<?> type :
        List.of(
            GuardedDataSource.class,
            GuardedConnectionPoolDataSource.class,
            GuardedXADataSource.class)) {
      List<String> writable =
          Arrays.stream(Introspector.getBeanInfo(type).getPropertyDescriptors())
              .filter(property -> property.getWriteMethod() != null)
              .map(PropertyDescriptor::getName)
              .toList();
      assertThat(writable).contains("url", "URL", "user", "password", "properties", "loginTimeout");
      type.getMethod("setUrl", String.class).invoke(type.getConstructor().newInstance(), "x");
    }
  }

  @Test
  void aDataSourceIsTheSameAfterItWasKeptByANamingServiceOrInAFile() throws Exception {
    GuardedDataSource source = configured(new GuardedDataSource());
    source.setPassword("kept");
    for (GuardedDataSource copy : List.of(named(source), written(source))) {
      assertThat(copy.getReference()).isEqualTo(source.getReference());
      try (Connection connection = copy.getConnection()) {
        assertThat(ids(connection, READ)).hasSize(3);
        assertThat(connection.getClientInfo("guard.certificates")).isEqualTo("ml.store_v=1");
      }
    }
    GuardedConnectionPoolDataSource pooled = new GuardedConnectionPoolDataSource();
    pooled.setDefaultAutoCommit(false);
    assertThat(named(pooled).isDefaultAutoCommit()).isFalse();
    assertThat(named(new GuardedXADataSource()).getUrl()).isNull();
    assertThat(NamingManager.getObjectInstance("another", null, null, null)).isEqualTo("another");
  }

  @SuppressWarnings("unchecked")
  private static <T extends Referenceable> T named(T source) throws Exception {
    return (T) NamingManager.getObjectInstance(source.getReference(), null, null, null);
  }

  private static GuardedDataSource written(GuardedDataSource source) throws Exception {
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    new ObjectOutputStream(bytes).writeObject(source);
    return (GuardedDataSource)
        new ObjectInputStream(new ByteArrayInputStream(bytes.toByteArray())).readObject();
  }

  // ---- pooled ------------------------------------------------------------------------------

  private static final class Events implements ConnectionEventListener {
    final List<ConnectionEvent> closed = new ArrayList<>();
    final List<ConnectionEvent> errors = new ArrayList<>();

    @Override
    public void connectionClosed(ConnectionEvent event) {
      closed.add(event);
    }

    @Override
    public void connectionErrorOccurred(ConnectionEvent event) {
      errors.add(event);
    }
  }

  @Test
  void aPooledConnectionComesBackWhenItsHandleIsClosed() throws SQLException {
    PooledConnection pooled =
        configured(new GuardedConnectionPoolDataSource()).getPooledConnection();
    Events events = new Events();
    pooled.addConnectionEventListener(events);
    Connection first = pooled.getConnection();
    assertThat(ids(first, READ)).hasSize(3);
    first.close();
    assertThat(events.closed)
        .singleElement()
        .extracting(ConnectionEvent::getSource)
        .isSameAs(pooled);
    assertThatThrownBy(first::createStatement).isInstanceOf(SQLException.class);

    Connection second = pooled.getConnection();
    store.status("FAILED");
    assertThatThrownBy(() -> ids(second, READ)).hasMessageContaining("[RG101]");
    assertThat(events.errors).isEmpty();
    pooled.close();
  }

  @Test
  void aHandleHidesPgjdbcsInsides() throws SQLException {
    PooledConnection pooled =
        configured(new GuardedConnectionPoolDataSource()).getPooledConnection();
    hidesInsides(pooled.getConnection());
    pooled.close();
    XAConnection distributed = configured(new GuardedXADataSource()).getXAConnection();
    hidesInsides(distributed.getConnection());
    distributed.close();
  }

  private void hidesInsides(Connection handle) throws SQLException {
    assertThat(handle).isInstanceOf(PGConnection.class).isNotInstanceOf(BaseConnection.class);
    assertThatThrownBy(() -> handle.unwrap(BaseConnection.class)).hasMessageContaining("[RG203]");
    assertThatThrownBy(
            () -> ((PGConnection) handle).getCopyAPI().copyOut("COPY ml.store_mv TO STDOUT"))
        .hasMessageContaining("[RG201]");
    try (Statement statement = handle.createStatement()) {
      assertThatThrownBy(() -> statement.getConnection().unwrap(BaseConnection.class))
          .hasMessageContaining("[RG203]");
    }
  }

  // ---- the driver for plain URLs -------------------------------------------------------------

  @Test
  void thePlainUrlDriverGuardsPgjdbcsUrlsAndNoOthers() throws SQLException {
    Driver driver = new GuardedPlainUrlDriver();
    store.status("FAILED");
    try (Connection connection =
        Objects.requireNonNull(
            driver.connect(
                store.postgres.url(store.database) + "&guard.maxAge=1h", new Properties()))) {
      assertThatThrownBy(() -> ids(connection, READ)).hasMessageContaining("[RG101]");
    }
    assertThat(driver.connect(store.url(), new Properties())).isNull();
    assertThat(driver.getPropertyInfo(store.postgres.url(store.database), null))
        .extracting(property -> property.name)
        .contains("guard.maxAge", "sslmode");
  }

  @Test
  void thePlainUrlDriverIsNotRegistered() throws SQLException {
    assertThat(new GuardedPlainUrlDriver().acceptsURL("jdbc:postgresql:x")).isTrue();
    assertThat(DriverManager.drivers()).noneMatch(GuardedPlainUrlDriver.class::isInstance);
    assertThat(DriverManager.getDriver(store.postgres.url(store.database)))
        .isInstanceOf(org.postgresql.Driver.class);
  }
}
