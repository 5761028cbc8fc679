package io.guardedjdbc;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.sql.Connection;
import java.sql.Driver;
import java.sql.SQLException;
import java.util.List;
import java.util.Properties;
import java.util.concurrent.CopyOnWriteArrayList;
import org.junit.jupiter.api.Test;

/** What a client says to the server, byte by byte, through a proxy on loopback. */
class ConnectOnTheWireTest {

  @Test
  void aGuardedConnectionThatReadsNothingGuardedSaysExactlyWhatPgjdbcSays() throws Exception {
    try (CertifiedStore store = new CertifiedStore();
        Tap tap = new Tap(store.postgres.port())) {
      String server = "postgresql://localhost:" + tap.port() + "/" + store.database;
      try (Connection first = open(new GuardedDriver(), "jdbc:guarded:" + server)) {
        CertifiedStore.ids(first, CertifiedStore.READ);
        assertThat(tap.said.get(1).toString(StandardCharsets.ISO_8859_1))
            .as("the side connection")
            .contains("guarded-jdbc registry");

        read(new org.postgresql.Driver(), "jdbc:" + server);
        read(new GuardedDriver(), "jdbc:guarded:" + server);
        assertThat(tap.said).hasSize(4);
        assertThat(tap.ended(3)).isEqualTo(tap.ended(2));
      }
    }
  }

  private static void read(Driver driver, String url) throws SQLException {
    try (Connection connection = open(driver, url)) {
      CertifiedStore.ids(connection, "SELECT id FROM ml.labels");
    }
  }

  private static Connection open(Driver driver, String url) throws SQLException {
    Properties properties = new Properties();
    properties.setProperty("user", "postgres");
    return driver.connect(url, properties);
  }

  /** Keeps what each client says, in the order in which they came. */
  private static final class Tap implements AutoCloseable {
    final List<ByteArrayOutputStream> said = new CopyOnWriteArrayList<>();
    private final List<Thread> clients = new CopyOnWriteArrayList<>();
    private final ServerSocket door = new ServerSocket(0, 50, InetAddress.getByName("localhost"));
    private final int server;

    Tap(int server) throws IOException {
      this.server = server;
      start(this::accept);
    }

    int port() {
      return door.getLocalPort();
    }

    /** All that one client said until it closed its connection. */
    byte[] ended(int client) throws InterruptedException {
      clients.get(client).join();
      return said.get(client).toByteArray();
    }

    private void accept() throws IOException {
      while (!door.isClosed()) {
        Socket client = door.accept();
        Socket behind = new Socket(InetAddress.getByName("localhost"), server);
        ByteArrayOutputStream heard = new ByteArrayOutputStream();
        clients.add(
            start(
                () -> {
                  copy(client, behind, heard);
                  behind.close();
                }));
        said.add(heard);
        start(() -> copy(behind, client, OutputStream.nullOutputStream()));
      }
    }

    private static void copy(Socket from, Socket to, OutputStream also) throws IOException {
      InputStream in = from.getInputStream();
      byte[] buffer = new byte[8192];
      for (int read = in.read(buffer); read >= 0; read = in.read(buffer)) {
        also.write(buffer, 0, read);
        to.getOutputStream().write(buffer, 0, read);
      }
    }

    private interface Work {
      void run() throws IOException;
    }

    private static Thread start(Work work) {
      Thread thread =
          new Thread(
              () -> {
                try {
                  work.run();
                } catch (IOException e) {
                  // The other side has closed.
                }
              },
              "tap");
      thread.setDaemon(true);
      thread.start();
      return thread;
    }

    @Override
    public void close() throws IOException {
      door.close();
    }
  }
}
