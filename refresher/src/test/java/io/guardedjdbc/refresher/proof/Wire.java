package io.guardedjdbc.refresher.proof;

import java.io.Closeable;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;

/**
 * A way to a server over this machine's loopback on which bytes can be made to wait, or to get
 * lost.
 */
final class Wire implements Closeable {
  private final int target;
  private final ServerSocket listener;
  private final Set<Socket> sockets = ConcurrentHashMap.newKeySet();
  private volatile long delayMillis;
  private volatile boolean answersHeld;

  Wire(int target) throws IOException {
    this.target = target;
    this.listener = new ServerSocket(0, 200, InetAddress.getLoopbackAddress());
    start(this::accept);
  }

  int port() {
    return listener.getLocalPort();
  }

  /** Each piece that the server sends comes so much later. */
  void delay(long millis) {
    delayMillis = millis;
  }

  /** What the server answers waits here, an acknowledged commit too, until it is let go or cut. */
  void holdAnswers(boolean held) {
    answersHeld = held;
  }

  /** All connections end; what was held is lost. */
  void cut() {
    for (Socket socket : sockets) {
      close(socket);
    }
    sockets.clear();
  }

  private void accept() {
    while (!listener.isClosed()) {
      try {
        Socket client = listener.accept();
        Socket server = new Socket(InetAddress.getLoopbackAddress(), target);
        sockets.add(client);
        sockets.add(server);
        client.setTcpNoDelay(true);
        server.setTcpNoDelay(true);
        start(() -> pump(client, server, false));
        start(() -> pump(server, client, true));
      } catch (IOException e) {
        Moments.pause(5); // The server is down, or this wire is closed.
      }
    }
  }

  private void pump(Socket from, Socket to, boolean answers) {
    byte[] bytes = new byte[8192];
    try (InputStream in = from.getInputStream();
        OutputStream out = to.getOutputStream()) {
      for (int n = in.read(bytes); n >= 0; n = in.read(bytes)) {
        if (answers && delayMillis > 0) {
          Moments.pause(delayMillis);
        }
        while (answers && answersHeld && !from.isClosed()) {
          Moments.pause(2);
        }
        out.write(bytes, 0, n);
        out.flush();
      }
    } catch (IOException e) {
      // Cut: both ends will see it.
    } finally {
      close(from);
      close(to);
      sockets.remove(from);
      sockets.remove(to);
    }
  }

  private static void close(Socket socket) {
    try {
      socket.close();
    } catch (IOException e) {
      // It is gone either way.
    }
  }

  private static void start(Runnable work) {
    Thread thread = new Thread(work, "proof wire");
    thread.setDaemon(true);
    thread.start();
  }

  @Override
  public void close() throws IOException {
    listener.close();
    cut();
  }
}
