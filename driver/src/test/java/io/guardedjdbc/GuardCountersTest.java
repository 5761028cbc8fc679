package io.guardedjdbc;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.lang.management.ManagementFactory;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.Objects;
import java.util.Properties;
import javax.management.ObjectName;
import org.junit.jupiter.api.Test;

class GuardCountersTest {
  private final GuardCountersMXBean counters = GuardCounters.ofThisJvm();

  @Test
  void countWhatTheGuardDid() throws Exception {
    GuardCounters.register();
    GuardCounters.register();
    long released = counters.getReleased();
    long looks = counters.getLooks();
    long loads = counters.getMapLoads();
    long sides = counters.getSideConnections();
    long failed = refused("RG101");
    try (CertifiedStore store = new CertifiedStore()) {
      try (Connection connection = connect(store.url())) {
        CertifiedStore.ids(connection, CertifiedStore.READ);
        CertifiedStore.ids(connection, CertifiedStore.READ);
        CertifiedStore.ids(connection, "SELECT 1");
        assertThat(counters.getReleased() - released).isEqualTo(2);
        assertThat(counters.getLooks() - looks).as("one lease").isEqualTo(1);
        assertThat(counters.getMapLoads() - loads).isEqualTo(1);
        assertThat(counters.getSideConnections() - sides).isEqualTo(1);
      }
      store.status("FAILED");
      try (Connection connection = connect(store.url())) {
        assertThatThrownBy(() -> CertifiedStore.ids(connection, CertifiedStore.READ))
            .hasMessageContaining("[RG101]");
      }
    }
    assertThat(counters.getReleased() - released).as("kept after close").isEqualTo(2);
    assertThat(refused("RG101") - failed).isEqualTo(1);
    assertThat(
            ManagementFactory.getPlatformMBeanServer()
                .getAttribute(new ObjectName(GuardCounters.OBJECT_NAME), "Released"))
        .isEqualTo(counters.getReleased());
  }

  @Test
  void whoConnectsForEachReadLoadsNoMapAnew() throws SQLException {
    try (CertifiedStore store = new CertifiedStore()) {
      long loads = counters.getMapLoads();
      long reruns = counters.getReruns();
      for (int i = 0; i < 3; i++) {
        try (Connection connection = connect(store.url())) {
          assertThat(CertifiedStore.ids(connection, CertifiedStore.READ)).hasSize(3);
        }
      }
      assertThat(counters.getMapLoads() - loads).isEqualTo(1);
      store.admin("CREATE VIEW ml.peek AS SELECT id FROM ml.store_v");
      store.status("REFRESHING");
      try (Connection connection = connect(store.url())) {
        assertThatThrownBy(() -> CertifiedStore.ids(connection, "SELECT id FROM ml.peek"))
            .hasMessageContaining("[RG002]");
      }
      assertThat(counters.getMapLoads() - loads).as("defined meanwhile").isEqualTo(2);
      assertThat(counters.getReruns() - reruns).as("nothing was sent").isZero();
    }
  }

  private long refused(String state) {
    return counters.getRefused().getOrDefault(state, 0L);
  }

  private static Connection connect(String url) throws SQLException {
    return Objects.requireNonNull(new GuardedDriver().connect(url, new Properties()));
  }
}
