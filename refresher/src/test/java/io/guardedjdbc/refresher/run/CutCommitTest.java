package io.guardedjdbc.refresher.run;

import static org.assertj.core.api.Assertions.assertThat;

import io.guardedjdbc.refresher.plan.PublishMode;
import io.guardedjdbc.refresher.testing.Shop;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/**
 * A network that breaks at COMMIT: before it reached the server, or after, with its answer lost.
 */
class CutCommitTest {
  private final Shop shop = Shop.withBriefLeases();
  private final Trial trial = new Trial(shop);
  private final ExecutorService pumps = Executors.newCachedThreadPool();
  private final ServerSocket door = new ServerSocket(0, 50, InetAddress.getLoopbackAddress());
  private final AtomicInteger commits = new AtomicInteger();
  private boolean reachesTheServer;
  private int cutAt;

  CutCommitTest() throws IOException, SQLException {}

  @AfterEach
  void close() throws IOException {
    door.close();
    pumps.shutdownNow();
  }

  /** An atomic run has one commit; a staged one closes, does three steps, and publishes. */
  @ParameterizedTest
  @CsvSource({
    "ATOMIC, 1, true, CERTIFIED",
    "ATOMIC, 1, false, ERROR",
    "STAGED, 1, true, ERROR",
    "STAGED, 1, false, ERROR",
    "STAGED, 3, true, ERROR",
    "STAGED, 5, true, CERTIFIED"
  })
  void theServerIsAskedWhetherItCommitted(
      PublishMode mode, int commit, boolean arrives, RunResult.Outcome outcome) throws Exception {
    reachesTheServer = arrives;
    cutAt = commit;
    pumps.execute(this::listen);
    String url = shop.url().replaceFirst(":\\d+/", ":" + door.getLocalPort() + "/");
    trial.endure(
        mode,
        mode + " cut at commit " + commit + (arrives ? ", answer lost" : ", never sent"),
        PublishMode.ATOMIC,
        () -> {
          RunResult result =
              Trial.cycle(Trial.connector(url, -1, point -> {}), mode, new ArrayList<>())
                  .run(io.guardedjdbc.refresher.config.StoreArgument.of("shop"));
          assertThat(result.outcome()).as(result.toString()).isEqualTo(outcome);
          assertThat(result.certificates().isEmpty())
              .isEqualTo(outcome != RunResult.Outcome.CERTIFIED);
          assertThat(commits.get()).isGreaterThanOrEqualTo(commit);
        });
  }

  private void listen() {
    int port = URI.create(shop.url().substring("jdbc:".length())).getPort();
    try {
      while (true) {
        Socket client = door.accept();
        Socket server = new Socket(InetAddress.getLoopbackAddress(), port);
        pumps.execute(() -> pump(client, server, true));
        pumps.execute(() -> pump(server, client, false));
      }
    } catch (IOException e) {
      // closed: the test is over
    }
  }

  /** The client's first COMMIT and each of the server's answers carry the word. */
  private void pump(Socket from, Socket to, boolean sends) {
    byte[] buffer = new byte[65_536];
    try (from;
        to) {
      InputStream in = from.getInputStream();
      OutputStream out = to.getOutputStream();
      for (int n = in.read(buffer); n >= 0; n = in.read(buffer)) {
        if (sends != reachesTheServer
            && new String(buffer, 0, n, StandardCharsets.ISO_8859_1).contains("COMMIT\0")
            && commits.incrementAndGet() == cutAt) {
          return;
        }
        out.write(buffer, 0, n);
        out.flush();
      }
    } catch (IOException e) {
      // the other half has closed it
    }
  }
}
